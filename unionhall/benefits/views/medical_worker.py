"""医疗互助 on the phone: one's own settlements with their arithmetic, and a claim with papers."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Create, Detail, List
from unionhall.ledger.models import Commitment
from unionhall.members import consents
from unionhall.members.views.own import Own

from ..actions.medical import claims
from ..forms.medical import ClaimForm
from ..models import MedicalClaim, MedicalCover, SettlementLine
from .medical_desk import payment_of, shown, tone_of

WHY = "the signed-in person's own matter"


class MySettlements(Own, List):
    """/m/benefits/medical/: this year's sums, every settlement, what is under way."""

    model: ClassVar[type[Model]] = SettlementLine
    mine = True
    permission = SIGNED_IN
    template_name = "benefits/medical/mine.html"

    def get_queryset(self) -> Any:
        return super().get_queryset()

    def filtered(self) -> Any:
        return self.get_queryset().current().filter(state=SettlementLine.State.MATCHED)

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.tone = tone_of(row)
        return rows

    def context(self) -> dict[str, Any]:
        year = timezone.localdate().year
        granted = self.filtered().filter(settled_on__year=year)
        open_claims = MedicalClaim.objects.all().owned_by(self.access)
        return {
            "year": year,
            "granted": granted.aggregate(total=Sum("amount"))["total"] or 0,
            "claims": open_claims.filter(review__state__in=["pending", "returned"]).select_related("review"),
            "covers": MedicalCover.objects.all().owned_by(self.access).order_by("-period")[:5],
        }


class MySettlement(Detail):
    """/m/benefits/medical/<pk>/: what was paid oneself, how the sum was worked out, where the money is."""

    model: ClassVar[type[Model]] = SettlementLine
    mine = True
    permission = SIGNED_IN
    template_name = "benefits/medical/my_settlement.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("file", "person", "decision__version", "corrected_by")

    def context(self) -> dict[str, Any]:
        line: SettlementLine = self.object
        told = shown(line)
        told["facts"] = [pair for pair in told["facts"] if pair[0] not in ("职工", "说明")]
        waits = Commitment.objects.everywhere(reason=WHY).filter(
            decision=line.decision, state=Commitment.State.WAITING
        )
        payment = payment_of(line)
        return told | {
            "tone": tone_of(line), "payment": payment,
            "waits": payment is None and line.amount > 0 and waits.exists(),
        }  # fmt: skip


class Apply(Own, Create):
    """/m/apply/medical_aid/: for settlements that the insurer's files did not bring."""

    template_name = "benefits/medical/apply.html"
    form_class = ClaimForm

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and self.membership is None:
            messages.info(request, "您还不是工会会员，可以先申请入会。")
            return redirect("m_join")
        if self.known is not None and isinstance(self.plan, Refused):
            messages.info(request, str(self.plan))
            return redirect("m_medical")
        return super()._guarded(request, *args, **kwargs)

    @cached_property
    def plan(self) -> Any:
        """The plan of today, or the refusal that says why there is none."""
        try:
            return claims.plan_for(self.person, timezone.localdate())[0]
        except Refused as refusal:
            return refusal

    @cached_property
    def consented(self) -> bool:
        return claims.CONSENT in consents.in_force(self.person)

    def get_form_kwargs(self) -> dict[str, Any]:
        purpose = consents.purpose_of(claims.CONSENT)
        words = purpose.text if purpose is not None else ""
        return super().get_form_kwargs() | {
            "scheme": self.plan.parameters, "consented": self.consented, "words": words,
        }  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"scheme": self.plan.parameters, "version": self.plan}

    def act(self, form: forms.Form) -> MedicalClaim:
        values = form.cleaned_data
        if not self.consented:
            consents.give(self.actor, person=self.person, purpose=claims.CONSENT)
        papers = [
            claims.Paper(name.removeprefix("paper_"), upload)
            for name, upload in values.items()
            if name.startswith("paper_") and upload
        ]
        return claims.apply(
            self.actor, person=self.person, number=values["number"], settled_on=values["settled_on"],
            selfpay=values["selfpay"], hospital=values["hospital"], diagnosis=values["diagnosis"], papers=papers,
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("m_application", args=[self.result.review.number])
