"""What every benefit's scheme file says: who qualifies, how much, how often, with which papers, through which hands."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.reviews.planning import StepRule
from unionhall.rulebook import Parameters
from unionhall.rulebook.calculators import Amount
from unionhall.rulebook.conditions import Clause

#: How often the same person may have it.
Per = Literal["once", "year", "month", "event"]
PER_LABELS: dict[str, str] = {
    "once": "每人一次",
    "year": "每年一次",
    "month": "每月一次",
    "event": "每符合一次可享受一次",
}
#: Places that `at` of a step may name, by how a benefit is handled.
PLACES = frozenset({"union", "street", "county", "district", "city", "province"})


class Paper(BaseModel):
    """Something a person must bring because the register does not know it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)
    note: str = ""
    required: bool = True


class BenefitScheme(Parameters):
    """Base of all benefits' parameters. `amount` is absent where a rule of the benefit itself works out the sum.

    `exclusive_with`: programmes that the same household may not have besides this one (no double funding).
    """

    summary: str = Field(min_length=1)
    conditions: tuple[Clause, ...] = ()
    amount: Amount | None = None
    amount_words: str = ""
    per: Per = "event"
    papers: tuple[Paper, ...] = ()
    steps: tuple[StepRule, ...] = ()
    notice_working_days: int = Field(default=0, ge=0, le=60)
    exclusive_with: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for step in self.steps:
            if step.at not in PLACES:
                raise ValueError(f"环节“{step.name}”的 at 只能是 {'、'.join(sorted(PLACES))}。")
        codes = [paper.code for paper in self.papers]
        if len(set(codes)) != len(codes):
            raise ValueError("材料的 code 重复，每种材料只写一次。")
        return self
