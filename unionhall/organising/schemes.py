"""Programmes of organising: what the scheme files under schemes/ may say about each, and the rules on it.

Sources are in the files themselves (domain.md §1 §2); logic stays here, values stay there.
"""

from datetime import date
from itertools import pairwise
from typing import Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from unionhall.organisations.kinds import Level
from unionhall.reviews.planning import StepRule
from unionhall.rulebook import Parameters, calculator, programme

_PLACES = {
    "admission": {"union"},
    "transfer": {"union", "destination"},
    "standing": {"union", "superior"},
    "founding": {"superior"},
}


def _places_of(programme: str, steps: tuple[StepRule, ...]) -> tuple[StepRule, ...]:
    for step in steps:
        if step.at not in _PLACES[programme]:
            raise ValueError(f"环节“{step.name}”的 at 只能是 {'、'.join(sorted(_PLACES[programme]))}。")
    return steps


@programme("admission", title="入会")
class AdmissionScheme(Parameters):
    """入会: who decides and within how many working days; unions without an employer's union take in workers."""

    steps: tuple[StepRule, ...] = Field(min_length=1)
    youngest_age: int = Field(ge=14, le=18)
    local_union_accepts: bool

    @field_validator("steps")
    @classmethod
    def _known_places(cls, steps: tuple[StepRule, ...]) -> tuple[StepRule, ...]:
        return _places_of("admission", steps)


@calculator("admission.old_enough", programme="admission")
def old_enough(parameters: AdmissionScheme, *, born: date, on: date) -> bool:
    """Whether a worker born on a day may join on another: work, and so membership, starts at an age."""
    of_age: date = born + relativedelta(years=parameters.youngest_age)
    return of_age <= on


@programme("transfer", title="会籍转接")
class TransferScheme(Parameters):
    """会籍转接: consent of the person, release by the union that is left, acceptance by the one that is joined."""

    steps: tuple[StepRule, ...] = Field(min_length=1)
    person_must_agree: bool

    @field_validator("steps")
    @classmethod
    def _known_places(cls, steps: tuple[StepRule, ...]) -> tuple[StepRule, ...]:
        return _places_of("transfer", steps)


@programme("intake", title="名册导入")
class IntakeScheme(Parameters):
    """名册导入: how long a whole roster may be taken back, and how long its file and staged rows are kept."""

    undo_days: int = Field(ge=1, le=365)
    keep_days: int = Field(ge=1, le=3650)


@programme("founding", title="建会")
class FoundingScheme(Parameters):
    """建会: approval to prepare, then approval of the assembly's result; who must be present, who is elected."""

    steps: tuple[StepRule, ...] = Field(min_length=1)
    result_steps: tuple[StepRule, ...] = Field(min_length=1)
    committee_from_members: int = Field(ge=1)
    present_numerator: int = Field(ge=1)
    present_denominator: int = Field(ge=1)
    preparation_days: int = Field(ge=1)

    @field_validator("steps", "result_steps")
    @classmethod
    def _known_places(cls, steps: tuple[StepRule, ...]) -> tuple[StepRule, ...]:
        return _places_of("founding", steps)

    @model_validator(mode="after")
    def _share(self) -> Self:
        if self.present_numerator > self.present_denominator:
            raise ValueError("到会比例的分子不能大于分母。")
        return self


