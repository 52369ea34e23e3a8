"""Programmes of rooms below the rulebook, which cannot name it themselves: what the service network asks for."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.network.rules import standards as rules
from unionhall.rulebook import Parameters, calculator, programme

KINDS = ("centre", "station", "point")


class CheckRow(BaseModel):
    """A point of the acceptance; `kinds` are the nodes it is asked of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)
    kinds: tuple[Literal["centre", "station", "point"], ...] = KINDS  # type: ignore[assignment]
    above_area: Decimal | None = Field(default=None, gt=0)
    all_functions: bool = False


class ItemRow(BaseModel):
    """A kind of daily item, and within how many working days each level answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)
    days: int = Field(ge=1, le=60)


@programme("network", title="服务网络")
class NetworkScheme(Parameters):
    """服务网络: what is checked before a node opens, which firms need a home, what a grid worker reports."""

    home_from_staff: int = Field(ge=1)
    five: tuple[str, ...] = Field(min_length=1)
    checks: tuple[CheckRow, ...] = Field(min_length=1)
    items: tuple[ItemRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for rows, what in ((self.checks, "验收项目"), (self.items, "事项类别")):
            codes = [row.code for row in rows]
            if len(set(codes)) != len(codes):
                raise ValueError(f"{what}的 code 重复，每项只写一次。")
        return self


def checks_of(parameters: NetworkScheme) -> tuple[rules.Check, ...]:
    return tuple(
        rules.Check(
            row.code, row.label, frozenset(row.kinds), above_area=row.above_area, all_functions=row.all_functions
        )
        for row in parameters.checks
    )  # fmt: skip


@calculator("network.unmet", programme="network")
def unmet(
    parameters: NetworkScheme, *, kind: str, functions: list[str], seen: list[str], area: Decimal | None = None
) -> list[str]:  # fmt: skip
    """Codes of the points that a node of a kind does not meet, in the checklist's order."""
    asked = [one for one in checks_of(parameters) if kind in one.kinds]
    judged = rules.judge(asked, area=area, functions=functions, seen=seen)
    return [one.check.code for one in judged if not one.met]


@calculator("network.home_due", programme="network")
def home_due(parameters: NetworkScheme, *, staff: int) -> bool:
    """Whether a firm with so many staff is meant to have a home of its own (会家合一)."""
    return staff >= parameters.home_from_staff


@calculator("network.item_days", programme="network")
def item_days(parameters: NetworkScheme, *, kind: str) -> int:
    """Working days within which each level answers an item; 0 for a kind the scheme does not know."""
    return next((row.days for row in parameters.items if row.code == kind), 0)
