"""终止筹备: at the desk by the superior, on the phone by who applied."""

from typing import Any

from django.urls import reverse

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Act
from unionhall.organisations.forms import ReasonForm

from ..actions.preparing import end_preparation
from ..models import Founding


class EndPreparation(Act):
    """/desk/foundings/<pk>/end/"""

    model = Founding
    permission = "organising.found"
    template_name = "organising/founding_end.html"
    form_class = ReasonForm
    success_message = "筹备已终止，已告知申请人和批准人。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "applicant_person", "review")

    def act(self, form: Any) -> Founding:
        return end_preparation(self.actor, founding=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_founding", args=[self.object.pk])


class EndMyPreparation(EndPreparation):
    """/m/foundings/<pk>/end/"""

    permission = SIGNED_IN
    mine = True
    template_name = "organising/found_end.html"
    success_message = "筹备已终止，已告知上级工会。"

    def get_success_url(self) -> str:
        return reverse("m_application", args=[self.object.review.number])
