"""Figures of a union's subtree: its value, its breakdown, the unions below it, its course over months.

Members are read from the rollups where these hold the whole answer, and counted live where they don't: below the
folded prefixes, for an actor who may see only a part of it, for breakdowns of a past day, and for figures of unions.
Either way the answer is that of `indicators.registry`, and of the list behind the figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from unionhall.indicators import registry
from unionhall.members.indicators import age_band
from unionhall.organisations import paths
from unionhall.organisations.kinds import Chain, Kind
from unionhall.organisations.models import Organisation, Placement

from . import drilling, reading
from .drilling import Below, Place
from .reading import Spot
from .rollups import CELL_DEPTH, FLOW_DEPTH

__all__ = ["ROLLED", "Below", "breakdown", "breakdowns", "by_child", "month_ends", "trend", "values"]

#: Figures that the rollups hold, by their place in a row (`tallying.SUMS`).
ROLLED = {
    "members.count": 0,
    "members.women": 1,
    "members.migrant": 2,
    "members.new_form": 3,
    "members.retained": 4,
}
FIGURES = "organisations.figures"
#: The paths of a subtree by chain: an industry union's has two.
Bases = Mapping[str, str]


def values(codes: Iterable[str], where: Place) -> dict[str, int]:
    """Figures of the whole subtree, by code."""
    wanted = list(codes)
    found = _rolled_days([where]) if ROLLED.keys() & set(wanted) else None
    if found is None:
        return registry.values(wanted, where)
    figures = found[0] | registry.values([code for code in wanted if code not in ROLLED], where)
    return {code: figures[code] for code in wanted}


def breakdown(code: str, where: Place, by: str) -> list[tuple[str, int]]:
    """A figure by the values of one of its dimensions, in the dimension's order; "" is not known."""
    found = _cells(where, [by]) if code == "members.count" else None
    return registry.breakdown(code, where, by) if found is None else found[by]


def breakdowns(code: str, where: Place) -> dict[str, list[tuple[str, int]]]:
    """The same by every dimension of the figure; counted live it is one pass over the records."""
    dimensions = [dimension.code for dimension in registry.get(code).dimensions]
    found = _cells(where, dimensions) if code == "members.count" else None
    return registry.breakdowns(code, where) if found is None else found


def by_child(codes: Iterable[str], where: Place) -> list[Below]:
    """Figures of every union directly below."""
    wanted = list(codes)
    rolled = [code for code in wanted if code in ROLLED]
    children = drilling.children_of(where)
    found = _rolled_children(rolled, where, children) if rolled and children else None
    if found is None:
        return drilling.by_child(wanted, where, children)
    rest = drilling.by_child([code for code in wanted if code not in ROLLED], where, children)
    return [
        replace(
            row,
            figures={code: (row.figures | found[row.organisation.pk])[code] for code in wanted},
        )
        for row in rest
    ]


def trend(codes: Iterable[str], where: Place, months: int = 13) -> list[tuple[date, dict[str, int]]]:
    """Figures at the ends of months; the last is the day that is looked at (today when none)."""
    wanted = list(codes)
    days = month_ends(where.day or timezone.localdate(), months)
    places = [drilling.place(where.organisation, where.access, day) for day in days]
    found = (_rolled_days(places) or _small_days(places)) if set(wanted) <= ROLLED.keys() else None
    if found is None:
        return [(day, values(wanted, one)) for day, one in zip(days, places, strict=True)]
    return [(day, {code: row[code] for code in wanted}) for day, row in zip(days, found, strict=True)]


def month_ends(last: date, months: int) -> list[date]:
    """The last days of the months before, oldest first, and `last` itself: `months` days in all."""
    found = [last]
    first = last.replace(day=1)
    while len(found) < months:
        found.append(first - timedelta(days=1))
        first = found[-1].replace(day=1)
    return found[::-1]


# From the rollups; each answers None where they cannot answer ---------------------------------------------------------


def _rolled_days(places: Sequence[Place]) -> list[dict[str, int]] | None:
    """Figures of one union on several days."""
    organisation = places[0].organisation
    history = _history(organisation, [one.day for one in places if one.day is not None])
    bases = [_bases(organisation, one.day, history) for one in places]
    if not all(_covered(one, held) for one, held in zip(places, bases, strict=True)):
        return None
    if _went_outside(places, bases):
        return None
    return _added([(base, one.day) for base, one in zip(bases, places, strict=True)])


