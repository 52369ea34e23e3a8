"""The list of cases that somebody may see: filters, lights, pages by key. A page costs the same however many there are.

A reader's scope is looked at first. A city, a county and a street have indexes that hold their cases in order. Over
few unions each is asked for its first case; the unions whose first ones come first hold the page, and only they are
read. Otherwise the index by due date is walked until a page is full. Counts stop at a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.foundation.wording import AtLeast
from unionhall.kit.workdays import AMBER_DAYS, Calendar
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from . import kinds, search
from .models import Case, CaseQuerySet
from .models.case import narrowing
from .rules.clocks import end_of

#: Up to here the unions of a scope are named one by one.
FEW_UNIONS = 3_000
#: Up to here they are named for counts as well.
NAMED_UNIONS = 100
MOST_COUNTED = 1_000
MOST_LISTED = 10_000
#: With frequent words each case has to be looked into.
MOST_WITH_WORDS = 100
DUE, PAUSED, CLOSED, ALL = "due", "paused", "closed", "all"
LIGHTS = ("red", "amber", "green")


@dataclass(frozen=True)
class Bounds:
    """The moments between the lights: overdue before `now`, amber up to `amber_until`."""

    now: datetime
    amber_until: datetime

    @classmethod
    def at(cls, now: datetime, calendar: Calendar) -> Bounds:
        zone = timezone.get_current_timezone()
        return cls(now, end_of(calendar.add_working_days(now.astimezone(zone).date(), AMBER_DAYS), zone))

    def light(self, light: str) -> Q:
        return {
            "red": Q(due_at__lt=self.now),
            "amber": Q(due_at__gte=self.now, due_at__lte=self.amber_until),
            "green": Q(due_at__gt=self.amber_until),
        }.get(light, Q())


@dataclass(frozen=True)
class Wanted:
    """What the filters ask for; empty asks for nothing in particular."""

    kind: str = ""
    state: str = DUE
    light: str = ""
    channel: str = ""
    cause: str = ""
    #: "mine", "none" or "".
    owner: str = ""
    words: str = ""
    #: The union under which; with its industry chain where it is one of an industry.
    under: Organisation | None = None
    #: A condition that a published figure names.
    figure: Q | None = None


def visible(access: Access) -> CaseQuerySet:
    """Every case the reader may see, in the words of the indexes that find those of his scope."""
    rows = Case.objects.visible_to(access).narrowed(_prefixes(access))
    unions = unions_of(access)
    return rows.filter(organisation__in=unions) if 0 < len(unions) <= NAMED_UNIONS else rows


def _prefixes(access: Access) -> tuple[str, ...]:
    """The scope where it is the same for every kind that the reader may see, and not everything; else none."""
    groups = {access.prefixes(kind.view) for kind in kinds.all_kinds()} - {()}
    return () if len(groups) != 1 or "" in (only := next(iter(groups))) else only


def unions_of(access: Access) -> list[int]:
    """The unions of a small scope that has no index of its own; none where it is large or has one."""
    prefixes = _prefixes(access)
    if not prefixes or narrowing(prefixes):
        return []
    unions = Organisation.objects.everywhere(reason="which unions the reader's own scope holds")
    held = list(unions.filter(Organisation.scope_q(prefixes)).values_list("pk", flat=True)[: FEW_UNIONS + 1])
    return held if len(held) <= FEW_UNIONS else []


def matching(rows: CaseQuerySet, wanted: Wanted, account_id: int | None) -> tuple[CaseQuerySet, bool]:
    """What every filter but state and light leaves; and whether each case must be looked into for its words."""
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.cause:
        rows = rows.filter(cause=wanted.cause)
    if wanted.owner:
        rows = rows.filter(owner=account_id) if wanted.owner == "mine" else rows.filter(owner=None)
    if wanted.under is not None:
        rows = rows.filter(Subtree(wanted.under).q("organisation", copied=True))
    if wanted.figure is not None:
        rows = rows.filter(wanted.figure)
    if not wanted.words:
        return rows, False
    hits = search.look_up(wanted.words)
    return hits.among(rows), hits.frequent


def in_state(rows: CaseQuerySet, state: str) -> CaseQuerySet:
    if state == ALL:
        return rows
    if state == CLOSED:
        return rows.exclude(closed_at=None)
    return rows.filter(closed_at=None, due_at__isnull=state == PAUSED)


def by_union(wanted: Wanted) -> bool:
    """Whether asking each union is quick: not for what another index finds."""
    return not (wanted.owner == "mine" or wanted.words or wanted.figure is not None or wanted.state == PAUSED)


def countable(rows: CaseQuerySet, access: Access) -> CaseQuerySet:
    """The same rows for counting, in which order does not matter."""
    return rows.in_both_chains(_prefixes(access))


def bounded(rows: CaseQuerySet, most: int = MOST_COUNTED) -> int:
    found = rows.order_by()[: most + 1].count()
    return found if found <= most else AtLeast(most)


def counts(rows: CaseQuerySet, bounds: Bounds, most: int = MOST_COUNTED) -> dict[str, int]:
    """Open cases by light, and those on which no clock runs; each up to `most`."""
    due = in_state(rows, DUE)
    found = {light: bounded(due.filter(bounds.light(light)).order_by("due_at"), most) for light in LIGHTS}
    return {**found, PAUSED: bounded(in_state(rows, PAUSED), most)}


def page(
    rows: CaseQuerySet,
    *,
    by_due: bool,
    after: str = "",
    before: str = "",
    size: int = 20,
    unions: Sequence[int] = (),
    each: bool = True,
) -> tuple[list[Case], str, str]:
    """Rows of a page, the key of the following and of the preceding one ("" where there is none).

    By due date and row where clocks run, else the latest first. `unions`: those of a small scope, `each` asked for
    its first (`by_union`). Raises ValueError for a key that is none.
    """
    backwards = bool(before) and not after
    key = before if backwards else after
    if key:
        rows = rows.filter(_beyond(key, by_due, backwards))
    order = _order(by_due, backwards)
    if unions and each:
        rows = rows.filter(pk__in=_first_of(rows, order, unions, size + 1))
    found: list[Case] = list(rows.order_by(*order)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    ends = [_key(one, by_due) for one in (found[:1] + found[-1:])]
    following = ends[1] if ends and (more or backwards) else ""
    preceding = ends[0] if ends and ((backwards and more) or (key and not backwards)) else ""
    return found, following, preceding


def _first_of(rows: CaseQuerySet, order: Sequence[str], unions: Sequence[int], count: int) -> list[int]:
    """The first cases over some unions: first those whose own first case comes first, then as many of each of them.

    A case among the first `count` stands in a union whose own first one comes no later, so no other union is read.
    """
    key = order[0].lstrip("-")
    way = "DESC" if order[0].startswith("-") else "ASC"
    inner = rows.select_related(None).filter(organisation_id=RawSQL("u.id", ())).order_by(*order)
    inner_sql, values = inner.values_list(key, "pk")[:1].query.sql_with_params()
    many_sql, _ = inner.values_list(key, "pk")[:count].query.sql_with_params()
    by = f"1 {way}, 2 {way}" if key != "pk" else f"2 {way}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH first AS (SELECT c.k, c.id, u.id AS union_id FROM unnest(%s::bigint[]) AS u(id)"  # noqa: S608
            f" CROSS JOIN LATERAL ({inner_sql}) AS c(k, id) ORDER BY {by} LIMIT {count})"
            f" SELECT c.k, c.id FROM first AS f(k, id, union_id), LATERAL (SELECT f.union_id AS id) AS u,"
            f" LATERAL ({many_sql}) AS c(k, id) ORDER BY {by} LIMIT {count}",
            [list(unions), *values, *values],
        )
        return [row[1] for row in cursor.fetchall()]


def _order(by_due: bool, backwards: bool) -> Sequence[str]:
    names = ("due_at", "pk") if by_due else ("pk",)
    return [f"-{name}" for name in names] if by_due == backwards else list(names)


def _beyond(key: str, by_due: bool, backwards: bool) -> Q:
    if not by_due:
        return Q(pk__gt=int(key)) if backwards else Q(pk__lt=int(key))
    moment, _, pk = key.rpartition("_")
    way, at = "lt" if backwards else "gt", datetime.fromisoformat(moment)
    beyond: dict[str, Any] = {f"due_at__{way}": at}
    return Q(**beyond) | Q(due_at=at, **{f"pk__{way}": int(pk)})


def _key(case: Case, by_due: bool) -> str:
    return f"{case.due_at.isoformat()}_{case.pk}" if by_due and case.due_at else str(case.pk)
