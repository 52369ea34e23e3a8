"""Everyone the register knows, with what facts are made of joined to it: one LEFT JOIN each, only where asked for."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils import timezone

from unionhall.members.models import Person

from .facts import days, expressions

#: Of a relation, on a day. At most one row per person may meet its condition (a constraint has to see to it).
Build = Callable[[date], FilteredRelation]

_relations: dict[str, Build] = {}


def relation(name: str, build: Build) -> None:
    """Give facts a join to stand on: `F("name__field")`. A room above names its own; a name is given once.

    A relation of many rows per person would count people twice: take a sub-select for such facts instead.
    """
    if name in _relations:
        raise ValueError(f"relation {name} is given twice")
    _relations[name] = build


def in_force(to: str, on: date) -> Q:
    """The condition that a period holds on a day; from today on that is the open one, which an index answers."""
    if on >= timezone.localdate():
        return Q(**{f"{to}__period__upper_inf": True})
    return Q(**{f"{to}__period__contains": on})


def people(on: date, where: Q | None = None, codes: Iterable[str] = ()) -> QuerySet[Any]:
    """Persons as of a day, with facts (`fact(code).alias`) to filter by; `where` may use facts and relations.

    Nobody's scope applies: whoever shows rows narrows them (`under`, or `visible_to` on what he shows).
    """
    rows = Person.objects.everywhere(reason="entitlement is judged for everyone; pages narrow what they show")
    found: QuerySet[Any] = rows.alias(**{name: build(on) for name, build in _relations.items()})
    found = found.alias(**expressions(codes, on), **days(codes))
    return found if where is None else found.filter(where)


def under(prefix: str) -> Q:
    """The condition that a person is a member in a subtree of unions."""
    return Q(membership__path__startswith=prefix) if prefix else Q(membership__isnull=False)


relation("membership", lambda on: FilteredRelation("memberships", condition=in_force("memberships", on)))
relation("employment", lambda on: FilteredRelation("employments", condition=in_force("employments", on)))
relation("card", lambda on: FilteredRelation("cards", condition=~Q(cards__status="revoked")))
