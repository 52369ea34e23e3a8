"""Pure rules of the tree: facts in, answers out. No clock: today is an argument, and so is every number that varies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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
    def read(cls, end: date | None, today: date, soon: date) -> "TermClock":
        """`end` is the first day after the term. Amber while `end` is no later than `soon`, red from `end` on."""
        if end is None:
            return cls(TermState.NONE)
        left = (end - today).days
        if left <= 0:
            return cls(TermState.RED, left)
        return cls(TermState.AMBER if end <= soon else TermState.GREEN, left)


@dataclass(frozen=True)
class Limit:
    """A number from which something is asked for, and the document that says so."""

    number: int
    source: str


@dataclass(frozen=True)
class Seats:
    """How many committee members a union with so many members may elect."""

    choices: tuple[int, ...]
    source: str

    @property
    def words(self) -> str:
        return "、".join(str(number) for number in self.choices)


@dataclass(frozen=True)
class Thresholds:
    """Numbers from which something is asked for, on one day in one place; None where no number is set there."""

    committee_members: Limit | None = None
    women_committee_women: Limit | None = None
    full_time_chair_staff: Limit | None = None
    full_time_chair_must: bool = False


@dataclass(frozen=True)
class UnionFacts:
    """What the remarks look at. `committee_size` is that of the latest term; `seats` what its members allow."""

    members: int
    women: int
    staff: int
    has_committee: bool
    has_full_time_chair: bool
    has_women_committee: bool
    has_audit_committee: bool
    clock: TermClock
    has_organiser: bool = False
    committee_size: int | None = None
    seats: Seats | None = None


@dataclass(frozen=True)
class Remark:
    """A thing to be put right or to be considered: what, and the article that asks for it."""

    text: str
    source: str


def overdue(clock: TermClock) -> list[Remark]:
    """The remark on a term that has ended."""
    if clock.state is not TermState.RED:
        return []
    return [Remark(f"任期已届满 {clock.overdue} 天，应当换届。", "《中国工会章程》第二十六条")]


def remarks(facts: UnionFacts, limits: Thresholds, *, counted: bool = True) -> list[Remark]:
    """What the superior would remark on in a grassroots union. None of it blocks anything.

    Not `counted`: the reader may not know how many members there are; the remarks do without their number.
    """
    return [
        *_on_committee(facts, limits.committee_members, counted),
        *_on_size(facts, counted),
        *_on_women(facts, limits.women_committee_women, counted),
        *_on_chair(facts, limits),
        *_on_audit(facts),
        *overdue(facts.clock),
    ]


def _on_committee(facts: UnionFacts, limit: Limit | None, counted: bool) -> list[Remark]:
    if limit is None or facts.has_committee or not facts.members:
        return []
    if facts.members >= limit.number:
        have = f"会员已有 {facts.members} 人" if counted else f"会员已达 {limit.number} 人"
        return [Remark(f"{have}，应当建立基层工会委员会。", limit.source)]
    if facts.has_organiser:
        return []
    ways = "可以单独建立工会委员会，可以和其他单位联合建立，也可以选举组织员一人"
    have = f"会员 {facts.members} 人，" if counted else "会员"
    return [Remark(f"{have}不足 {limit.number} 人：{ways}。", limit.source)]


def _on_size(facts: UnionFacts, counted: bool) -> list[Remark]:
    size, seats = facts.committee_size, facts.seats
    if size is None or seats is None or size in seats.choices:
        return []
    if not counted:
        return [Remark(f"委员 {size} 人，与会员人数应有的委员名额不符。", seats.source)]
    return [Remark(f"委员 {size} 人；会员 {facts.members} 人的，委员名额为 {seats.words} 人。", seats.source)]


def _on_women(facts: UnionFacts, limit: Limit | None, counted: bool) -> list[Remark]:
    if limit is None or facts.women < limit.number or facts.has_women_committee:
        return []
    have = f"女会员已有 {facts.women} 人" if counted else f"女会员已达 {limit.number} 人"
    return [Remark(f"{have}，应当建立女职工委员会。", limit.source)]


def _on_chair(facts: UnionFacts, limits: Thresholds) -> list[Remark]:
    limit = limits.full_time_chair_staff
    if limit is None or facts.staff < limit.number or facts.has_full_time_chair:
        return []
    verb = "应当" if limits.full_time_chair_must else "可以"
    return [Remark(f"职工已有 {facts.staff} 人，{verb}设专职工会主席。", limit.source)]


def _on_audit(facts: UnionFacts) -> list[Remark]:
    if not facts.has_committee or facts.has_audit_committee:
        return []
    return [Remark("还没有登记经费审查委员会。", "《工会法》第四十五条")]
