"""医疗互助: who is covered and how, from which day on, how much of what a person paid himself is paid back."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from unionhall.rulebook import programme
from unionhall.rulebook.calculators import Tiers, Yuan

from .base import BenefitScheme

PROGRAMME = "medical_aid"


@programme(PROGRAMME, title="在职职工医疗互助")
class MedicalAidScheme(BenefitScheme):
    """医疗互助. `amount` is for one unit; `per = "year"` counts the self-paid sums of a calendar year together.

    `enrolment`: "automatic" covers whoever meets the conditions on the day of a settlement (unions pay the premium);
    "units" covers whoever took out units for that day. Day 1 is the first day of a cover: up to `waiting_days` nothing
    is paid, up to `reduced_until_day` the `reduced_ratio`. A cover renewed within `renewal_days` after the former
    one ended waits no more. Units are taken out at most `enrol_ahead_days` before the cover begins (90 unless the
    plan says so: no source, assumed), never afterwards. `claim_months`: how long after it a settlement may be claimed
    with papers.
    """

    amount: Tiers
    enrolment: Literal["automatic", "units"]
    waiting_days: int = Field(default=0, ge=0, le=365)
    reduced_until_day: int = Field(default=0, ge=0, le=730)
    reduced_ratio: Decimal = Field(default=Decimal(1), gt=0, le=1)
    renewal_days: int = Field(default=0, ge=0, le=365)
    enrol_ahead_days: int = Field(default=90, ge=0, le=366)
    max_units: int = Field(default=1, ge=1, le=10)
    premium: Yuan = Decimal("0.00")
    premium_with_card: Yuan = Decimal("0.00")
    cover_months: int = Field(default=12, ge=1, le=60)
    claim_months: int = Field(ge=1, le=60)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.reduced_ratio < 1 and self.reduced_until_day <= self.waiting_days:
            raise ValueError("按比例支付的最后一天 reduced_until_day 应晚于免责期 waiting_days。")
        if self.enrolment == "automatic" and (self.waiting_days or self.max_units > 1):
            raise ValueError("自动参加的方案没有免责期和份数，请删去 waiting_days、max_units。")
        if self.premium_with_card > self.premium:
            raise ValueError("持卡会员的互助费 premium_with_card 不能高于 premium。")
        return self
