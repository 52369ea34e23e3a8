"""Small cells: what of the figures a reader may see who may not read the records behind them.

Whoever holds `members.view` over all that the figures of a union's subtree count for him could count for himself and
sees everything. Others see no number below the threshold of the scheme `statistics`, and no number from which one
could be had by subtraction:

- the figures of a union and the table of unions below it are exact, with so many more cells left out that a table's
  total gives none away; what is left out in the table above stays left out on the union's own page;
- breakdowns and courses over time, which every page shows for itself, are exact at the reader's top and rounded to
  the threshold below it; so are industry unions, whose members stand in a region's table too, and which that table
  tells as their own page does. Where the figure itself is withheld, so are its breakdown, even which of its cells are
  empty, and its course.

Figures whose mere number tells of people (`Indicator.private`: households in hardship, disputes, aid to the sick) are
rounded to the threshold, and withheld below it, everywhere, for whoever may not open those records in the whole
subtree. Money is shown as what the rounded number of its records would come to, and withheld where they are few.
Who adds up a table of them can here and there tell a one from a four; that there are any is seen anyway.

Rounded numbers of one page and exact ones of another can narrow a withheld number down, not fix it. Two tables of
different days can still be compared: a person who joins in between is then seen as one more. Who also reads the
records of a part knows that part from there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise

from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.scope import Access
from unionhall.indicators import registry
from unionhall.organisations.kinds import Chain, Kind
from unionhall.organisations.models import Organisation, Placement
from unionhall.organisations.paths import above

from . import figures, rules
from .drilling import Below, Place
from .schemes import StatisticsScheme

WHOLE = "members.count"
FIGURES = "organisations.figures"
RECORDS = "members.view"
#: The cell of a breakdown that is also a figure of its own.
ALIASES = {
    "sex": ("2", "members.women"),
    "migrant": ("1", "members.migrant"),
    "form": ("5", "members.new_form"),
}

Shown = dict[str, int | None]


def reads_records(access: Access, organisation: Organisation) -> bool:
    """Whether the reader may list every member whom the union's figures count for him."""
    return holds_throughout(access, RECORDS, organisation)


def holds_throughout(access: Access, permission: str, organisation: Organisation) -> bool:
    """Whether a permission reaches all of the union's subtree that its figures count for this reader.

    An industry union counts its chain, whose members stand in many regions: its own region alone does not reach them,
    unless the permission reaches wherever the reader's figures do.
    """
    prefixes = access.prefixes(permission)

    def reached(paths: Iterable[str]) -> list[bool]:
        return [any(path.startswith(prefix) for prefix in prefixes) for path in paths]

    held = reached(organisation.paths)
    if organisation.kind != Kind.INDUSTRY:
        return any(held)
    return all(held) or all(reached(access.prefixes(FIGURES)))


def threshold(organisation: Organisation) -> int:
    """The smallest number that is published here today."""
    version = rulebook.scheme(StatisticsScheme, timezone.localdate(), organisation.division)
    return version.parameters.smallest_cell


@dataclass(frozen=True)
class OnTheWall:
    """The eyes of whoever passes a screen: the figures of the account that opened it, without any records."""

    access: Access

    @property
    def account_id(self) -> int | None:
        return self.access.account_id

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.access.prefixes(permission) if permission == FIGURES else ()


@dataclass(frozen=True)
class Row:
    """A union directly below with what may be shown of it; None is withheld.

    `is_open`: nothing of its members is withheld or rounded.
    """

    below: Below
    figures: Shown
    is_open: bool


def parts() -> list[str]:
    """Codes of the figures that count members, the whole first."""
    rows = registry.get(WHOLE).rows
    others = [one.code for one in registry.all_indicators() if one.rows is rows and one.code != WHOLE]
    return [WHOLE, *others]


