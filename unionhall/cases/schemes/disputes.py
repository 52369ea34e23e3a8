"""劳动争议: states, moves and clocks, the limitation of a claim, the windows that an agreement opens."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.kit.periods import months_after
from unionhall.rulebook import calculator, programme

from .base import CaseScheme

PROGRAMME = "case_dispute"
#: 调解仲裁法 art. 2, by its items; the scheme says which of them are about wages.
CAUSES = {
    "relation": "确认劳动关系",
    "contract": "订立、履行、变更、解除、终止劳动合同",
    "dismissal": "除名、辞退、辞职、离职",
    "hours": "工作时间、休息休假",
    "insurance": "社会保险、福利",
    "training": "培训、劳动保护",
    "wages": "劳动报酬",
    "injury": "工伤医疗费",
    "compensation": "经济补偿、赔偿金",
    "other": "法律法规规定的其他争议",
}


class Window(BaseModel):
    """Days in which the parties may ask somebody to give an agreement force; from the day on which it took effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Literal["confirmation", "review"]
    label: str = Field(min_length=1, max_length=30)
    days: int = Field(ge=1, le=365)
    article: str = ""


@programme(PROGRAMME, title="劳动争议调解")
class DisputeScheme(CaseScheme):
    """`limitation_months` run from the day on which the worker knew; for arrears of wages (`arrears_causes`) not
    while the employment lasts, then from its end. Red within `limitation_red_days`, amber within `…_amber_days`.

    `representatives_from`: so many workers with one claim may elect representatives, at most `representatives_most`.
    """

    limitation_months: int = Field(ge=1, le=36)
    limitation_article: str = ""
    arrears_causes: tuple[str, ...] = ()
    arrears_article: str = ""
    limitation_amber_days: int = Field(ge=1, le=180)
    limitation_red_days: int = Field(ge=1, le=180)
    representatives_from: int = Field(ge=2, le=1000)
    representatives_most: int = Field(ge=1, le=20)
    representatives_article: str = ""
    windows: tuple[Window, ...] = ()
    #: Causes in which an agreement that is not kept lets the worker ask for a payment order.
    order_causes: tuple[str, ...] = ()
    order_article: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if strange := sorted({*self.arrears_causes, *self.order_causes} - set(CAUSES)):
            raise ValueError(f"没有这样的争议类型：{'、'.join(strange)}。")
        if self.limitation_red_days >= self.limitation_amber_days:
            raise ValueError("时效的红色天数 limitation_red_days 应小于黄色天数 limitation_amber_days。")
        return self

    def window(self, code: str) -> Window | None:
        return next((one for one in self.windows if one.code == code), None)


@calculator("disputes.limitation", programme=PROGRAMME)
def limitation(
    scheme: DisputeScheme, *, cause: str, knew_on: date | None, employment_ended_on: date | None = None
) -> date | None:
    """The last day on which arbitration may be asked for; None while it does not run or the day is not known."""
    if cause in scheme.arrears_causes:
        return months_after(employment_ended_on, scheme.limitation_months) if employment_ended_on else None
    return months_after(knew_on, scheme.limitation_months) if knew_on else None


@calculator("disputes.may_elect", programme=PROGRAMME)
def may_elect(scheme: DisputeScheme, *, headcount: int, one_claim: bool) -> bool:
    """Whether the workers may elect representatives: ten or more of them with one claim (art. 7)."""
    return one_claim and headcount >= scheme.representatives_from
