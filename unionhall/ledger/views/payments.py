"""付款: the list, a payment with the arithmetic of its decision, and what can be done about it."""

from typing import Any, cast

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List
from unionhall.kit.masking import mask_name
from unionhall.members.models.persons import name_q

from .. import actions, presenting
from ..actions.paying import is_others
from ..forms import PaymentFilter, ReasonForm, RetryForm, SettleForm
from ..models import Payment, Recovery
from ..purposes import purpose, title_of
from ..rules import read_reference

State = Payment.State


class Payments(List):
    """/desk/payments/, latest first."""

    model = Payment
    permission = "ledger.payments"
    template_name = "ledger/payments.html"
    filter_form = PaymentFilter

    def filtered(self) -> ScopedQuerySet[Payment]:
        rows = self.get_queryset()
        for name in ("state", "purpose", "budget"):
            if name in self.chosen:
                rows = rows.filter(**{name: self.chosen[name]})
        if text := self.chosen.get("q"):
            number = read_reference(text.upper())
            rows = rows.filter(Q(pk=number) if number is not None else name_q(text, "person__"))
        return rows

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("person", "payee", "budget__organisation")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "payment": one,
                "who": shown_name(self, one),
                "purpose": title_of(one.purpose),
                "tone": presenting.TONES[one.state],
            }
            for one in rows
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tabs=presenting.tabs("desk_payments", self.access), **kwargs)


def shown_name(view: Any, payment: Payment) -> str:
    """Whole for who may see the register there, else masked; a firm's name is its own."""
    if payment.person is None:
        return payment.payee.holder if payment.payee is not None else "—"
    whole = view.actor.may("members.view", payment.path)
    return payment.person.name if whole else mask_name(payment.person.name)


class PaymentPage(Detail):
    """/desk/payments/<pk>/: who, how much, why, where it stands, every entry."""

    model = Payment
    permission = "ledger.payments"
    template_name = "ledger/payment.html"
    offer_place = "payment.detail"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("person", "payee", "budget__organisation", "batch", "root", "commitment")
        )

    def context(self) -> dict[str, Any]:
        payment: Payment = self.object
        paths = payment.budget.organisation.paths
        others = is_others(self.actor, payment)
        may = others and self.actor.may("ledger.make", *paths)
        known = purpose_or_none(payment.purpose)
        back = presenting.recoveries(payment)
        return {
            "who": shown_name(self, payment),
            "purpose": title_of(payment.purpose),
            "tone": presenting.TONES[payment.state],
            "facts": self._facts(payment),
            "arithmetic": presenting.arithmetic(payment),
            "entries": presenting.trail(payment, back),
            "recoveries": [{"row": one, "tone": presenting.TONES[one.state]} for one in back],
            "matter_url": known.url(payment) if known is not None and known.url is not None else "",
            "may_retry": may and payment.state == State.RETURNED,
            "may_reverse": may and payment.state in (State.DUE, State.RETURNED, State.PAID),
            "may_drop": may and payment.batch is not None and payment.batch.state == "drafting",
            "may_settle": others and self.actor.may("ledger.budget", *paths),
        }

    def _facts(self, payment: Payment) -> list[tuple[str, Any]]:
        payee = payment.payee
        found: list[tuple[str, Any]] = [
            ("收款人", shown_name(self, payment)),
            ("用途", title_of(payment.purpose)),
            ("预算", f"{payment.budget.organisation.name} {payment.budget}"),
            ("收款账户", f"{payee.bank} {payee.masked}" if payee is not None else "制单时取本人登记的账户"),
            ("业务编号", payment.key),
            ("列入应付", f"{timezone.localtime(payment.due_at):%Y-%m-%d %H:%M}"),
        ]
        if payment.attempt > 1:
            found.append(("付款次数", f"第 {payment.attempt} 次"))
        if payment.reason:
            found.append(("原因", payment.reason))
        return found


def purpose_or_none(code: str) -> Any:
    try:
        return purpose(code)
    except LookupError:
        return None


class _OnPayment(Act):
    """A verb on a payment; the action asks once more who may."""

    model = Payment
    permission = "ledger.make"
    template_name = "ledger/act.html"
    heading = ""
    submit = ""
    warning = ""

    def get_success_url(self) -> str:
        return reverse("desk_payment", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.heading,
            "submit": self.submit,
            "warning": self.warning,
            "lead": f"{self.object.number} {self.object.amount:,.2f} 元",
            "back": self.get_success_url(),
            "list_url": reverse("desk_payments"),
            "list_label": "付款",
        }


class Reverse(_OnPayment):
    form_class = ReasonForm
    heading, submit = "撤销付款", "确认撤销"
    warning = "还没有付出的，撤销后这笔钱回到预算，轮到排队的人；已经付出的，记为应收回。"
    success_message = "已办理。"

    def act(self, form: ReasonForm) -> Payment:
        return actions.reverse(self.actor, payment=self.object, reason=form.cleaned_data["reason"])


class Retry(_OnPayment):
    form_class = RetryForm
    heading, submit = "重新付款", "重新列入待付"
    success_message = "已重新列入待付，编入下一个批次后付出。"

    def act(self, form: RetryForm) -> Payment:
        return actions.retry(self.actor, payment=self.object, same_account=form.cleaned_data["same_account"])


class DropPayment(_OnPayment):
    form_class = ReasonForm
    heading, submit = "移出批次", "移出批次"
    success_message = "已移出批次，仍是待付。"

    def act(self, form: ReasonForm) -> Payment:
        return actions.drop_payment(self.actor, payment=self.object, reason=form.cleaned_data["reason"])


class SettleRecovery(Act):
    """/desk/payments/recoveries/<pk>/: the money came back, or is given up."""

    model = Recovery
    permission = "ledger.budget"
    template_name = "ledger/act.html"
    form_class = SettleForm
    success_message = "已办理。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("payment__budget__organisation")

    def act(self, form: SettleForm) -> Recovery:
        return actions.settle_recovery(
            self.actor, recovery=self.object, received=form.cleaned_data["outcome"] == form.RECEIVED,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_payment", args=[self.object.payment_id])

    def context(self) -> dict[str, Any]:
        recovery = cast(Recovery, self.object)
        return {
            "heading": "应收回款",
            "submit": "提交",
            "lead": f"{recovery.payment.number} 应收回 {recovery.amount:,.2f} 元",
            "back": self.get_success_url(),
            "list_url": reverse("desk_payments"),
            "list_label": "付款",
        }
