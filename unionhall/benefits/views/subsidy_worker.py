"""助推补贴 on the phone: certificates that the registry knows, one press each; and what became of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.views import Create, Page
from unionhall.ledger.models import Payment
from unionhall.members.views.own import Own

from .. import certificates
from ..actions import matching, subsidy
from ..forms.subsidy import NumberForm
from ..models import CareerApplication

WHY = "the reader's own applications"


class Apply(Own, Create):
    """/m/apply/career_subsidy/: nothing is typed where the registry knows the certificate."""

    template_name = "benefits/subsidy/apply.html"
    form_class = NumberForm

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and self.membership is None:
            messages.info(request, "您还不是工会会员，可以先申请入会。")
            return redirect("m_join")
        return super()._guarded(request, *args, **kwargs)

    def act(self, form: NumberForm) -> CareerApplication:
        return subsidy.apply(self.actor, person=self.person, number=form.cleaned_data["number"])

    def context(self) -> dict[str, Any]:
        assert self.membership is not None
        union = self.membership.organisation
        rows = CareerApplication.objects.everywhere(reason=WHY).open().filter(person=self.person)
        brought = set(rows.values_list("occupation", "level"))
        return {
            "scheme": subsidy.scheme_for(union),
            "held": [
                {
                    "certificate": one,
                    "brought": (one.occupation, one.level) in brought,
                    "objections": subsidy.objections(one, union),
                }
                for one in certificates.held_by(self.person)
            ],
        }

    def get_success_url(self) -> str:
        return reverse("m_submitted", args=[self.result.review.number])


class Mine(Own, Page):
    """/m/benefits/subsidy/: every application, where it stands, and its payment."""

    template_name = "benefits/subsidy/mine.html"

    def context(self) -> dict[str, Any]:
        rows = CareerApplication.objects.everywhere(reason=WHY).filter(person=self.person)
        rows = rows.select_related("review", "payment", "commitment", "certificate").order_by("-pk")
        found = list(rows[:50])
        matched = matching.payments_of(found)
        return {"rows": [{**standing(one), "matched": matched.get(one.key)} for one in found]}


TONES = {
    "review": "info", "verified": "info", "publicised": "info", "waiting": "warn", "due": "info", "refused": "bad",
    "withdrawn": "mute", "cancelled": "mute",
}  # fmt: skip


def standing(one: CareerApplication) -> dict[str, Any]:
    """Where an application stands: the bank's word once it was paid, else its stage."""
    paid = one.payment is not None and one.payment.state == Payment.State.PAID
    returned = one.payment is not None and one.payment.state == Payment.State.RETURNED
    label = "已发放" if paid else "银行退回，待重新发放" if returned else one.get_stage_display()
    return {"one": one, "label": label, "tone": "ok" if paid else "warn" if returned else TONES[one.stage]}