@calculator("founding.present_needed", programme="founding")
def present_needed(parameters: FoundingScheme, *, entitled: int) -> int:
    """How many of those due to attend must be present (rounded up)."""
    return -(-entitled * parameters.present_numerator // parameters.present_denominator)


@calculator("founding.votes_needed", programme="founding")
def votes_needed(parameters: FoundingScheme, *, entitled: int) -> int:
    """Votes that elect: more than half of those due to attend, whoever is present."""
    return entitled // 2 + 1


@calculator("founding.committee_due", programme="founding")
def committee_due(parameters: FoundingScheme, *, members: int) -> bool:
    """Whether so many members need a committee of their own; fewer may join others or elect one organiser."""
    return members >= parameters.committee_from_members


@programme("standing", title="会籍变动")
class StandingScheme(Parameters):
    """会籍变动: retention, withdrawal, deemed withdrawal and expulsion."""

    steps: tuple[StepRule, ...] = Field(min_length=1)
    expulsion_steps: tuple[StepRule, ...] = Field(min_length=1)
    deemed_withdrawal_months: int = Field(ge=1)
    deemed_withdrawal_after_education: bool
    retained_pay_dues: bool
    retained_vote: bool

    @field_validator("steps", "expulsion_steps")
    @classmethod
    def _known_places(cls, steps: tuple[StepRule, ...]) -> tuple[StepRule, ...]:
        return _places_of("standing", steps)


@calculator("standing.deemed_from", programme="standing")
def deemed_from(parameters: StandingScheme, *, last_paid: date, last_took_part: date) -> date:
    """The first day on which withdrawal may be deemed: no dues and no participation for so many months on end."""
    months = relativedelta(months=parameters.deemed_withdrawal_months)
    found: date = max(last_paid, last_took_part) + months
    return found


@calculator("standing.deemed", programme="standing")
def deemed(
    parameters: StandingScheme, *, last_paid: date, last_took_part: date, educated: bool, on: date
) -> bool:
    """Whether withdrawal may be deemed on a day; education (教育) first, where the scheme asks for it."""
    told = educated or not parameters.deemed_withdrawal_after_education
    return told and on >= deemed_from(parameters, last_paid=last_paid, last_took_part=last_took_part)


@programme("term", title="届期")
class TermScheme(Parameters):
    """届期: how long a committee's term may be, and when its end is announced."""

    grassroots_years: tuple[int, ...] = Field(min_length=1)
    local_years: tuple[int, ...] = Field(min_length=1)
    remind_months_before: int = Field(ge=1)


@calculator("term.years", programme="term")
def term_years(parameters: TermScheme, *, level: int) -> tuple[int, ...]:
    """Lengths a union of this level may choose, in years. A street's union is a federation of grassroots ones (§11)."""
    return parameters.local_years if level <= Level.COUNTY else parameters.grassroots_years


@calculator("term.ends", programme="term")
def term_ends(parameters: TermScheme, *, starts: date, years: int, level: int) -> date:
    """The first day after the term; ValueError for a length the scheme does not know."""
    if years not in term_years(parameters, level=level):
        raise ValueError(f"a term of {years} years is not allowed at level {level}")
    found: date = starts + relativedelta(years=years)
    return found


class Seats(BaseModel):
    """How many committee members a union with `members_from` to `members_to` members elects; no upper end: above."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members_from: int = Field(ge=1)
    members_to: int | None = None
    least: int = Field(ge=1)
    most: int = Field(ge=1)


class SeatRange(BaseModel):
    """The answer: at least, at most, and always an odd number where the scheme says so."""

    least: int
    most: int
    choices: tuple[int, ...]


@programme("committee", title="委员会组成")
class CommitteeScheme(Parameters):
    """委员会: seats by number of members, women's committee, full-time chair."""

    seats: tuple[Seats, ...] = Field(min_length=1)
    odd: bool
    women_committee_from_women: int | None = Field(default=None, ge=1)
    full_time_chair_from_staff: int = Field(ge=1)
    full_time_chair: Literal["may", "shall"]

    @field_validator("seats")
    @classmethod
    def _in_order(cls, seats: tuple[Seats, ...]) -> tuple[Seats, ...]:
        for row in seats:
            if row.least > row.most or (row.members_to or row.members_from) < row.members_from:
                raise ValueError(f"从 {row.members_from} 名会员起的一行上下限颠倒。")
        for lower, upper in pairwise(seats):
            if lower.members_to is None or lower.members_to + 1 != upper.members_from:
                raise ValueError(f"从 {upper.members_from} 名会员起的一行与上一行不衔接。")
        return seats


@calculator("committee.seats", programme="committee")
def committee_seats(parameters: CommitteeScheme, *, members: int) -> SeatRange | None:
    """Seats for so many members; None below the first row (one organiser instead of a committee)."""
    for row in parameters.seats:
        if members >= row.members_from and (row.members_to is None or members <= row.members_to):
            step = [n for n in range(row.least, row.most + 1) if n % 2 or not parameters.odd]
            return SeatRange(least=row.least, most=row.most, choices=tuple(step))
    return None


@calculator("committee.women", programme="committee")
def women_committee_due(parameters: CommitteeScheme, *, women: int) -> bool:
    """Whether so many women members need a women's committee; False where no number is set."""
    least = parameters.women_committee_from_women
    return least is not None and women >= least


@calculator("committee.full_time_chair", programme="committee")
def full_time_chair(parameters: CommitteeScheme, *, staff: int) -> str:
    """Whether an employer with so many staff has a full-time chair: no, may or shall. A warning only."""
    return parameters.full_time_chair if staff >= parameters.full_time_chair_from_staff else "no"
