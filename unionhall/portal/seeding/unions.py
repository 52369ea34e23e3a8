"""A union of the invented tree before it is written, and the tree that numbers and places it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from unionhall.kit.identifiers import make_uscc
from unionhall.kit.periods import years_after
from unionhall.organisations import paths
from unionhall.organisations.kinds import SHAPES, Kind, Level, Status

from .firms import EmployerRow, Firms

__all__ = ["Tree", "Union"]


@dataclass(eq=False)
class Union:
    """One union: where it stands, since when, whom it covers, how large it is next to others (`weight`)."""

    id: int
    code: str
    name: str
    short_name: str
    kind: Kind
    level: int
    division: str
    path: str
    since: date
    parent: Union | None = None
    industry: Union | None = None
    second_path: str = ""
    second_parent: Union | None = None
    until: date | None = None
    status: Status = Status.ACTIVE
    uscc: str | None = None
    employers: list[EmployerRow] = field(default_factory=list)
    weight: float = 0.0
    platform: bool = False
    address: str = ""
    former_name: tuple[str, date] | None = None
    former_place: tuple[Union, str, date] | None = None
    successor: tuple[Union, str, date] | None = None
    term: tuple[int, date, date] | None = None
    certificate_until: date | None = None
    children: int = 0

    @property
    def has_members(self) -> bool:
        return SHAPES[self.kind].has_members

    def take_segment(self) -> str:
        self.children += 1
        return paths.segment(self.children)


class Tree:
    """Builds unions one below another: codes, both paths, credit codes, terms, certificates."""

    def __init__(self, random: Random, today: date, firms: Firms) -> None:
        self.random, self.today, self.firms = random, today, firms
        self.unions: list[Union] = []
        self._codes: Counter[str] = Counter()
        self._roots = 0

    def add(
        self,
        name: str,
        kind: Kind,
        level: int,
        division: str,
        parent: Union | None,
        *,
        since: date,
        short: str = "",
        industry: Union | None = None,
        employers: tuple[EmployerRow, ...] = (),
        weight: float = 0.0,
    ) -> Union:
        """Place a union under its superior (and its industry superior), as `organisations.actions.establish` would."""
        self._codes[division] += 1
        if parent is None:
            self._roots += 1
        segment = parent.take_segment() if parent else paths.segment(self._roots)
        since = max(since, parent.since + timedelta(days=30)) if parent else since
        union = Union(
            len(self.unions) + 1, f"{division}-{self._codes[division]:05d}", name, short, kind, level, division,
            (parent.path if parent else "") + segment, since, parent, industry,
            employers=list(employers), weight=weight,
        )  # fmt: skip
        self._second(union, segment)
        self._registered(union)
        self.unions.append(union)
        return union

    def _second(self, union: Union, segment: str) -> None:
        parent, industry = union.parent, union.industry
        if industry is not None:
            beside = industry.second_path or industry.path
            union.second_path = beside + (segment if industry is parent else industry.take_segment())
            union.second_parent = industry
            union.since = max(union.since, industry.since + timedelta(days=30))
        elif union.level > Level.GRASSROOTS and parent is not None and parent.second_path:
            union.second_path, union.second_parent = parent.second_path + segment, parent

    def _registered(self, union: Union) -> None:
        """Credit code, legal certificate, term: parts of a union (branches, groups) have none of their own."""
        if union.level > Level.GRASSROOTS:
            return
        base = union.kind in {Kind.GRASSROOTS, Kind.JOINT}
        number = union.id
        division = f"{union.division[:2]}9{1 + number % 9}{number // 9 % 100:02d}"
        union.uscc = make_uscc("81" if base else "89", division, number)
        days = self.random.choices((-60, 20, 75, 400, 900, 1500), (3, 4, 6, 30, 30, 27))[0]
        union.certificate_until = self.today + timedelta(days=days + self.random.randint(-12, 12))
        union.address = union.employers[0].address if union.employers else ""
        self._elect(union, base)

    def _elect(self, union: Union, base: bool) -> None:
        """The present term: some overdue, some about to end, most in good time; the newest have just been elected."""
        years = self.random.choice((3, 5, 5)) if base else 5
        left = self.random.choices(
            (
                -self.random.randint(3, 420),
                self.random.randint(1, 85),
                self.random.randint(100, years * 365 - 20),
            ),
            (7, 9, 84),
        )[0]
        end = self.today + timedelta(days=left)
        start = years_after(end, -years)
        if start < union.since:
            start, end = union.since, years_after(union.since, years)
        number = max(1, (start - union.since).days // (years * 365) + 1)
        union.term = (number, start, end)

    # History -------------------------------------------------------------------------------------------------

    def rename(self, union: Union, was: str, on: date) -> None:
        union.former_name = (was, on)

    def moved(self, union: Union, origin: Union, on: date) -> None:
        """The union, which has nothing below it, stood under `origin` until `on`."""
        union.former_place = (origin, origin.path + origin.take_segment(), on)

    def end(self, union: Union, on: date, status: Status, successor: Union | None = None) -> None:
        """The union ended; its members went to the successor."""
        union.until, union.status = on, status
        if successor is not None:
            union.successor = (successor, "merge", on)
