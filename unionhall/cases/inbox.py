"""The list of cases that somebody may see: filters, lights, pages by key. A page costs the same however many there are.

A reader's scope is looked at first (`Reach`). A city, a county and a street have indexes that hold their cases in
order; an industry union has one for each chain, and both are walked. Over few unions each is asked for its first case;
the unions whose first ones come first hold the page, and only they are read. Otherwise the index by due date is walked
until a page is full. Counts stop at a bound, all of them in one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.foundation.wording import AtLeast
from unionhall.kit.workdays import AMBER_DAYS, Calendar
from unionhall.members.models.memberships import below
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from . import kinds, search
from .models import Case, CaseQuerySet
from .models.case import SECOND, narrowing
from .rules.clocks import end_of

#: Up to here the unions of a scope are named one by one.
FEW_UNIONS = 3_000
#: Up to here they are named for counts as well.
NAMED_UNIONS = 100
MOST_COUNTED = 1_000
#: At most so many are said to be left over by an act on many.
MOST_LISTED = 10_000
#: With frequent words each case has to be looked into.
MOST_WITH_WORDS = 100
DUE, PAUSED, CLOSED, ALL = "due", "paused", "closed", "all"
LIGHTS = ("red", "amber", "green")
#: The length of a city's path.
_CITY = 8
#: Lengths of an industry union's path for which each chain has an index in the order of the list.
_TRADE = {DUE: (8, 12), CLOSED: (8,)}


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


@dataclass(frozen=True)
class Reach:
    """How the cases of a scope are found: `unions` of a small one that has no index of its own, `trade` the path of an
    industry union of a province or city, whose cases stand in both chains. Neither: by what the scope says itself."""

    prefixes: tuple[str, ...] = ()
    unions: tuple[int, ...] = ()
    trade: str = ""


def reach_of(access: Access, state: str = DUE) -> Reach:
    """The scope where it is the same for every kind that the reader may see, and not everything; else none.

    `state`: of what is listed. Where no index of each chain holds it in order, an industry union is a set of unions.
    """
    groups = {access.prefixes(kind.view) for kind in kinds.all_kinds()} - {()}
    prefixes = () if len(groups) != 1 or "" in (only := next(iter(groups))) else only
    if not prefixes or narrowing(prefixes):
        return Reach(prefixes)
    if len(prefixes) == 1 and len(prefixes[0]) in _TRADE.get(state, ()):
        return Reach(prefixes, trade=prefixes[0])
    unions = Organisation.objects.everywhere(reason="which unions the reader's own scope holds")
    held = unions.filter(Organisation.scope_q(prefixes)).values_list("pk", flat=True)[: FEW_UNIONS + 1]
    found = tuple(held)
    return Reach(prefixes, found if len(found) <= FEW_UNIONS else ())


def visible(access: Access, reach: Reach, *, mine: bool = False) -> CaseQuerySet:
    """Every case the reader may see, in the words of the indexes that find those of his scope.

    `mine`: only his own are asked for, which another index finds sooner than that of a province or city.
    """
    rows = Case.objects.visible_to(access)
    if mine and all(len(prefix) <= _CITY for prefix in reach.prefixes):
        return rows
    rows = rows.narrowed(reach.prefixes)
    return rows.filter(organisation__in=reach.unions) if 0 < len(reach.unions) <= NAMED_UNIONS else rows


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


def countable(rows: CaseQuerySet, reach: Reach, wanted: Wanted) -> CaseQuerySet:
    """The same rows for counting, in which order does not matter."""
    mine = wanted.owner == "mine" and all(len(prefix) <= _CITY for prefix in reach.prefixes)
    return rows if mine else rows.in_both_chains(reach.prefixes)


def bounded(rows: CaseQuerySet, most: int = MOST_COUNTED) -> int:
    found = rows.order_by()[: most + 1].count()
    return found if found <= most else AtLeast(most)


def counts(
    rows: CaseQuerySet, wanted: Wanted, bounds: Bounds, most: int = MOST_COUNTED
) -> tuple[dict[str, int], int]:
    """Open cases by light, those on which no clock runs, and how many the list has; each count up to `most`.

    `rows`: what all filters but state and light leave. The list of those with a clock is the three lights together.
    """
    due = in_state(rows, DUE)
    asked = {light: due.filter(bounds.light(light)) for light in LIGHTS} | {PAUSED: in_state(rows, PAUSED)}
    if wanted.state not in {DUE, PAUSED}:
        asked[wanted.state] = in_state(rows, wanted.state)
    found = dict(zip(asked, _at_once(list(asked.values()), most), strict=True))
    if wanted.state != DUE:
        return found, found[wanted.state]
    parts = [found[wanted.light]] if wanted.light in LIGHTS else [found[light] for light in LIGHTS]
    broken_off = any(isinstance(one, AtLeast) for one in parts)
    return found, AtLeast(sum(parts)) if broken_off else sum(parts)


def _at_once(asked: Sequence[CaseQuerySet], most: int) -> list[int]:
    texts: list[str] = []
    values: list[Any] = []
    for rows in asked:
        try:
            sql, given = (
                rows.select_related(None).order_by().values_list("pk")[: most + 1].query.sql_with_params()
            )
        except EmptyResultSet:
            sql, given = "SELECT 1 WHERE false", ()
        texts.append(f"(SELECT count(*) FROM ({sql}) AS held)")  # noqa: S608
        values.extend(given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts)}", values)
        return [one if one <= most else AtLeast(most) for one in cursor.fetchone()]


def page(
    rows: CaseQuerySet,
    *,
    by_due: bool,
    paused: bool = False,
    after: str = "",
    before: str = "",
    size: int = 20,
    unions: Sequence[int] = (),
    walked: str = "",
    each: bool = True,
) -> tuple[list[Case], str, str]:
    """Rows of a page, the key of the following and of the preceding one ("" where there is none).

    By due date and row where clocks run, else the latest first; `paused` are found by the same indexes, at whose end
    they stand, as nothing is due. `unions`: those of a small scope, `each` asked for
    its first (`by_union`); `walked`: an industry union's path, under which both chains hold them in order. Raises
    ValueError for a key that is none.
    """
    backwards = bool(before) and not after
    key = before if backwards else after
    if key:
        rows = rows.filter(_beyond(key, by_due, backwards))
    order = _order(by_due, backwards, paused)
    if each and walked:
        rows = rows.filter(pk__in=_first_in_chains(rows, order, walked, size + 1))
    elif each and unions:
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


def _first_in_chains(rows: CaseQuerySet, order: Sequence[str], prefix: str, count: int) -> list[int]:
    """Those that come first under a path in either chain: as many of each as there may be among them."""
    chains = (below("path", prefix), Q(second_path__in_subtree=prefix) & SECOND)
    texts: list[str] = []
    values: list[Any] = []
    for chain in chains:
        held = rows.select_related(None).filter(chain).order_by(*order)
        sql, given = held.values_list("pk")[:count].query.sql_with_params()
        texts.append(f"({sql})")
        values.extend(given)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(texts), values)
        return [row[0] for row in cursor.fetchall()]


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


def _order(by_due: bool, backwards: bool, paused: bool) -> Sequence[str]:
    names = ("due_at", "pk") if by_due or paused else ("pk",)
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
