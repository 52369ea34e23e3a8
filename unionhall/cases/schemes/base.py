"""What every kind of case says in its scheme file: states, moves between them, the clocks that moves start and stop."""

from collections.abc import Iterable
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook.programmes import Parameters

Unit = Literal["minutes", "hours", "days", "working_days"]
UNIT_LABELS: dict[str, str] = {"minutes": "分钟", "hours": "小时", "days": "天", "working_days": "个工作日"}
#: `at_end` of a clock whose end people deal with.
TELL = "tell"
Code = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=24)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class State(_Part):
    """A state of the case. `closed`: nothing is owed any more."""

    code: str = Code
    label: str = Field(min_length=1, max_length=20)
    closed: bool = False


class ClockRule(_Part):
    """A time limit: minutes and hours run round the clock, days end at midnight, working days skip days off.

    `by_grade` replaces `amount` for the grades it names. `article` is its authority, shown beside it.
    `at_end`: what the platform does when it runs out: `tell` (it stands overdue on lists) or the move that it makes.
    """

    code: str = Code
    label: str = Field(min_length=1, max_length=30)
    unit: Unit
    amount: int = Field(ge=1, le=3650)
    by_grade: dict[str, int] = Field(default_factory=dict)
    article: str = ""
    at_end: str = Field(default=TELL, pattern=r"^[a-z][a-z0-9_]*$", max_length=24)

    def length(self, grade: str = "") -> int:
        return self.by_grade.get(grade, self.amount)

    def words(self, grade: str = "") -> str:
        return f"{self.length(grade)} {UNIT_LABELS[self.unit]}"


class Move(_Part):
    """A verb on the case: from which states to which (`to` empty: it stays), which clocks begin, end, wait, go on.

    `asks`: an opinion must be written; `tells`: the person who filed it gets a message with `told` and the opinion.
    """

    code: str = Code
    label: str = Field(min_length=1, max_length=20)
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str = ""
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    asks: bool = False
    tells: bool = False
    told: str = Field(default="", max_length=80)


PartT = TypeVar("PartT", State, Move, ClockRule)


class CaseScheme(Parameters):
    """Base of the parameters of every kind of case; the first state is the one in which it is opened."""

    states: tuple[State, ...] = Field(min_length=2)
    moves: tuple[Move, ...] = Field(min_length=1)
    clocks: tuple[ClockRule, ...] = ()
    #: Clocks that run from the moment the case is opened.
    opening: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        states, clocks = [one.code for one in self.states], [one.code for one in self.clocks]
        _once("状态", states)
        _once("动作", [one.code for one in self.moves])
        _once("时限", clocks)
        _known("opening", self.opening, clocks)
        for move in self.moves:
            _known(f"动作“{move.label}”的 from", move.from_, states)
            _known(f"动作“{move.label}”的 to", [move.to] if move.to else [], states)
            for name in ("starts", "stops", "pauses", "resumes"):
                _known(f"动作“{move.label}”的 {name}", getattr(move, name), clocks)
        moves = {one.code: one for one in self.moves}
        for clock in self.clocks:
            _known(f"时限“{clock.label}”的 at_end", {clock.at_end} - {TELL}, list(moves))
            if clock.at_end != TELL and clock.code not in moves[clock.at_end].stops:
                raise ValueError(
                    f"时限“{clock.label}”期满时的动作“{moves[clock.at_end].label}”应停止这个时限（stops）。"
                )
        reached, before = {states[0]}, set[str]()
        while reached != before:
            before = set(reached)
            reached |= {one.to for one in self.moves if one.to and reached & set(one.from_)}
        if missing := [one.label for one in self.states if one.code not in reached]:
            raise ValueError(f"没有动作可以到达状态：{'、'.join(missing)}。")
        if not any(one.closed for one in self.states):
            raise ValueError("至少要有一个办结状态（closed = true）。")
        return self

    def state(self, code: str) -> State:
        """Raises LookupError for a state that this version does not know."""
        return _one(self.states, code)

    def move(self, code: str) -> Move:
        return _one(self.moves, code)

    def clock(self, code: str) -> ClockRule:
        return _one(self.clocks, code)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        return tuple(one for one in self.moves if state in one.from_)


def _one(found: Iterable[PartT], code: str) -> PartT:
    for one in found:
        if one.code == code:
            return one
    raise LookupError(code)


def _once(what: str, codes: list[str]) -> None:
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise ValueError(f"{what}的 code 重复：{'、'.join(twice)}。")


def _known(where: str, codes: Iterable[str], known: list[str]) -> None:
    if strange := [code for code in codes if code not in known]:
        raise ValueError(f"{where} 写了不存在的 code：{'、'.join(strange)}。")
