"""Programmes of insights: how small a published number may be. The values stand in schemes/."""

from pydantic import Field

from unionhall.rulebook import Parameters, calculator, programme

from . import rules


@programme("statistics", title="统计公布")
class StatisticsScheme(Parameters):
    """统计公布: numbers below `smallest_cell` are not shown to those who may not read the records behind them."""

    smallest_cell: int = Field(ge=2, le=100)


@calculator("statistics.withheld", programme="statistics")
def withheld(parameters: StatisticsScheme, *, counts: dict[str, int], total: int | None = None) -> list[str]:
    """Cells that may not be shown, in the order given; `total`: what is shown as their sum."""
    found = rules.withheld(counts, parameters.smallest_cell, total=total)
    return [key for key in counts if key in found]


@calculator("statistics.rounded", programme="statistics")
def rounded(parameters: StatisticsScheme, *, count: int) -> int:
    """What is shown instead of the exact number where tables of several unions could be subtracted."""
    return rules.rounded(count, parameters.smallest_cell)


@calculator("statistics.coarse_sum", programme="statistics")
def coarse_sum(parameters: StatisticsScheme, *, amount: int, count: int) -> int | None:
    """What is shown instead of a sum of yuan that so many stand behind; None where they are few."""
    return rules.coarse_sum(amount, count, parameters.smallest_cell)
