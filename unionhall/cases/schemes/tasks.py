"""联动任务、督办: kinds of plans, how long a part and a supervision note give for the reply."""

from typing import Self

from pydantic import Field, model_validator

from unionhall.rulebook import programme

from .base import CaseScheme
from .incidents import Word

PROGRAMME = "case_task"
NEEDED_MOVES = frozenset({"start", "merge", "reopen", "close", "withdraw"})


@programme(PROGRAMME, title="联动任务与督办")
class TaskScheme(CaseScheme):
    """联动任务. `reply_working_days`: what a supervision note gives; unanswered, it goes to the next level above.

    `part_days`: days a part has when whoever hands it out names no date. `plan_kinds`: “1+6”, “1+9”, 五年规划.
    """

    plan_kinds: tuple[Word, ...] = Field(min_length=1)
    part_days: int = Field(ge=1, le=365)
    reply_working_days: int = Field(ge=1, le=60)

    @model_validator(mode="after")
    def _verbs(self) -> Self:
        if missing := sorted(NEEDED_MOVES - {one.code for one in self.moves}):
            raise ValueError(f"缺少动作：{'、'.join(missing)}。")
        return self
