"""Who is no member says first who shall take his application: his employer's union, or that of a place."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.views import Create
from unionhall.organisations.models import Organisation

from ..actions import relief
from ..forms.relief import PlaceForm
from .relief_worker import Applying


class Place(Applying, Create):
    """/m/apply/hardship_relief/place/."""

    template_name = "benefits/relief/place.html"
    form_class = PlaceForm

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and (self.membership is not None or self.present is not None):
            return redirect("m_relief")
        return super()._guarded(request, *args, **kwargs)

    @cached_property
    def employers(self) -> Organisation | None:
        return relief.employers_union(self.person)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"union": self.employers}

    def get_initial(self) -> dict[str, Any]:
        return dict(self.draft.get("place") or {"handler": PlaceForm.EMPLOYER})

    def act(self, form: PlaceForm) -> None:
        self.keep(place=form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("m_relief")
