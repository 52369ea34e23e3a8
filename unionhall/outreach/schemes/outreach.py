"""走访联系: how soon a visit is owed, how long each kind of problem may take, what a year asks of a cadre."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook.programmes import Parameters, programme

PROGRAMME = "outreach"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Category(_Part):
    """A kind of problem that visits find, and the working days in which its owner answers."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$", max_length=16)
    label: str = Field(min_length=1, max_length=20)
    working_days: int = Field(ge=1, le=250)


class Target(_Part):
    """What a year asks of each cadre of unions of a level (1 the province … 5 the grassroots); 0 asks nothing."""

    level: int = Field(ge=1, le=7)
    days_on_line: int = Field(ge=0, le=250)
    firms: int = Field(default=0, ge=0, le=2000)
    families: int = Field(default=0, ge=0, le=2000)


@programme(PROGRAMME, title="走访联系")
class OutreachScheme(Parameters):
    """`duty_hours`: from an event to the visit it asks for, round the clock. `triggers`: what asks for one.

    `serious_settlement`: medical aid granted for one settlement, yuan, from which a visit is owed. `meetings_cut` and
    `documents_cut`: the share by which a year's meetings and documents are to shrink; 0 asks nothing. `check_share`: of
    ratings by slip those that are asked about, at random, within `check_working_days`.
    """

    summary: str = Field(min_length=1)
    triggers: tuple[Literal["injury", "hardship", "trouble"], ...] = ("injury", "hardship", "trouble")
    duty_hours: int = Field(ge=1, le=24 * 60)
    serious_settlement: Decimal = Field(gt=0)
    categories: tuple[Category, ...] = Field(min_length=1)
    escalate_after: int = Field(ge=0, le=60)
    low_rating: int = Field(ge=0, le=4)
    redo_working_days: int = Field(ge=1, le=120)
    reopen_at_most: int = Field(ge=0, le=9)
    rating_days: int = Field(ge=1, le=366)
    check_share: Decimal = Field(default=Decimal("0.2"), ge=0, le=1)
    check_working_days: int = Field(default=5, ge=1, le=60)
    record_within_days: int = Field(ge=0, le=60)
    targets: tuple[Target, ...] = ()
    difficult_firms: int = Field(default=0, ge=0)
    difficult_workers: int = Field(default=0, ge=0)
    meetings_cut: Decimal = Field(default=Decimal(0), ge=0, lt=1)
    documents_cut: Decimal = Field(default=Decimal(0), ge=0, lt=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for what, codes in (
            ("categories 的 code", [one.code for one in self.categories]),
            ("targets 的 level", [str(one.level) for one in self.targets]),
        ):
            if len(set(codes)) != len(codes):
                raise ValueError(f"{what} 重复，每项只写一次。")
        return self

    def category(self, code: str) -> Category | None:
        return next((one for one in self.categories if one.code == code), None)

    def target(self, level: int) -> Target | None:
        return next((one for one in self.targets if one.level == level), None)
