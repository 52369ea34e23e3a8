"""Which union a matter belongs to by where it happened, and the addresses of a case's pages."""

from __future__ import annotations

from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Organisation

from .models import Case

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


def union_above(union: Organisation) -> Organisation:
    """The nearest union above that is not of the workplace itself; itself where it is one."""
    if union.kind in LOCAL:
        return union
    prefixes = [union.path[:end] for end in range(4, len(union.path), 4)]
    rows = Organisation.objects.everywhere(reason=WHY).filter(path__in=prefixes, kind__in=LOCAL)
    return rows.order_by("-level").first() or union_of_place(union.division)


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """County unions by city, for a list to choose from: (city, [(division, name)])."""
    rows = Organisation.objects.everywhere(reason=WHY).active().filter(kind=Kind.FEDERATION)
    counties = rows.filter(level=3).select_related("parent").order_by("division")[:500]
    found: dict[str, list[tuple[str, str]]] = {}
    for one in counties:
        city = one.parent.name if one.parent is not None else one.name
        found.setdefault(city, []).append((one.division, one.name.removesuffix("总工会")))
    return list(found.items())


def desk_page(case: Case) -> str:
    return reverse("desk_case", args=[case.number])


def own_page(case: Case) -> str:
    return reverse("m_help_case", args=[case.number])
