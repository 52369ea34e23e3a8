"""How far places are from a point, in the database: a box on an index, then metres on the sphere."""

from typing import Any

from django.db.models import Avg, FloatField, Func, IntegerField, Min, Q
from django.db.models.functions import Cast, Round

from .models import RECEIVING, Node, NodeQuerySet
from .rules.distance import EARTH_KM, box

#: How far around the reader is looked, in kilometres.
REACHES = (3, 5, 10, 30)
#: Stations are looked for in widening circles, so that a town reads little and a lonely county finds something.
CIRCLES = (3, 5, 10, 30, 100, 300)
ENOUGH = 5
_WHY = "where the union's own stations stand is public"


class Metres(Func):
    """Metres on the sphere from a place to a point (haversine)."""

    output_field = FloatField()
    template = (
        "(2000 * %(radius)s * asin(least(1, sqrt("
        "power(sin(radians(%(latitude)s - {lat}) / 2), 2)"
        " + cos(radians(%(latitude)s)) * cos(radians({lat}))"
        " * power(sin(radians(%(longitude)s - {lon}) / 2), 2)))))"
    )

    def __init__(self, latitude_of: str, longitude_of: str, latitude: float, longitude: float) -> None:
        super().__init__(latitude_of, longitude_of)
        self.point = {
            "latitude": repr(float(latitude)),
            "longitude": repr(float(longitude)),
            "radius": EARTH_KM,
        }

    def as_sql(  # type: ignore[override]  # both operands stand in it several times
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        lat, params = compiler.compile(self.source_expressions[0])
        lon, more = compiler.compile(self.source_expressions[1])
        text = self.template % self.point
        return text.format(lat=lat, lon=lon), [*params, *params, *more]


def within(rows: Any, latitude: float, longitude: float, km: float, to: str = "", **also: Any) -> Any:
    """Rows whose place (by `to`) is in the box, with `metres` of the nearest; those beyond `km` leave.

    `also`: further conditions on the same place, asked in the same join.
    """
    around = box(latitude, longitude, km)
    inside = Q(
        **{
            f"{to}latitude__range": (around.south, around.north),
            f"{to}longitude__range": (around.west, around.east),
            **{f"{to}{name}": value for name, value in also.items()},
        }
    )
    metres = Cast(Round(Min(Metres(f"{to}latitude", f"{to}longitude", latitude, longitude))), IntegerField())
    return rows.filter(inside).annotate(metres=metres).filter(metres__lte=km * 1000)


def near(rows: NodeQuerySet, latitude: float, longitude: float, km: float) -> NodeQuerySet:
    """Nodes that receive people within so many kilometres, with `metres`. `state` is said so that the index holds."""
    around = box(latitude, longitude, km)
    metres = Cast(Round(Metres("latitude", "longitude", latitude, longitude)), IntegerField())
    found: Any = rows.filter(
        state__in=RECEIVING,
        latitude__range=(around.south, around.north),
        longitude__range=(around.west, around.east),
    ).annotate(metres=metres)
    inside: NodeQuerySet = found.filter(metres__lte=km * 1000)
    return inside


def reach_for(rows: NodeQuerySet, latitude: float, longitude: float) -> int:
    """The smallest circle (kilometres) in whose box a few of the rows stand; the widest where there are not so many."""
    for km in CIRCLES[:-1]:
        around = box(latitude, longitude, km)
        inside = rows.filter(
            state__in=RECEIVING,
            latitude__range=(around.south, around.north),
            longitude__range=(around.west, around.east),
        )
        if inside.order_by()[:ENOUGH].count() >= ENOUGH:
            return km
    return CIRCLES[-1]


def middle_of(division: str) -> tuple[float, float] | None:
    """Where a street or county is, without a map: the middle of its nodes; a street without any is at its county's."""
    rows = Node.objects.everywhere(reason=_WHY).filter(latitude__isnull=False)
    for code in dict.fromkeys((division, division[:6])):
        if not code:
            continue
        found = rows.filter(division__startswith=code).aggregate(lat=Avg("latitude"), lon=Avg("longitude"))
        if found["lat"] is not None:
            return round(found["lat"], 5), round(found["lon"], 5)
    return None
