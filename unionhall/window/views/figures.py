"""/window/figures/: a year of windows by matter, hall and waiting time; the list behind what was taken."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Avg, Count, Max, Model, Q
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.actors import NoAccess
from unionhall.foundation.scope import Access
from unionhall.foundation.views import List, Page
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from .. import indicators
from ..forms.figures import FiguresFilter, IntakeFilter
from ..models import Intake

VIEW = "window.view"
CODES = (
    "window.intakes", "window.intakes_done", "window.intakes_told", "window.called", "window.average_wait",
)  # fmt: skip
TONES = {"told": "warn", "filed": "info", "done": "ok", "dropped": "mute"}
#: Halls and letters on one page.
MOST = 200


@dataclass(frozen=True)
class Place(Subtree):
    """A union's subtree in a year: the `where` of the figures."""

    access: Access = field(default_factory=NoAccess)
    year: int = 0


class _OfYear:
    access: Any
    request: Any

    @cached_property
    def union(self) -> Organisation:
        """`?under=`, else the highest union whose windows the reader may look at."""
        rows = Organisation.objects.visible_to(self.access, to=VIEW)
        code = self.request.GET.get("under", "").strip()
        found = rows.filter(code=code).first() if code else rows.order_by("level", "path").first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def year_form(self) -> FiguresFilter:
        form = FiguresFilter(self.request.GET or None)
        form.is_valid()
        return form

    @cached_property
    def year(self) -> int:
        return int(getattr(self.year_form, "cleaned_data", {}).get("year") or timezone.localdate().year)

    @cached_property
    def where(self) -> Place:
        return Place(self.union, None, self.access, self.year)

    def listed(self, name: str, **more: str) -> str:
        given = {"under": str(self.union.code), "year": str(self.year)} | more
        return f"{reverse(name)}?{urlencode(given)}"


class Figures(_OfYear, Page):
    """/window/figures/"""

    permission = VIEW
    template_name = "window/figures.html"

    def context(self) -> dict[str, Any]:
        found = registry.values(CODES, self.where)
        taken = registry.get("window.intakes").records(self.where)
        name = Coalesce("hall__name", "organisation__name")
        halls = taken.values(place=name).annotate(count=Count("pk")).order_by("-count", "place")[:MOST]
        return {
            "union": self.union,
            "year": self.year,
            "filter_form": self.year_form,
            "tiles": [self._tile(registry.get(code), found[code]) for code in CODES],
            "matters": [
                self._part("matter", key, count)
                for key, count in registry.breakdown("window.intakes", self.where, "matter")
            ],
            "halls": [self._part("hall", one["place"], one["count"]) for one in halls],
            "definitions": [registry.get(code) for code in CODES],
        }

    def _tile(self, one: registry.Indicator, value: int) -> dict[str, Any]:
        url = self.listed(one.list_name, **one.list_query) if value else ""
        return {"label": one.title, "value": value, "unit": one.unit, "url": url}

    def _part(self, dimension: str, key: str, count: int) -> dict[str, Any]:
        titles = indicators.MATTERS.labels
        label = titles[key] if dimension == "matter" and key in titles else key or "其他"
        return {"label": label, "count": count, "url": self.listed("window_intakes", **{dimension: key})}


class Waits(_OfYear, Page):
    """/window/waits/: by hall and queue, how many were called and how long they waited."""

    permission = VIEW
    template_name = "window/waits.html"

    def context(self) -> dict[str, Any]:
        rows = registry.get("window.called").records(self.where)
        minutes = indicators.minutes()
        found = (
            rows.values("hall", "hall__name", "hall__organisation__name", "queue")
            .annotate(
                called=Count("pk"),
                missed=Count("pk", filter=Q(state="missed")),
                wait=Avg(minutes),
                longest=Max(minutes),
            )
            .order_by("hall__organisation__path", "hall", "queue")[:MOST]
        )
        return {"union": self.union, "year": self.year, "filter_form": self.year_form, "rows": list(found)}


class Intakes(List):
    """/window/intakes/: what was taken, the latest first; persons by their masked name."""

    model: ClassVar[type[Model]] = Intake
    permission = VIEW
    template_name = "window/intakes.html"
    filter_form = IntakeFilter

    def filtered(self) -> Any:
        chosen = self.chosen
        rows = self.get_queryset().select_related("organisation", "hall", "person")
        if "under" in chosen:
            seen = Organisation.objects.visible_to(self.access, to=VIEW)
            union = seen.filter(code=chosen["under"]).first()
            if union is None:
                raise Http404
            rows = rows.filter(Subtree(union).q("organisation"))
        if chosen.get("year"):
            rows = rows.filter(taken_at__date__year=chosen["year"])
        if "matter" in chosen:
            rows = rows.filter(matter=chosen["matter"])
        if "hall" in chosen:
            name = chosen["hall"]
            rows = rows.filter(Q(hall__name=name) | Q(hall=None, organisation__name=name))
        if "state" in chosen:
            return rows.filter(state=chosen["state"])
        return rows.exclude(state=Intake.State.DROPPED)

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"intake": one, "tone": TONES[one.state]} for one in rows]
