"""困难帮扶: the local line and what follows from it; what each kind of aid may come to."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import programme
from unionhall.rulebook.calculators import Yuan

from .base import BenefitScheme

PROGRAMME = "hardship_relief"
Category = Literal["deep", "relative", "accident"]
Status = Literal["minimum", "marginal", "rigid"]
#: Programmes of aid, and what people call them.
AIDS: dict[str, str] = {
    "living_aid": "生活救助",
    "medical_relief": "医疗救助",
    "school_aid": "金秋助学",
    "job_aid": "就业帮扶",
    "warmth": "送温暖",
    "temporary_aid": "临时救助",
}


class Exclusion(BaseModel):
    """A circumstance in which no file is opened, however little is left."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)


class Recognised(BaseModel):
    """Households that civil affairs recognised count as a category without being reckoned anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status
    category: Category


@programme(PROGRAMME, title="困难职工帮扶")
class HardshipScheme(BenefitScheme):
    """困难职工建档. `local_line`: 低保 standard per person and month, yuan, of the place and the time of the version.

    m = (a year's disposable income − rigid expense) / 12 / people: deep below `deep_multiple` lines, relative below
    `relative_multiple`; accident when a loss exceeds `loss_share` of the year's income, or a disaster's casualty.
    """

    local_line: Yuan = Field(gt=0)
    deep_multiple: Decimal = Field(gt=0)
    relative_multiple: Decimal = Field(gt=0)
    loss_share: Decimal = Field(gt=0, le=1)
    casualty: bool = True
    migrant_employment_months: int = Field(ge=0, le=120)
    exclusions: tuple[Exclusion, ...] = ()
    recognised: tuple[Recognised, ...] = ()
    #: A checked income above the stated one by more than this share is a mismatch.
    income_tolerance: Decimal = Field(ge=0, le=1)
    visit_months: int = Field(ge=1, le=24)
    verification_months: int = Field(ge=1, le=24)
    exit_notice_working_days: int = Field(ge=1, le=60)
    watch_months: int = Field(ge=0, le=36)

    @model_validator(mode="after")
    def _widening(self) -> Self:
        if self.relative_multiple <= self.deep_multiple:
            raise ValueError("相对困难的倍数 relative_multiple 应大于深度困难的倍数 deep_multiple。")
        if not self.notice_working_days:
            raise ValueError("建档要公示，请写明公示工作日 notice_working_days。")
        if len(self.steps) != 3:
            raise ValueError("建档分三个环节：初审、核查、审批。请写三个 steps。")
        codes = [one.code for one in self.exclusions]
        if len(set(codes)) != len(codes):
            raise ValueError("排除情形的 code 重复。")
        return self

    def category_of(self, status: str) -> str:
        """The category of a household that civil affairs recognised; "" for one it did not."""
        return next((one.category for one in self.recognised if one.status == status), "")


class Ceiling(BaseModel):
    """The most for one case: the least of what is given here. The first line that fits is used.

    `for_whom`: a category, `filed` (any), `unfiled`; `schooling` narrows it to a stage of school.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    for_whom: Literal["deep", "relative", "accident", "filed", "unfiled"] = "filed"
    schooling: Literal["", "high_school", "university"] = ""
    #: So many months' local line.
    months: int | None = Field(default=None, ge=1, le=60)
    amount: Yuan | None = None
    own_cost: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.months is None and self.amount is None:
            raise ValueError("每一档应写明 months（几个月低保标准）或 amount（元）。")
        return self

    def fits(self, category: str, schooling: str) -> bool:
        if self.schooling and self.schooling != schooling:
            return False
        if self.for_whom == "filed":
            return category != ""
        return self.for_whom == (category or "unfiled")


@programme("illness_relief", title="大病困难帮扶")
class IllnessReliefScheme(BenefitScheme):
    """Who was settled much this year is told that he may ask for relief: a file decides, as for everyone."""


class AidScheme(BenefitScheme):
    """An aid: ceilings in order; `per` says whether a household may have it once a year, or for each event.

    `fills_up`: within a year several grants may add up to the ceiling; else one grant is all.
    """

    ceilings: tuple[Ceiling, ...] = Field(min_length=1)
    fills_up: bool = False
    #: Each person of the household may have it by himself (a pupil, a patient).
    per_person: bool = False

    def ceiling(self, category: str, schooling: str) -> Ceiling | None:
        return next((one for one in self.ceilings if one.fits(category, schooling)), None)

    @property
    def asks_schooling(self) -> bool:
        return any(one.schooling for one in self.ceilings)

    @property
    def asks_cost(self) -> bool:
        return any(one.own_cost for one in self.ceilings)

    @property
    def for_unfiled(self) -> bool:
        return any(one.for_whom == "unfiled" for one in self.ceilings)


@programme("living_aid", title=AIDS["living_aid"])
class LivingAidScheme(AidScheme):
    """生活救助: months of the local line."""


@programme("medical_relief", title=AIDS["medical_relief"])
class MedicalReliefScheme(AidScheme):
    """医疗救助: not more than was paid oneself."""


@programme("school_aid", title=AIDS["school_aid"])
class SchoolAidScheme(AidScheme):
    """金秋助学: by stage of school; in some places for households without a file too."""


@programme("job_aid", title=AIDS["job_aid"])
class JobAidScheme(AidScheme):
    """就业帮扶: training and starting costs."""


@programme("warmth", title=AIDS["warmth"])
class WarmthScheme(AidScheme):
    """送温暖: before the Spring Festival."""


@programme("temporary_aid", title=AIDS["temporary_aid"])
class TemporaryAidScheme(AidScheme):
    """临时救助: for one sudden hardship."""