def _small_days(places: Sequence[Place]) -> list[dict[str, int]] | None:
    """The same for a union below the folded prefixes: past days in one pass over its members."""
    organisation = places[0].organisation
    if organisation.kind == Kind.INDUSTRY:
        return None
    history = _history(organisation, [one.day for one in places if one.day is not None])
    bases = [_bases(organisation, one.day, history) for one in places]
    if _went_outside(places, bases):
        return None
    found: dict[date, dict[str, int]] = {}
    for path in {path for base, one in zip(bases, places, strict=True) for path in base.values() if one.day}:
        spots = [
            Spot(path, day=one.day)
            for base, one in zip(bases, places, strict=True)
            if one.day and path in base.values()
        ]
        for spot, row in zip(spots, reading.course(spots), strict=True):
            found[spot.day or date.max] = {code: row[place] for code, place in ROLLED.items()}
    none = dict.fromkeys(ROLLED, 0)
    return [values(ROLLED, one) if one.day is None else found.get(one.day, none) for one in places]


def _rolled_children(
    codes: list[str], where: Place, children: Mapping[str, Organisation]
) -> dict[int, dict[str, int]] | None:
    """By the child's id. Industry unions beside regional ones count along their chains."""
    if where.organisation.kind == Kind.INDUSTRY:
        return None
    regions = [{Chain.REGION.value: path} for path in children]
    if not all(_covered(where, base) for base in regions) or _went_outside([where], regions):
        return None
    chains = [child for child in children.values() if child.kind == Kind.INDUSTRY]
    second = _second_paths(chains, where.day)
    bases: dict[int, Bases] = {}
    for path, child in children.items():
        bases[child.pk] = {Chain.REGION.value: path}
        if child in chains:
            bases[child.pk] = {Chain.REGION.value: path, Chain.INDUSTRY.value: second.get(child.pk, path)}
    # A chain may lead out of what is folded or seen: then it is counted live.
    live = [
        child
        for child in chains
        if not _covered(where, bases[child.pk]) or _went_outside([where], [bases[child.pk]])
    ]
    asked = [child for child in children.values() if child not in live]
    added = _added([(bases[child.pk], where.day) for child in asked])
    if added is None:
        return None
    found = {child.pk: row for child, row in zip(asked, added, strict=True)}
    return found | drilling.industry_chains(codes, where, live)


def _added(wanted: Sequence[tuple[Bases, date | None]]) -> list[dict[str, int]] | None:
    """Figures of subtrees on days: what stands below in the region, and what in the industry, less who is in both."""
    spots, shared = [], []
    for base, day in wanted:
        spots += [Spot(path, chain, day) for chain, path in base.items()]
        shared += [(base, day)] if len(base) > 1 else []
    rows = _at(spots)
    both = _both(shared)
    if rows is None:
        return None
    row, less = iter(rows), iter(both)
    found = []
    for base, _ in wanted:
        sums = [sum(column) for column in zip(*(next(row) for _ in base), strict=True)] if base else [0] * 5
        if len(base) > 1:
            sums = [one - other for one, other in zip(sums, next(less), strict=True)]
        found.append({code: sums[place] for code, place in ROLLED.items()})
    return found


def _at(spots: Sequence[Spot]) -> list[reading.Figures] | None:
    """Today's and past spots together, in their order."""
    now = [spot for spot in spots if spot.day is None]
    then = [spot for spot in spots if spot.day is not None]
    present = reading.today(now) if now or not then else []
    past = reading.as_of(then) if then else []
    if present is None or past is None:
        return None
    rows, earlier = iter(present), iter(past)
    return [next(rows if spot.day is None else earlier) for spot in spots]


def _both(shared: Sequence[tuple[Bases, date | None]]) -> list[reading.Figures]:
    """Who is in both chains of each."""
    pairs = [(base["region"], base["industry"], day) for base, day in shared]
    rows = iter(reading.shared([pair for pair in pairs if pair[2] is None]))
    earlier = iter(reading.shared([pair for pair in pairs if pair[2] is not None]))
    return [next(rows if day is None else earlier) for _, _, day in pairs]


