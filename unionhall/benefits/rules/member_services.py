"""会员服务, pure: quotas by period, what a month owes to a merchant."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from unionhall.kit.money import cents, yuan
from unionhall.rulebook.calculators import Line, Worked
from unionhall.rulebook.rules import Outcome, rule

PROGRAMME = "member_services"

PERIODS = {"month": "每月", "year": "每年", "once": "共"}


def period_key(period: str, on: date) -> str:
    """Which stretch of time a voucher taken on a day counts for."""
    return {"month": f"{on:%Y-%m}", "year": f"{on:%Y}"}.get(period, "once")


def period_ends(period: str, on: date) -> date | None:
    """The last day of the stretch; None for once and for all."""
    if period == "month":
        return date(on.year + on.month // 12, on.month % 12 + 1, 1) - timedelta(days=1)
    return date(on.year, 12, 31) if period == "year" else None


def free_slots(quota: int, held: Collection[int]) -> list[int]:
    """Places of a quota that may still be taken. Places above it (the quota was larger once) take others away."""
    above = sum(slot > quota for slot in held)
    free = [slot for slot in range(1, quota + 1) if slot not in held]
    return free[: max(0, len(free) - above)]


def quota_words(period: str, quota: int) -> str:
    """每月 2 次、每人共 1 次, as the catalogue says it."""
    return f"每人{PERIODS[period]} {quota} 次"


@rule("services.settle", programme=PROGRAMME)
def settle(parameters: Any, *, lines: list[tuple[str, int, Decimal]]) -> Outcome:
    """What a statement owes: for each service its title, the number redeemed, and the union's part of one (yuan)."""
    worked = tuple(
        Line(label=title, text=f"{count} 次 × {yuan(each)} 元", amount=cents(count * each))
        for title, count, each in lines
    )
    total = sum((line.amount for line in worked), Decimal("0.00"))
    if not total:
        return Outcome("refused", reasons=("本期没有由工会承担费用的核销。",))
    words = "按核销次数和协议约定的每次费用计算"
    return Outcome("granted", total, (words,), Worked(amount=total, lines=worked))
