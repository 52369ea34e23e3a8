"""Which union a matter belongs to by where it happened, and the addresses of a case's pages."""

from __future__ import annotations

from django.urls import reverse

from unionhall.organisations.local import LOCAL, places, union_of_place
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from .models import Case

__all__ = ["WHY", "desk_page", "own_page", "places", "union_above", "union_of_place"]

WHY = "anyone may turn to the union of a place"


def union_above(union: Organisation) -> Organisation:
    """The nearest union above that is not of the workplace itself; itself where it is one."""
    if union.kind in LOCAL:
        return union
    rows = Organisation.objects.everywhere(reason=WHY).filter(path__in=above(union.path), kind__in=LOCAL)
    return rows.order_by("-level").first() or union_of_place(union.division)


def desk_page(case: Case) -> str:
    return reverse("desk_case", args=[case.number])


def own_page(case: Case) -> str:
    return reverse("m_help_case", args=[case.number])
