"""/m/visits/: who visited me, what became of what I raised, my rating."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List

from .. import presenting
from ..actions import rating as actions
from ..forms.items import RateForm
from ..models import VisitItem, VisitRating, VisitStop


class MyVisits(List):
    """Visits to my home, latest first, and problems that I raised."""

    model = VisitStop
    permission = SIGNED_IN
    mine = True
    template_name = "outreach/my_visits.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("visit__organisation")

    def context(self) -> dict[str, Any]:
        items = VisitItem.objects.owned_by(self.access).order_by("-pk")[:50]
        return {"items": presenting.item_rows(items)}


class _OfItem:
    model: Any = VisitItem
    permission = SIGNED_IN
    mine = True
    object: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "visit__organisation", "owner")  # type: ignore[misc]

    def rated(self) -> VisitRating | None:
        rows = VisitRating.objects.owned_by(self.access)  # type: ignore[attr-defined]
        return rows.filter(item=self.object, round=self.object.reopened).first()

    @property
    def may_rate(self) -> bool:
        return self.object.state == VisitItem.State.SETTLED and self.rated() is None


class MyItem(_OfItem, Detail):
    """/m/visits/items/<pk>/"""

    template_name = "outreach/my_item.html"

    def context(self) -> dict[str, Any]:
        (row,) = presenting.item_rows([self.object])
        return row | {"trail": presenting.trail(self.object, own=True), "may_rate": self.may_rate}


class RateItem(_OfItem, Act):
    """/m/visits/items/<pk>/rate/: 好差评 of the answer, once for each answer."""

    template_name = "outreach/my_rate.html"
    form_class: Any = RateForm
    success_message = "谢谢您的评价。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_rate:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def act(self, form: RateForm) -> Any:
        return actions.rate(self.actor, item=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("m_visit_item", args=[self.object.pk])
