"""What the scheme of appeals says beside states, moves and clocks: extension, representatives, what a bad rating is."""

from typing import Self

from pydantic import Field, model_validator

from unionhall.rulebook.programmes import programme

from .base import CaseScheme

#: Moves that actions of appeals make by name: every version must have them.
MOVES = frozenset(
    [
        "accept",
        "ask",
        "supplied",
        "extend",
        "answer",
        "rate_well",
        "rate_badly",
        "called",
        "fixed",
        "lapse",
        "withdraw",
        "refer",
        "merge",
    ]
)
CLOCKS = frozenset({"register", "close", "answer", "rate", "call_back", "fix"})


@programme("case_appeal", title="职工诉求办理")
class AppealScheme(CaseScheme):
    """`bad_rating`: at or below it somebody calls back and mends. `hotline_days`: what lists of 12351 are kept.

    `extension_days`: once, on top of the clock `close`.
    """

    extension_days: int = Field(ge=1, le=365)
    most_representatives: int = Field(ge=1, le=100)
    bad_rating: int = Field(ge=1, le=4)
    hotline_days: int = Field(default=90, ge=1, le=3650)
    #: Grades of urgency that an appeal may have beside the ordinary one: code → what people read.
    grades: dict[str, str]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if lacking := sorted(MOVES - {one.code for one in self.moves}):
            raise ValueError(f"moves 还要写：{'、'.join(lacking)}。")
        if lacking := sorted(CLOCKS - {one.code for one in self.clocks}):
            raise ValueError(f"clocks 还要写：{'、'.join(lacking)}。")
        if strange := sorted({grade for one in self.clocks for grade in one.by_grade} - set(self.grades)):
            raise ValueError(f"clocks 写了 grades 里没有的等级：{'、'.join(strange)}。")
        return self
