"""法律援助: states, moves and clocks; whose means are looked into and up to where; what a lawyer is paid for what."""

from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import programme
from unionhall.rulebook.calculators import Table

from .base import CaseScheme

PROGRAMME = "case_legal_aid"
#: What aid is asked for (法律援助法 art. 31 items 2, 5, 7; the others are what unions take up beside them).
CAUSES = {
    "wages": "支付劳动报酬",
    "injury": "工伤人身损害赔偿",
    "relation": "确认劳动关系",
    "insurance": "社会保险待遇",
    "dismissal": "解除、终止劳动合同和经济补偿",
    "women": "女职工特殊权益",
    "union": "工会组织和工会干部权益",
    "other": "其他劳动权益",
}
#: What clerks and lawyers speak besides Mandarin; a scheme may add to it.
LANGUAGES = {
    "yi": "彝语",
    "zang": "藏语",
    "uyghur": "维吾尔语",
    "yue": "粤语",
    "sign": "手语",
    "english": "英语",
}
#: What a bad rating needs.
CALL_BACK_MOVES = frozenset({"rate_well", "rate_badly", "called", "fixed"})
CALL_BACK_CLOCKS = frozenset({"call_back", "fix"})
#: The fact by which the table of fees is read.
FORM = "aid.form"


class Exemption(BaseModel):
    """A circumstance in which means are not looked into: a migrant worker with one of these causes, or a group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    migrant_causes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    article: str = Field(min_length=1, max_length=80)


@programme(PROGRAMME, title="工会法律援助")
class AidScheme(CaseScheme):
    """`income_limit`: yuan a month per head of the household up to which aid is given where means are looked into.

    `first_days`: so many days or fewer before a limit runs out, aid comes before the decision. `least_on_duty`: lawyers
    at a body's window on every day that it is open. `bad_rating`: at or below it somebody calls back and mends
    (0: nobody).
    """

    causes: tuple[str, ...] = Field(min_length=1)
    exemptions: tuple[Exemption, ...] = ()
    income_limit: Decimal = Field(gt=0)
    income_article: str = ""
    first_days: int = Field(ge=0, le=60)
    first_article: str = ""
    appeal_words: str = Field(min_length=1, max_length=200)
    languages: dict[str, str] = Field(default_factory=lambda: dict(LANGUAGES))
    fees: Table
    budget_programme: str = "legal_aid"
    least_on_duty: int = Field(ge=1, le=10)
    duty_article: str = ""
    counsel_months: int = Field(ge=1, le=60)
    counsel_most: int = Field(ge=1, le=200)
    bad_rating: int = Field(default=0, ge=0, le=4)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        named = {*self.causes, *(cause for one in self.exemptions for cause in one.migrant_causes)}
        if strange := sorted(named - set(CAUSES)):
            raise ValueError(f"没有这样的援助事由：{'、'.join(strange)}。")
        moves, clocks = {one.code for one in self.moves}, {one.code for one in self.clocks}
        lacking = sorted((CALL_BACK_MOVES - moves) | (CALL_BACK_CLOCKS - clocks)) if self.bad_rating else []
        if lacking:
            raise ValueError(f"写了 bad_rating，moves 和 clocks 还要写：{'、'.join(lacking)}。")
        if self.fees.fact != FORM:
            raise ValueError(f'fees 应按援助方式列出：fact = "{FORM}"。')
        return self
