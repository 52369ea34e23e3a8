"""How much a benefit gives, in words: to somebody whose facts are known, or in general."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unionhall.kit.money import yuan
from unionhall.rulebook.calculators import Fixed, Table, Tiers

from .schemes.base import PER_LABELS, BenefitScheme


def amount_of(parameters: BenefitScheme, values: Mapping[str, Any] | None = None) -> str:
    """Such as “2,000 元（技师）”; "" where only a rule can tell. `values` are facts by code."""
    amount = parameters.amount
    if isinstance(amount, Fixed):
        return f"{plain(amount.amount)} 元"
    if isinstance(amount, Table):
        row = amount.row(values[amount.fact]) if values and values.get(amount.fact) is not None else None
        if row is not None:
            return f"{plain(row.amount)} 元（{row.label or row.value}）"
    if parameters.amount_words:
        return parameters.amount_words
    if isinstance(amount, Table):
        sums = [row.amount for row in amount.rows]
        low, high = plain(min(sums)), plain(max(sums))
        return f"{low} 元" if low == high else f"{low} 至 {high} 元"
    if isinstance(amount, Tiers):
        cap = f"，最高 {plain(amount.cap)} 元" if amount.cap is not None else ""
        return f"自付费用按比例补助{cap}"
    return ""


def amount_lines(parameters: BenefitScheme) -> list[tuple[str, str]]:
    """The whole standard, line by line: what it is for, and how much."""
    amount = parameters.amount
    if isinstance(amount, Table):
        return [(row.label or row.value, f"{plain(row.amount)} 元") for row in amount.rows]
    if isinstance(amount, Tiers):
        return _tiers(amount)
    words = amount_of(parameters)
    return [("标准", words)] if words else []


def _tiers(amount: Tiers) -> list[tuple[str, str]]:
    found, floor = [], Decimal(0)
    if amount.threshold:
        found.append(("起付标准", f"自付满 {plain(amount.threshold)} 元"))
    found.append(("起付线", f"{plain(amount.deductible)} 元"))
    for tier in amount.tiers:
        share = f"补助 {(tier.ratio * 100).normalize():f}%"
        above = f"超出起付线 {plain(floor)} 元" if floor else "起付线"
        label = (
            f"{above}以上" if tier.up_to is None else f"超出起付线 {plain(floor)} 至 {plain(tier.up_to)} 元"
        )
        found.append((label, share))
        floor = tier.up_to or floor
    if amount.cap is not None:
        found.append(("封顶", f"{plain(amount.cap)} 元"))
    found.append(("计算方法", "按全年累计" if amount.per == "year" else "按每次费用"))
    return found


def often(parameters: BenefitScheme) -> str:
    return PER_LABELS[parameters.per]


def plain(amount: Decimal) -> str:
    """2,000 for a round sum, 12.50 for others."""
    return yuan(amount).removesuffix(".00")
