"""付款批次: made, handed over, checked by another, given up."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, List
from unionhall.foundation.views.reading import Scoped
from unionhall.members.hands import hands
from unionhall.organisations.models import Organisation

from .. import actions, presenting
from ..forms import BatchFilter, CheckForm, MakeForm, ReasonForm
from ..models import BankReturn, Payment, PaymentBatch
from ..purposes import title_of

State = PaymentBatch.State


class Batches(List):
    """/desk/payments/batches/, latest first."""

    model = PaymentBatch
    permission = "ledger.view"
    template_name = "ledger/batches.html"
    filter_form = BatchFilter

    def filtered(self) -> ScopedQuerySet[PaymentBatch]:
        rows = self.get_queryset().select_related("organisation")
        return rows.filter(state=self.chosen["state"]) if "state" in self.chosen else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"batch": one, "tone": presenting.TONES[one.state]} for one in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            tabs=presenting.tabs("desk_batches", self.access),
            may_make=bool(self.access.prefixes("ledger.make")),
            **kwargs,
        )


def places(access: Any, permission: str) -> list[tuple[str, str]]:
    """Unions with a budget that the actor keeps, for a choice."""
    rows = Organisation.objects.all().visible_to(access, to=permission).filter(budgets__isnull=False)
    return list(rows.distinct().order_by("path").values_list("code", "name")[:200])


class Make(Create):
    """/desk/payments/batches/new/."""

    model = PaymentBatch
    permission = "ledger.make"
    template_name = "ledger/act.html"
    form_class = MakeForm
    success_message = "已制单：{result}。核对无误后提交复核。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"places": places(self.access, self.permission)}

    def act(self, form: MakeForm) -> PaymentBatch:
        given = form.cleaned_data
        return actions.make_batch(
            self.actor, organisation=given["organisation"], purpose=given["purpose"], title=given["title"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_batch", args=[self.result.number])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "制作付款批次",
            "submit": "制单",
            "lead": "把待付的款编成一个批次，由另一位复核人复核后送银行。没有登记收款账户的，留在待付。",
            "back": reverse("desk_batches"),
            "list_url": reverse("desk_batches"),
            "list_label": "付款批次",
        }


class _Batch(Scoped):
    model = PaymentBatch
    slug_field = "number"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "file")


class BatchPage(List):
    """/desk/payments/batches/<number>/: where it stands, its payments, what the bank answered."""

    model = Payment
    permission = "ledger.view"
    template_name = "ledger/batch.html"
    ordering = "pk"

    @cached_property
    def batch(self) -> PaymentBatch:
        rows = PaymentBatch.objects.all().visible_to(self.access, to=self.permission)
        found = rows.select_related("organisation", "file").filter(number=self.kwargs["slug"]).first()
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Payment.objects.everywhere(reason="the payments of a batch that the reader may open")
        return rows.filter(batch=self.batch)

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("person", "payee")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        may_open = self.actor.may("ledger.payments", *self.batch.organisation.paths)
        return [
            {
                "payment": one,
                "who": one.payee.masked_holder if one.payee is not None else "—",
                "purpose": title_of(one.purpose),
                "tone": presenting.TONES[one.state],
                "url": reverse("desk_payment", args=[one.pk]) if may_open else "",
            }
            for one in rows
        ]

    def total(self) -> int:
        return self.batch.count

    def context(self) -> dict[str, Any]:
        batch, paths = self.batch, self.batch.organisation.paths
        make = self.actor.may("ledger.make", *paths)
        others = not hands(self.access).touch(batch.maker_id)
        returns = BankReturn.objects.everywhere(
            reason="what the bank answered to a batch the reader may open"
        )
        return {
            "object": batch,
            "tone": presenting.TONES[batch.state],
            "steps": presenting.steps_of(batch),
            "returns": list(returns.filter(batch=batch).order_by("-pk")),
            "may_submit": make and batch.state == State.DRAFTING,
            "may_check": self.actor.may("ledger.check", *paths) and others and batch.state == State.CHECKING,
            "may_send": make and batch.state == State.APPROVED,
            "may_download": make and batch.file is not None,
            "may_answer": make and batch.state in (State.SENT, State.CLOSED),
            "may_dissolve": make and batch.state in (State.DRAFTING, State.CHECKING, State.APPROVED),
        }


class _OnBatch(_Batch, Act):
    """A verb on a batch; the action locks it and asks again who may."""

    permission = "ledger.make"
    template_name = "ledger/act.html"
    heading = ""
    submit = ""
    warning = ""

    def get_success_url(self) -> str:
        return reverse("desk_batch", args=[self.object.number])

    def context(self) -> dict[str, Any]:
        batch = self.object
        return {
            "heading": self.heading,
            "submit": self.submit,
            "warning": self.warning,
            "lead": f"{batch.number} {batch.title}：{batch.count:,} 笔，{batch.total:,.2f} 元",
            "back": self.get_success_url(),
            "list_url": reverse("desk_batches"),
            "list_label": "付款批次",
        }


class Submit(_OnBatch):
    heading, submit = "提交复核", "提交复核"
    warning = "提交后由另一位复核人核对笔数和金额，您不能复核自己的批次。"
    success_message = "已提交复核。"

    def act(self, form: Any) -> PaymentBatch:
        return actions.submit_batch(self.actor, batch=self.object)


class Check(_OnBatch):
    permission = "ledger.check"
    form_class = CheckForm
    heading, submit = "复核批次", "提交复核结论"
    success_message = "已办理。"

    def act(self, form: CheckForm) -> PaymentBatch:
        given = form.cleaned_data
        return actions.check_batch(
            self.actor, batch=self.object, approve=given["decision"] == form.APPROVE, opinion=given["opinion"]
        )


class Dissolve(_OnBatch):
    form_class = ReasonForm
    heading, submit = "解散批次", "解散批次"
    warning = "批次里的款回到待付，可以重新编入别的批次。"
    success_message = "已解散，各笔款回到待付。"

    def act(self, form: ReasonForm) -> PaymentBatch:
        return actions.dissolve_batch(self.actor, batch=self.object, reason=form.cleaned_data["reason"])