def _cells(where: Place, dimensions: Sequence[str]) -> dict[str, list[tuple[str, int]]] | None:
    """Members of today by dimensions; None as of a past day too."""
    bases = _bases(where.organisation, None, {})
    if where.day is not None or not _covered(where, bases):
        return None
    found = {}
    for by in dimensions:
        counted: dict[str, int] = {}
        for chain, path in bases.items():
            rows = reading.cells(by, Spot(path, chain))
            if rows is None:
                return None
            _count(counted, by, rows, 1)
        if len(bases) > 1:
            _count(counted, by, reading.shared_cells(by, bases["region"], bases["industry"]), -1)
        labels = _labels(by)
        found[by] = [(key, counted[key]) for key in [*labels, ""] if counted.get(key)]
    return found


def _count(counted: dict[str, int], by: str, rows: Mapping[Any, int], sign: int) -> None:
    """Add rows of cells under the dimension's own values; what it does not know is ""."""
    labels = _labels(by)
    year = timezone.localdate().year
    for key, n in rows.items():
        value = age_band(int(key), year) if by == "age" else str(key)
        if by == "migrant":
            value = "1" if key == "true" else "0"
        value = value if value in labels else ""
        counted[value] = counted.get(value, 0) + sign * n


def _labels(by: str) -> Mapping[str, str]:
    return next(one.labels for one in registry.get("members.count").dimensions if one.code == by)


# Where a subtree stood, and whether the actor may see the whole of it ------------------------------------------------


def _history(organisation: Organisation, days: Sequence[date]) -> dict[tuple[str, date], str]:
    """(chain, day) → path of the union."""
    if not days:
        return {}
    rows = Placement.objects.everywhere(reason="a union's own history").filter(organisation=organisation)
    held = list(rows.values_list("chain", "path", "period"))
    return {
        (chain, day): path
        for chain, path, period in held
        for day in days
        if not period.isempty and day in period
    }


def _second_paths(unions: Sequence[Organisation], day: date | None) -> dict[int, str]:
    """Paths in the industry chain of those that stand in one."""
    if day is None or not unions:
        return {one.pk: one.second_path for one in unions if one.second_path}
    rows = Placement.objects.everywhere(reason="the history of unions already scoped")
    rows = rows.filter(organisation__in=unions, chain=Chain.INDUSTRY, period__contains=day)
    return dict(rows.values_list("organisation_id", "path"))


def _bases(
    organisation: Organisation, day: date | None, history: Mapping[tuple[str, date], str]
) -> dict[str, str]:
    """The subtree's path in each of its chains; none where the union did not stand on the day."""
    two = organisation.kind == Kind.INDUSTRY
    if day is None:
        region, industry = str(organisation.path), organisation.path_in(Chain.INDUSTRY)
    else:
        region = history.get((Chain.REGION.value, day), "")
        industry = history.get((Chain.INDUSTRY.value, day), region)
    if not region:
        return {}
    found = {Chain.REGION.value: region}
    return found | {Chain.INDUSTRY.value: industry} if two else found


def _covered(where: Place, bases: Bases) -> bool:
    """Whether the prefixes are folded, and today's subtree is within what the actor may see."""
    if where.day is not None:
        return all(paths.depth(path) <= FLOW_DEPTH for path in bases.values())
    seen = where.access.prefixes(FIGURES)
    return all(paths.depth(path) <= CELL_DEPTH and _within(path, seen) for path in bases.values())


def _within(path: str, prefixes: Iterable[str]) -> bool:
    return any(path.startswith(prefix) for prefix in prefixes)


def _went_outside(places: Sequence[Place], bases: Sequence[Bases]) -> bool:
    """Whether something that stood below on one of the days stands now where the actor may not see it.

    The records behind a figure are those that the actor may see now, so then they are counted one by one. What has
    not moved since stands where it stood: below a prefix that the actor sees only what has moved is asked about.
    """
    prefixes = places[0].access.prefixes(FIGURES)
    days = [one.day for one in places if one.day is not None]
    if not days or "" in prefixes:
        return False
    below = Q(pk__in=[])
    for chain, path in {item for one in bases for item in one.items()}:
        still = Q() if not _within(path, prefixes) else Q(period__upper_inf=False)
        below |= still & Q(chain=chain, path__startswith=path)
    seen = Q(pk__in=[])
    for prefix in prefixes:
        seen |= Q(organisation__path__startswith=prefix) | Q(organisation__second_path__startswith=prefix)
    since = Q(period__upper_inf=True) | Q(period__endswith__gt=min(days))
    rows = Placement.objects.everywhere(reason="whether a subtree of the past is within scope now")
    return rows.filter(below, since).exclude(seen).exists()
