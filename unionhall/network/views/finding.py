"""What the public and the worker's pages share: finding a station by place, function and opening; one station."""

from functools import cached_property
from typing import Any

from django.db.models import Q
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from unionhall.foundation.headers import PERMISSIONS
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Detail, List, Requires
from unionhall.organisations import divisions
from unionhall.organisations.models import Division

from .. import nearness, opening
from ..forms.finding import StationFilter
from ..models import Node, NodeQuerySet
from ..rules.distance import direction, distance_m, metres_words
from ..rules.opening import AHEAD, week_words

_WHY = "the union's stations are public"
#: The page asks the browser where it is, when its button is pressed; no other page may.
_LOCATING = PERMISSIONS.replace("geolocation=()", "geolocation=(self)")


class Locating(Requires):
    """A page that offers to look around the reader."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Permissions-Policy"] = _LOCATING
        return response


class ByDistance(List):
    """A list that is nearest first where `point` is known: pages then follow each other by (metres, row)."""

    point: Any = None

    def _page(self) -> tuple[list[Any], Any, Any]:
        if self.point is None:
            return super()._page()
        rows, after = self.filtered(), self.request.GET.get("after", "")
        if after:
            try:
                metres, pk = (int(part) for part in after.split("-"))
            except ValueError:
                raise Http404 from None
            rows = rows.filter(Q(metres__gt=metres) | Q(metres=metres, pk__gt=pk))
        found = list(rows.order_by("metres", "pk")[: self.page_size + 1])
        more, found = len(found) > self.page_size, found[: self.page_size]
        return found, f"{found[-1].metres}-{found[-1].pk}" if more else None, None


class Stations(Locating, ByDistance):
    """Stations that receive people; nearest first from the reader's place or a street's."""

    model = Node
    ordering = "pk"
    #: Kilometres around the point: as chosen, else the smallest circle with a few stations in it.
    reach: int = 0

    def get_queryset(self) -> NodeQuerySet:
        return Node.objects.everywhere(reason=_WHY).receiving()

    @cached_property
    def form(self) -> StationFilter:
        codes = self.get_queryset().annotate(county=Left("division", 6)).values_list("county", flat=True)
        found = StationFilter(self.request.GET or None, counties=list(codes.distinct().order_by("county")))
        found.is_valid()
        return found

    @property
    def chosen(self) -> dict[str, Any]:
        """The place is no filter, and an empty box of the tick either."""
        return {name: value for name, value in super().chosen.items() if name not in _PLACE and value}

    @cached_property
    def point(self) -> tuple[float, float] | None:
        """The reader's place as the browser said it, else the middle of the street that was chosen."""
        given = getattr(self.form, "cleaned_data", {})
        if given.get("lat") is not None and given.get("lon") is not None:
            return given["lat"], given["lon"]
        return nearness.middle_of(given["street"]) if given.get("street") else None

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        given = getattr(self.form, "cleaned_data", {})
        if "q" in chosen:
            rows = rows.filter(Q(name__icontains=chosen["q"]) | Q(address__icontains=chosen["q"]))
        if "function" in chosen:
            rows = rows.filter(functions__contains=[chosen["function"]])
        if "now" in chosen:
            rows = opening.open_at(rows, timezone.localtime())
        if self.point is not None:
            self.reach = given.get("within") or self.reach or nearness.reach_for(rows, *self.point)
            return nearness.near(rows, *self.point, self.reach)
        if "area" in chosen:
            rows = rows.filter(division__startswith=chosen["area"])
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        said = opening.openings(rows)
        names = dict(
            Division.objects.filter(code__in={one.division[:6] for one in rows}).values_list("code", "name")
        )
        return [
            {
                "node": one, "opening": said[one.pk], "area": names.get(one.division[:6], ""),
                "far": metres_words(getattr(one, "metres", None)), "wind": self.wind(one),
            }
            for one in rows
        ]  # fmt: skip

    def wind(self, node: Node) -> str:
        if self.point is None or node.latitude is None or node.longitude is None:
            return ""
        return direction(*self.point, node.latitude, node.longitude)

    def context(self) -> dict[str, Any]:
        given = getattr(self.form, "cleaned_data", {})
        here = given.get("lat") is not None
        street = dict(self.form.fields["street"].choices).get(given.get("street") or "")  # type: ignore[attr-defined]
        return {
            "form": self.form,
            "here": here,
            "from_words": "您的位置" if here else f"{street}中心" if self.point and street else "",
            "unplaced": bool(given.get("street")) and self.point is None,
            "reach": self.reach,
            "point": self.point,
        }


_PLACE = ("lat", "lon", "within", "street")


class StationDetail(Detail):
    """One station: opening, functions, who, telephone, how far from where the list was read."""

    model = Node
    slug_field = "code"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return Node.objects.everywhere(reason=_WHY).receiving().select_related("organisation")

    def context(self) -> dict[str, Any]:
        node: Node = self.object
        now = timezone.localtime()
        week = opening.weeks([node], now.date())[node.pk]
        exceptions = node.exceptions.filter(on__gte=now.date()).order_by("on")
        return {
            "opening": opening.openings([node], now)[node.pk],
            "week": week_words(week.hours) if week.hours else [],
            "holiday_words": "照常开放" if node.open_on_holidays else "不开放；调休上班日按周一的时间开放",
            "exceptions": list(exceptions[:AHEAD]),
            "staff": list(node.staff.filter(until=None).exclude(role="grid")[:12]),
            "place": divisions.names(node.division) or divisions.names(node.division[:6]),
            "far": self.far(node),
        }

    def far(self, node: Node) -> str:
        """850 米，东北方向, from the place in the address; "" without one."""
        try:
            lat, lon = float(self.request.GET["lat"]), float(self.request.GET["lon"])
        except (KeyError, ValueError):
            return ""
        if node.latitude is None or node.longitude is None or not (abs(lat) <= 90 and abs(lon) <= 180):
            return ""
        metres = distance_m(lat, lon, node.latitude, node.longitude)
        return f"{metres_words(metres)}，{direction(lat, lon, node.latitude, node.longitude)}方向"
