"""Unions that answer for a place: whoever has no union of his own turns to the nearest of them."""

from unionhall.foundation.errors import Refused

from .kinds import Kind
from .models import Organisation

WHY = "anyone may turn to the union of a place"
#: Unions that answer for a place, not for one employer.
LOCAL = (Kind.FEDERATION, Kind.STREET)


def union_of_place(division: str) -> Organisation:
    """The nearest local union that answers for a division code. Raises Refused where the tree has none at all."""
    codes = [division[:length] for length in (12, 9, 6, 4, 2) if len(division) >= length]
    rows = Organisation.objects.everywhere(reason=WHY).active().filter(kind__in=LOCAL)
    found = sorted(rows.filter(division__in=codes), key=lambda one: (-len(one.division), one.level))
    chosen = found[0] if found else rows.order_by("level", "pk").first()
    if chosen is None:
        raise Refused("这里还没有建立工会，请拨打 12351。")
    return chosen


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """County unions by city, for a list to choose from: (city, [(division, name)])."""
    rows = Organisation.objects.everywhere(reason=WHY).active().filter(kind=Kind.FEDERATION)
    counties = rows.filter(level=3).select_related("parent").order_by("division")[:500]
    found: dict[str, list[tuple[str, str]]] = {}
    for one in counties:
        city = one.parent.name if one.parent is not None else one.name
        found.setdefault(city, []).append((one.division, one.name.removesuffix("总工会")))
    return list(found.items())
