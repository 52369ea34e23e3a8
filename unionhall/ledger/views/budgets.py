"""预算: what there is, what is bound, who waits."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.kit.masking import mask_name
from unionhall.kit.money import yuan
from unionhall.organisations.models import Organisation

from .. import actions, presenting
from ..forms import BudgetForm, ChangeBudgetForm
from ..models import Budget, Commitment
from ..reading import BudgetState, budget_state, budget_states

IN_LINE = 50


class Budgets(List):
    """/desk/payments/budgets/: this year's first."""

    model = Budget
    permission = "ledger.view"
    template_name = "ledger/budgets.html"

    def filtered(self) -> ScopedQuerySet[Budget]:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        states = budget_states(rows)
        return [{"budget": one, "state": states[one.pk], "percent": used(states[one.pk])} for one in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            tabs=presenting.tabs("desk_budgets", self.access),
            may_open=bool(self.access.prefixes("ledger.budget")),
            **kwargs,
        )


def used(state: BudgetState) -> str:
    """How much of a budget is bound or spent."""
    return share(state.used, state.amount)


def share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


class BudgetPage(Detail):
    """/desk/payments/budgets/<pk>/: the accounts, and the line in its order."""

    model = Budget
    permission = "ledger.view"
    template_name = "ledger/budget.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        budget: Budget = self.object
        state = budget_state(budget)
        rows = Commitment.objects.everywhere(reason="who waits for a budget that the reader may open")
        line = rows.filter(budget=budget).in_line().select_related("person")[:IN_LINE]
        behind = f"{reverse('desk_payments')}?budget={budget.pk}"
        open_list = behind if self.access.prefixes("ledger.payments") else ""
        names = (("可用", state.available, ""), ("已占用", state.committed, ""), ("应付", state.payable, open_list),
                 ("已付", state.paid, open_list), ("应收回", state.recoverable, ""))  # fmt: skip
        accounts = [
            {"label": label, "amount": sum_, "share": share(sum_, state.amount), "url": url}
            for label, sum_, url in names
        ]
        waiting = [
            {
                "place": place, "who": mask_name(one.person.name) if one.person is not None else "—",
                "amount": one.amount, "at": one.submitted_at, "key": one.key,
            }
            for place, one in enumerate(line, start=1)
        ]  # fmt: skip
        return {
            "state": state,
            "percent": used(state),
            "accounts": accounts,
            "waiting": waiting,
            "may_change": self.actor.may("ledger.budget", *budget.organisation.paths),
        }


class OpenBudget(Create):
    """/desk/payments/budgets/new/."""

    model = Budget
    permission = "ledger.budget"
    template_name = "ledger/act.html"
    form_class = BudgetForm
    success_message = "已设立预算：{result}。"

    def get_initial(self) -> dict[str, Any]:
        """The union at which the reader keeps money, if it is one."""
        held = self.access.prefixes(self.permission)
        own = Organisation.objects.all().visible_to(self.access, to=self.permission).filter(path__in=held)
        codes = list(own.values_list("code", flat=True)[:2])
        return {"organisation": codes[0]} if len(codes) == 1 else {}

    def act(self, form: BudgetForm) -> Budget:
        given = form.cleaned_data
        return actions.open_budget(
            self.actor, organisation=given["organisation"], programme=given["programme"], year=given["year"],
            amount=given["amount"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_budget", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "设立预算",
            "submit": "设立预算",
            "lead": "一个单位的一个方案，每个年度设一笔预算；以后可以调整。",
            "back": reverse("desk_budgets"),
            "list_url": reverse("desk_budgets"),
            "list_label": "预算",
        }


class ChangeBudget(Act):
    """/desk/payments/budgets/<pk>/change/."""

    model = Budget
    permission = "ledger.budget"
    template_name = "ledger/act.html"
    form_class = ChangeBudgetForm
    success_message = "预算已调整，增加的部分先给排队的人。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.object.amount}

    def act(self, form: ChangeBudgetForm) -> Budget:
        given = form.cleaned_data
        return actions.change_budget(
            self.actor, budget=self.object, amount=given["amount"], reason=given["reason"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_budget", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        state = budget_state(self.object)
        return {
            "heading": "调整预算",
            "submit": "调整预算",
            "lead": f"{self.object}：现为 {yuan(state.amount)} 元，已占用和支付 {yuan(state.used)} 元。",
            "back": self.get_success_url(),
            "list_url": reverse("desk_budgets"),
            "list_label": "预算",
        }
