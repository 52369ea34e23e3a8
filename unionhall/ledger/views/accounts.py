"""账目: the trial balance of a month, and closing it."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Page
from unionhall.kit.money import yuan
from unionhall.organisations.models import Organisation

from .. import actions, presenting
from ..actions.months import first_open_month
from ..forms import AccountsFilter, MonthForm
from ..models import MonthClose
from ..models.accounts import ZERO
from ..reading import next_month, trial_balance
from .batches import places


class Accounts(Page):
    """/desk/payments/accounts/: opening, debit, credit and closing of every account of a union in a month."""

    permission = "ledger.view"
    template_name = "ledger/accounts.html"

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        return places(self.access, self.permission)

    def context(self) -> dict[str, Any]:
        form = AccountsFilter(self.request.GET or None, places=self.places)
        form.is_valid()
        chosen = getattr(form, "cleaned_data", {})
        month = chosen.get("month") or timezone.localdate().replace(day=1)
        found = {
            "tabs": presenting.tabs("desk_books", self.access),
            "filter_form": form,
            "month": month,
        }
        code = chosen.get("organisation") or (self.places[0][0] if self.places else "")
        union = (
            Organisation.objects.all().visible_to(self.access, to=self.permission).filter(code=code).first()
        )
        return found | (self._of(union, month) if union is not None else {})

    def _of(self, union: Organisation, month: Any) -> dict[str, Any]:
        lines = trial_balance(union, month)
        closed = MonthClose.objects.everywhere(reason="a month of a union that the reader may open")
        due = first_open_month(union)
        ended = due is not None and next_month(due) <= timezone.localdate()
        return {
            "union": union,
            "lines": lines,
            "debit": sum((line.debit for line in lines), ZERO),
            "credit": sum((line.credit for line in lines), ZERO),
            "balanced": sum((line.closing for line in lines), ZERO) == 0,
            "closed": closed.filter(organisation=union, month=month).first(),
            "due": due if ended and self.actor.may("ledger.budget", *union.paths) else None,
        }


class CloseMonth(Act):
    """/desk/payments/accounts/<code>/close/: the oldest month that is still open."""

    model = Organisation
    slug_field = "code"
    permission = "ledger.budget"
    template_name = "ledger/act.html"
    form_class = MonthForm
    success_message = "已月结：{result}。"

    @cached_property
    def due(self) -> Any:
        found = first_open_month(self.object)
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return Organisation.objects.all().visible_to(self.access, to=self.permission)

    def get_initial(self) -> dict[str, Any]:
        return {"month": self.due}

    def act(self, form: MonthForm) -> MonthClose:
        return actions.close_month(self.actor, organisation=self.object, month=form.cleaned_data["month"])

    def get_success_url(self) -> str:
        return f"{reverse('desk_books')}?organisation={self.object.code}&month={self.due:%Y-%m}"

    def context(self) -> dict[str, Any]:
        lines = trial_balance(self.object, self.due)
        debit = sum((line.debit for line in lines), ZERO)
        return {
            "heading": f"月结 {self.due:%Y 年 %m 月}",
            "submit": "月结",
            "warning": "月结后这个月不能再记账，更正在以后的月份冲销。月结前会核对全部账目。",
            "lead": f"{self.object.name}：本月发生 {yuan(debit)} 元。",
            "back": reverse("desk_books"),
            "list_url": reverse("desk_books"),
            "list_label": "账目",
        }