class Disclosure:
    """The figures of `figures`, as far as the reader of `where` may see them."""

    def __init__(self, where: Place) -> None:
        self.where = where
        self._counted: dict[tuple[str, ...], dict[str, int]] = {}
        self._closed: dict[str, bool] = {}

    @cached_property
    def is_open(self) -> bool:
        """Nothing is withheld."""
        return reads_records(self.where.access, self.where.organisation)

    @cached_property
    def limit(self) -> int:
        return threshold(self.where.organisation)

    @cached_property
    def above(self) -> list[Organisation]:
        """Unions above whose figures the reader sees too, highest first: in the region, else along the industry."""
        day = self.where.day or timezone.localdate()
        for chain in (Chain.REGION, Chain.INDUSTRY):
            path = self.where.organisation.path_on(day, chain) or ""
            rows = Placement.objects.visible_to(self.where.access, to=FIGURES)
            rows = rows.filter(path__in=above(path), period__contains=day).select_related("organisation")
            found = {row.path: row.organisation for row in rows}
            if found:
                return [found[path] for path in sorted(found)]
        return []

    @property
    def is_coarse(self) -> bool:
        """Whether breakdowns and courses are rounded."""
        return not self.is_open and bool(self.above)

    @property
    def _is_rounded(self) -> bool:
        """Whether even the union's own figures are."""
        return self.is_coarse and self.where.organisation.kind == Kind.INDUSTRY

    @cached_property
    def hidden(self) -> set[str]:
        """Codes of the union's own figures that are withheld: for themselves, or in a table above."""
        if self.is_open:
            return set()
        codes = parts()
        chain = [*self.above, self.where.organisation]
        places = [replace(self.where, organisation=one) for one in chain]
        totals = figures.values(codes, places[0])
        hidden = rules.withheld_figures(totals, WHOLE, self.limit)
        for upper, lower in pairwise(places):
            rows = _family(figures.by_child(codes, upper))
            found = rules.withheld_rows(totals, rows, WHOLE, self.limit, hidden)
            key = lower.organisation.pk
            totals = rows[key] if key in rows else figures.values(codes, lower)
            hidden = found.get(key, rules.withheld_figures(totals, WHOLE, self.limit))
        return hidden

    def _one(self, count: int, *, hidden: bool, coarse: bool) -> int | None:
        if hidden or (coarse and rules.is_small(count, self.limit)):
            return None
        return rules.rounded(count, self.limit) if coarse else count

    def _private(self, code: str) -> bool:
        """Whether the reader may know a figure coarsely only."""
        if code not in self._closed:
            needed = registry.get(code).private
            self._closed[code] = bool(needed) and not holds_throughout(
                self.where.access, needed, self.where.organisation
            )
        return self._closed[code]

    def _with_counts(self, codes: Iterable[str]) -> list[str]:
        """The codes, with the figures by which money is coarsened."""
        codes = list(codes)
        counts = [registry.get(code).counted_by for code in codes if self._private(code)]
        return [*codes, *(code for code in counts if code and code not in codes)]

    def _coarsely(self, found: Mapping[str, int | None]) -> Shown:
        return {
            code: self._coarse(code, count, found) if count is not None and self._private(code) else count
            for code, count in found.items()
        }

    def _coarse(self, code: str, count: int, found: Mapping[str, int | None]) -> int | None:
        by = registry.get(code).counted_by
        if by:
            return rules.coarse_sum(count, found[by] or 0, self.limit)
        return self._one(count, hidden=False, coarse=True)

    def values(self, codes: Iterable[str]) -> Shown:
        """The union's own figures."""
        codes = list(codes)
        found = self._coarsely(self._values(self._with_counts(codes)))
        return {code: found[code] for code in codes}

    def _values(self, codes: Iterable[str]) -> Shown:
        found = self._own(codes)
        if self.is_open:
            return dict(found)
        members = set(parts())
        return {
            code: self._one(count, hidden=code in self.hidden, coarse=self._is_rounded)
            if code in members
            else count
            for code, count in found.items()
        }

    def _own(self, codes: Iterable[str]) -> dict[str, int]:
        """The union's own figures as they are; a page that shows and compares them has them counted once."""
        key = tuple(codes)
        if key not in self._counted:
            self._counted[key] = figures.values(key, self.where)
        return self._counted[key]

    def earlier(self, codes: Iterable[str], where: Place) -> Shown:
        """The same figures on another day, to compare with: rounded below the reader's top, as `course` is."""
        wanted = list(dict.fromkeys([*self._with_counts(codes), WHOLE]))
        (_, found), *_ = self.course([(where.day or timezone.localdate(), figures.values(wanted, where))])
        return found

    def comparable(self, codes: Iterable[str]) -> Shown:
        """The union's own figures as `earlier` gives those of another day."""
        codes = list(codes)
        if not self.is_coarse:
            return self.values(codes)
        day = self.where.day or timezone.localdate()
        wanted = self._with_counts(codes if WHOLE in codes else [*codes, WHOLE])
        ((_, found),) = self.course([(day, self._own(wanted))])
        return found

    def by_child(self, codes: Iterable[str]) -> list[Row]:
        """Every union directly below with its figures."""
        codes, members = list(codes), parts()
        rows = figures.by_child(self._decisive(codes, members), self.where)
        found: dict[int, set[str]] = {}
        if not self.is_open:
            found = rules.withheld_rows(self._own(members), _family(rows), WHOLE, self.limit, self.hidden)
        return [self._row(row, codes, members, found.get(row.organisation.pk)) for row in rows]

    def _decisive(self, codes: list[str], members: list[str]) -> list[str]:
        """The codes, with what decides on them in any row: the counts of money, the figures of members."""
        counts = [registry.get(code).counted_by for code in codes]
        if self.is_open:
            members = [WHOLE] if set(codes) & set(members) else []
        return list(dict.fromkeys([*codes, *filter(None, counts), *members]))

    def _row(self, row: Below, codes: list[str], members: list[str], found: set[str] | None) -> Row:
        """An industry union beside regions is told as on its own page: its chain may lead to where the reader opens
        fewer records, or more. `found`: what the table withholds of the others."""
        eyes = Disclosure(replace(self.where, organisation=row.organisation)) if row.beside else self
        shown: Shown = dict(row.figures)
        if not eyes.is_open:
            mine = {code: row.figures[code] for code in members if code in row.figures}
            hidden = found or (rules.withheld_figures(mine, WHOLE, eyes.limit) if mine else set())
            coarse = row.beside or eyes._is_rounded
            for code, count in mine.items():
                shown[code] = eyes._one(count, hidden=code in hidden, coarse=coarse)
        shown = eyes._coarsely(shown)
        return Row(row, {code: shown[code] for code in codes}, eyes.is_open)

    def breakdown(self, code: str, by: str) -> list[tuple[str, int | None]]:
        """A figure by the values of a dimension."""
        return self._cells(code, by, figures.breakdown(code, self.where, by))

    def breakdowns(self, code: str) -> dict[str, list[tuple[str, int | None]]]:
        """A figure by every dimension it has."""
        found = figures.breakdowns(code, self.where)
        return {by: self._cells(code, by, rows) for by, rows in found.items()}

    def _cells(self, code: str, by: str, rows: list[tuple[str, int]]) -> list[tuple[str, int | None]]:
        counts = dict(rows)
        if self._private(code):
            if rules.is_small(sum(counts.values()), self.limit):
                return _withheld(code, by)
            return [(key, self._one(count, hidden=False, coarse=True)) for key, count in rows]
        if self.is_open or code not in parts():
            return list(rows)
        if code in self.hidden:
            return _withheld(code, by)
        alias, figure = ALIASES.get(by, ("", ""))
        hidden = rules.withheld(
            counts,
            self.limit,
            total=sum(counts.values()),
            already=[alias] if figure in self.hidden else [],
            last=[alias],
        )
        return [(key, self._one(count, hidden=key in hidden, coarse=self.is_coarse)) for key, count in rows]

    def trend(self, codes: Iterable[str], months: int = 13) -> list[tuple[date, Shown]]:
        """Figures at the ends of months."""
        codes = list(codes)
        wanted = self._with_counts(codes)
        if not self.is_open:
            wanted = list(dict.fromkeys([*wanted, WHOLE]))
        return [
            (day, {code: found[code] for code in codes})
            for day, found in self.course(figures.trend(wanted, self.where, months))
        ]

    def course(self, points: Iterable[tuple[date, Mapping[str, int]]]) -> list[tuple[date, Shown]]:
        """Points of a course over time, each by itself; the count of members is among the figures of each, and so is
        what counts the records of money."""
        if self.is_open:
            return [(day, self._coarsely(found)) for day, found in points]
        members, withheld = set(parts()), self.hidden if self.is_coarse else set()
        result = []
        for day, found in points:
            mine = {code: count for code, count in found.items() if code in members}
            hidden = withheld | rules.withheld_figures(mine, WHOLE, self.limit)
            shown: Shown = {
                code: self._one(count, hidden=code in hidden, coarse=self.is_coarse)
                if code in members
                else count
                for code, count in found.items()
            }
            result.append((day, self._coarsely(shown)))
        return result


def _withheld(code: str, by: str) -> list[tuple[str, int | None]]:
    """Every cell that a breakdown can have: which of them hold somebody is not told either."""
    dimension = next(one for one in registry.get(code).dimensions if one.code == by)
    return [(key, None) for key in (*dimension.labels, "")]


def _family(rows: Iterable[Below]) -> dict[int, dict[str, int]]:
    """The rows that add up to their union: industry unions count their chain beside them."""
    return {row.organisation.pk: row.figures for row in rows if not row.beside}
