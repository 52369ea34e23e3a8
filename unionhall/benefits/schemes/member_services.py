"""会员服务: for whom services may be offered, how long a voucher lives, how late an offline redemption may come in."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import programme
from unionhall.rulebook.conditions import Clause

from ..rules.member_services import PROGRAMME
from .base import BenefitScheme


class Audience(BaseModel):
    """People for whom a service may be meant; the catalogue names it by its code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z_]{1,19}$")
    label: str = Field(min_length=1, max_length=20)
    conditions: tuple[Clause, ...] = ()


@programme(PROGRAMME, title="会员服务")
class MemberServices(BenefitScheme):
    """`conditions`: who gets the catalogue; each service is meant for one of `audiences`.

    `voucher_days`: how long a voucher may be used after it was taken. `offline_hours`: within how many hours a merchant
    without a network hands in what it redeemed. `rating_days`: how long after its use a voucher may be rated.
    """

    voucher_days: int = Field(ge=1, le=366)
    offline_hours: int = Field(ge=1, le=24 * 31)
    rating_days: int = Field(ge=1, le=366)
    audiences: tuple[Audience, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        codes = [one.code for one in self.audiences]
        if len(set(codes)) != len(codes):
            raise ValueError("audiences 的 code 重复，每种对象只写一次。")
        return self

    def audience(self, code: str) -> Audience | None:
        return next((one for one in self.audiences if one.code == code), None)
