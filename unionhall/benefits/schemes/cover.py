"""保险保障: gifted covers that start with the card, and plans that a unit takes out for its members."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import programme
from unionhall.rulebook.calculators import Table, Yuan

from ..rules.cover import PROGRAMMES, CoverTerms
from .base import BenefitScheme

__all__ = ["PROGRAMMES", "CoverScheme", "Premium"]


class Premium(BaseModel):
    """保费: what one person's cover costs for a whole period, by tier, and who pays it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: str = Field(pattern=r"^[a-z0-9_]+$")
    label: str = Field(min_length=1)
    amount: Yuan
    paid_by: str = Field(min_length=1)


class CoverScheme(BenefitScheme, CoverTerms):
    """保险保障. `enrolment` "card": whoever meets the conditions and holds a card is covered from the card's day on
    (`starts` "same_day" or "next_day") until the day on which card or membership ends, that day included.

    "listed": a unit takes it out for `period_months`, for its members that it lists: at least `least_share` of those
    who qualify, or all of them where fewer than `all_below` do. `pay_within_days`: working days to pay what is granted.
    """

    insurer: str = Field(min_length=1)
    claim_phone: str = Field(min_length=1)
    enrolment: Literal["card", "listed"]
    starts: Literal["same_day", "next_day"] = "same_day"
    period_months: int | None = Field(default=None, ge=1, le=60)
    premiums: tuple[Premium, ...] = ()
    least_share: Decimal | None = Field(default=None, gt=0, le=1)
    all_below: int = Field(default=0, ge=0)
    pay_within_days: int = Field(default=10, ge=1, le=90)
    close_after_days: int = Field(default=30, ge=1, le=365)
    appeal_days: int = Field(default=10, ge=1, le=60)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        known = {paper.code for paper in self.papers}
        tiers = {premium.tier for premium in self.premiums}
        for peril in self.perils:
            if missing := [code for code in peril.papers if code not in known]:
                raise ValueError(f"保障责任“{peril.label}”的材料 {missing[0]} 没有在 papers 里列出。")
            amount = peril.amount
            if (
                isinstance(amount, Table)
                and amount.fact == "tier"
                and {row.value for row in amount.rows} != tiers
            ):
                raise ValueError(f"保障责任“{peril.label}”的标准表应与保费 premiums 的档次一一对应。")
        if (self.enrolment == "listed") != (self.period_months is not None):
            raise ValueError("由单位投保（listed）的应写保障期 period_months，随卡生效（card）的不写。")
        if self.enrolment == "listed" and not self.premiums:
            raise ValueError("由单位投保（listed）的应写保费 premiums。")
        return self

    @property
    def wait_days(self) -> int:
        return 1 if self.starts == "next_day" else 0


TITLES = {
    "cover_accident": "非工伤意外和家财损失保障",
    "cover_women": "女职工特殊疾病保障",
    "cover_third": "会员赠送保障（第三项）",
    "cover_card": "会员卡专享保障",
    "plan_accident": "意外伤害互助保障计划",
    "plan_women": "女职工特殊疾病互助保障计划",
}
for _code, _title in TITLES.items():
    programme(_code, title=_title)(CoverScheme)
