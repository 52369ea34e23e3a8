"""我的待遇发放: each payout and how it was worked out; where the money goes."""

from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, Detail, List
from unionhall.members.models import Person

from .. import actions, presenting
from ..forms import AccountForm
from ..models import Commitment, Payee, Payment
from ..purposes import title_of

#: What a person reads about the state of a payment.
WORDS = {
    "due": "已批准，等待发放", "batched": "已批准，等待发放", "sent": "银行正在处理", "paid": "已发放",
    "returned": "银行退回，请核对收款账户", "reversed": "已撤销，应退回", "cancelled": "已撤销",
}  # fmt: skip


class MyPayments(List):
    """/m/payments/, latest first; before them what waits for budget."""

    model = Payment
    mine = True
    permission = SIGNED_IN
    template_name = "ledger/my_payments.html"

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("payee")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [shown(one) for one in rows]

    def context(self) -> dict[str, Any]:
        waiting = Commitment.objects.all().owned_by(self.access)
        live = waiting.filter(state__in=[Commitment.State.WAITING, Commitment.State.HELD])
        return {
            "waiting": [
                {"row": one, "purpose": title_of(one.purpose), "tone": presenting.TONES[one.state]}
                for one in live.order_by("submitted_at")
            ],
            "payee": own_payee(self.access),
        }


def own_payee(access: Any) -> Payee | None:
    return Payee.objects.all().owned_by(access).filter(relation="", until=None).first()


def shown(payment: Payment) -> dict[str, Any]:
    payee = payment.payee
    return {
        "payment": payment,
        "purpose": title_of(payment.purpose),
        "words": WORDS[payment.state],
        "tone": presenting.TONES[payment.state],
        "account": f"{payee.bank} {payee.masked}" if payee is not None else "",
    }


class MyPayment(Detail):
    """/m/payments/<pk>/: the sum, where it went, and how it was worked out."""

    model = Payment
    mine = True
    permission = SIGNED_IN
    template_name = "ledger/my_payment.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("payee", "root", "budget__organisation")

    def context(self) -> dict[str, Any]:
        payment: Payment = self.object
        root = payment.root or payment
        others = Payment.objects.all().owned_by(self.access).filter(Q(pk=root.pk) | Q(root=root))
        facts = [
            ("编号", payment.number),
            ("用途", title_of(payment.purpose)),
            ("发放单位", payment.budget.organisation.name),
            ("收款账户", shown(payment)["account"] or "发放时取您登记的账户"),
        ]
        if payment.settled_at is not None:
            facts.append(("银行答复", f"{timezone.localtime(payment.settled_at):%Y-%m-%d}"))
        if payment.reason:
            facts.append(("说明", payment.reason))
        return shown(payment) | {
            "facts": facts,
            "arithmetic": presenting.arithmetic(payment),
            "back_due": [one for one in presenting.recoveries(payment) if one.state == "open"],
            "others": [shown(one) for one in others.exclude(pk=payment.pk).order_by("pk")],
        }


class MyAccount(Create):
    """/m/payments/account/: the bank account that money goes to."""

    model = Payee
    mine = True
    permission = SIGNED_IN
    template_name = "ledger/my_account.html"
    form_class = AccountForm
    success_message = "已登记收款账户 {result}。以后的发放都付到这个账户。"

    @cached_property
    def person(self) -> Person | None:
        return Person.objects.all().owned_by(self.access).first()

    def act(self, form: AccountForm) -> Payee:
        if self.person is None:
            raise Refused("还没有登记您的实名信息，请先入会或到服务站点登记。")
        return actions.register_payee(
            self.actor, person=self.person, bank=form.cleaned_data["bank"], number=form.cleaned_data["number"]
        )

    def get_success_url(self) -> str:
        return reverse("m_payments")

    def context(self) -> dict[str, Any]:
        return {"payee": own_payee(self.access), "person": self.person}
