"""Pure rules of the tree: facts in, answers out. No clock: today is an argument, and so is every number that varies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .kinds import Level


class TermState(StrEnum):
    """The traffic light of a committee's term."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"

    @property
    def label(self) -> str:
        return {"green": "正常", "amber": "即将届满", "red": "已届满", "none": "未登记"}[self.value]


@dataclass(frozen=True)
class TermClock:
    """Where a term stands: its state and the days left, negative when overdue (None: no term is registered)."""

    state: TermState
    days: int | None = None

    @property
    def overdue(self) -> int:
        """Days since the term ended."""
        return -(self.days or 0)

    @classmethod
    def read(cls, end: date | None, today: date, warning_days: int) -> "TermClock":
        """`end` is the first day after the term. Amber in the last `warning_days` days, red from `end` on."""
        if end is None:
            return cls(TermState.NONE)
        left = (end - today).days
        if left <= 0:
            return cls(TermState.RED, left)
        return cls(TermState.AMBER if left <= warning_days else TermState.GREEN, left)


def term_years(level: int) -> tuple[int, ...]:
    """Lengths of a term in years. Source: 工会法 §16: grassroots 3 or 5, local and industry 5."""
    return (5,) if level <= Level.COUNTY else (3, 5)


@dataclass(frozen=True)
class Thresholds:
    """Numbers from which the law asks for something. Passed in, because places differ."""

    committee_members: int
    full_time_chair_staff: int
    women_committee_women: int | None


@dataclass(frozen=True)
class UnionFacts:
    """What the warnings look at."""

    members: int
    women: int
    staff: int
    has_committee: bool
    has_full_time_chair: bool
    has_women_committee: bool
    has_audit_committee: bool
    clock: TermClock


@dataclass(frozen=True)
class Remark:
    """A thing to be put right: what, and the article that asks for it."""

    text: str
    source: str


def remarks(facts: UnionFacts, limits: Thresholds) -> Sequence[Remark]:
    """What the superior would remark on. None of it blocks anything."""
    found: list[Remark] = []
    if facts.members >= limits.committee_members and not facts.has_committee:
        found.append(Remark(f"会员已有 {facts.members} 人，应当建立基层工会委员会。", "《工会法》第十一条"))
    many = limits.women_committee_women
    if many is not None and facts.women >= many and not facts.has_women_committee:
        found.append(Remark(f"女会员已有 {facts.women} 人，应当建立女职工委员会。", "女职工委员会的地方规定"))
    if facts.staff >= limits.full_time_chair_staff and not facts.has_full_time_chair:
        found.append(Remark(f"职工已有 {facts.staff} 人，应设专职工会主席。", "《中国工会章程》第二十五条"))
    if facts.has_committee and not facts.has_audit_committee:
        found.append(Remark("还没有登记经费审查委员会。", "《中国工会章程》"))
    if facts.clock.state is TermState.RED:
        found.append(Remark(f"任期已届满 {facts.clock.overdue} 天，应当换届。", "《中国工会章程》第二十六条"))
    return found
