"""Programmes of the career subsidy: the year's catalogue of occupations, and what a certificate in it is worth."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import Parameters, programme
from unionhall.rulebook.calculators import Table

from .base import BenefitScheme

#: The fact by which the table of sums is read: levels of skill certificates, 1 is the highest.
LEVEL = "benefits.certificate_level"


@programme("career_catalogue", title="助推计划职业（工种）目录")
class CareerCatalogue(Parameters):
    """The occupations of a year (domain.md §4: the catalogue changes yearly). Certificates name them so."""

    occupations: tuple[str, ...] = Field(min_length=1)
    #: Trades without a certificate, in which a contest's result stands for one.
    uncertified: tuple[str, ...] = Field(default=(), title="没有职业证书的工种")

    @model_validator(mode="after")
    def _once(self) -> Self:
        seen: set[str] = set()
        for name in (*self.occupations, *self.uncertified):
            if name in seen:
                raise ValueError(f"职业（工种）“{name}”写了两次，只写一次。")
            seen.add(name)
        return self


class Contest(BaseModel):
    """From which place on a contest in a trade without certificates counts, by how many took part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Literal["final", "semifinal"]
    entrants_from: int = Field(ge=1)
    entrants_below: int | None = Field(default=None, ge=2)
    places: int = Field(ge=1, le=100)
    level: Literal["1", "2", "3", "4", "5"]


@programme("career_match", title="助推补贴区县配套")
class CareerMatchScheme(Parameters):
    """What a district adds out of its own budget to each subsidy granted; `ratio` 1 is 1:1 (domain.md §4, K2)."""

    ratio: Decimal = Field(gt=0, le=5, title="配套比例")


@programme("career_subsidy", title="职业发展助推补贴")
class CareerScheme(BenefitScheme):
    """Once per person, occupation and level; applied for within some months after the certificate was issued."""

    amount: Table
    apply_within_months: int = Field(ge=1, le=120)
    contests: tuple[Contest, ...] = Field(default=(), title="没有职业证书的工种：按竞赛名次")
    budget_programme: str = "career_subsidy"

    @model_validator(mode="after")
    def _by_level(self) -> Self:
        if self.amount.fact != LEVEL:
            raise ValueError(f'amount 应按证书等级列出：fact = "{LEVEL}"。')
        if not self.steps or not self.notice_working_days:
            raise ValueError("助推补贴要写明审核环节 steps 和公示天数 notice_working_days。")
        return self
