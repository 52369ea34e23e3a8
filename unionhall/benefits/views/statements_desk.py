"""Monthly statements at the desk: made for all merchants at once, answered, confirmed and so made due."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.kit.periods import months_after
from unionhall.records.actions import journal

from ..actions import settling
from ..forms.member_services import MonthForm, WordsForm
from ..models import Merchant, Reconciliation
from .services_desk import VIEW, tabs
from .statements import TONES, details, export

SETTLE = "benefits.services_settle"


class Statements(List):
    """/desk/services/statements/: what waits for the union first comes with its state in words."""

    model = Reconciliation
    permission = VIEW
    template_name = "benefits/desk/statements.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("merchant__organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"row": one, "tone": TONES[one.state]} for one in rows]

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        return {
            "tabs": tabs("desk_statements", self.access),
            "may_settle": bool(self.access.prefixes(SETTLE)),
            "form": MonthForm(initial={"month": f"{months_after(today.replace(day=1), -1):%Y-%m}"}),
        }


class MakeStatements(Create):
    """/desk/services/statements/make/: for every merchant in the actor's area that has something to settle."""

    model = Merchant
    permission = SETTLE
    template_name = "benefits/desk/form.html"
    form_class = MonthForm

    def act(self, form: MonthForm) -> list[Reconciliation]:
        month, made = form.cleaned_data["month"], []
        rows = self.get_queryset().select_related("organisation").filter(redemptions__reconciliation=None)
        rows = (
            rows.filter(redemptions__isnull=False)
            .exclude(reconciliations__month=month)
            .distinct()
            .order_by("pk")
        )
        for one in rows[:500]:
            try:
                made.append(settling.make_reconciliation(self.actor, merchant=one, month=month))
            except Refused as refusal:
                if refusal.field == "month" and "还没有过完" in str(refusal):
                    raise
        return made

    def done(self) -> HttpResponseBase:
        if self.result:
            messages.success(self.request, f"已生成 {len(self.result)} 张对账单，等商户确认。")
        else:
            messages.info(self.request, "没有要对账的核销，或者这个月的对账单已经生成。")
        return redirect("desk_statements")

    def context(self) -> dict[str, Any]:
        return {
            "heading": "生成对账单", "submit": "生成", "back": reverse("desk_statements"),
            "tabs": tabs("desk_statements", self.access), "list_label": "对账单",
            "list_url": reverse("desk_statements"),
        }  # fmt: skip


class _OnStatement(Act):
    model = Reconciliation
    permission = SETTLE
    template_name = "benefits/desk/form.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation", "payment")

    def get_success_url(self) -> str:
        return reverse("desk_statement", args=[self.object.pk])


class StatementPage(Detail):
    """/desk/services/statements/<pk>/."""

    model = Reconciliation
    permission = VIEW
    template_name = "benefits/desk/statement.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation", "merchant__payee", "payment")

    def context(self) -> dict[str, Any]:
        paths = self.object.merchant.organisation.paths
        may_pay = self.actor.may("ledger.payments", *paths)
        return details(self.object) | {
            "tabs": tabs("desk_statements", self.access), "may_settle": self.actor.may(SETTLE, *paths),
            "may_pay": may_pay,
        }  # fmt: skip


class StatementFile(StatementPage):
    """Every redemption of it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found: Reconciliation = self.object
        journal(
            self.actor, "benefits.statement_exported", subject=found, paths=found.merchant.organisation.paths
        )
        return export(found)


class AnswerStatement(_OnStatement):
    """/desk/services/statements/<pk>/answer/: to the merchant's objection."""

    form_class = WordsForm
    success_message = "已答复，等商户再次确认。"

    def act(self, form: WordsForm) -> Reconciliation:
        return settling.answer(self.actor, reconciliation=self.object, words=form.cleaned_data["words"])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "答复商户异议", "submit": "答复", "back": self.get_success_url(),
            "lead": f"商户说：{self.object.words}", "tabs": tabs("desk_statements", self.access),
            "list_label": "对账单", "list_url": reverse("desk_statements"),
        }  # fmt: skip


class ConfirmStatement(_OnStatement):
    """/desk/services/statements/<pk>/confirm/: what the union owes comes due."""

    success_message = "已确认。工会还应付的部分已列入应付。"

    def act(self, form: Any) -> Reconciliation:
        return settling.confirm(self.actor, reconciliation=self.object)

    def context(self) -> dict[str, Any]:
        one: Reconciliation = self.object
        return {
            "heading": "确认对账单", "submit": "确认", "back": self.get_success_url(),
            "warning": f"{one.merchant.name} {one.month:%Y-%m}：核销 {one.count} 次，工会应付 {one.amount} 元。"
            "确认后列入应付，不能撤回。",
            "tabs": tabs("desk_statements", self.access), "list_label": "对账单",
            "list_url": reverse("desk_statements"),
        }  # fmt: skip
