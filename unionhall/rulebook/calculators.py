"""Calculators: sums that a scheme sets, and the arithmetic behind each, written so that a person can follow it."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.kit.money import cents, yuan

Yuan = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
ZERO = Decimal("0.00")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Part):
    """One line of arithmetic: what it is, how it is worked out, what it comes to (yuan)."""

    label: str
    text: str
    amount: Decimal


class Worked(_Part):
    """A sum in yuan with its lines."""

    amount: Decimal
    lines: tuple[Line, ...] = ()


class Fixed(_Part):
    """The same sum for everyone: `amount = { kind = "fixed", amount = 2000 }`."""

    kind: Literal["fixed"] = "fixed"
    amount: Yuan

    def work(self, label: str = "定额") -> Worked:
        return Worked(
            amount=cents(self.amount), lines=(Line(label=label, text="", amount=cents(self.amount)),)
        )


class Row(_Part):
    """One row of a table: the value, and the sum for it."""

    value: str = Field(alias="is")
    amount: Yuan
    label: str = ""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Table(_Part):
    """A sum by the value of a fact or an input: `rows = [{ is = "1", amount = 2000, label = "高级技师" }]`."""

    kind: Literal["table"] = "table"
    fact: str
    rows: tuple[Row, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        seen = [row.value for row in self.rows]
        if len(set(seen)) != len(seen):
            raise ValueError("表中有重复的 is，每个值只写一行。")
        return self

    def row(self, value: Any) -> Row | None:
        return next((row for row in self.rows if row.value == str(value)), None)

    def work(self, value: Any) -> Worked | None:
        """None where the table has no row for the value."""
        found = self.row(value)
        if found is None:
            return None
        line = Line(label=found.label or found.value, text="按标准表", amount=cents(found.amount))
        return Worked(amount=line.amount, lines=(line,))


class Tier(_Part):
    """A slice of what lies above the deductible, up to `up_to` yuan (none: without end), and the share of it paid."""

    up_to: Yuan | None = None
    ratio: Decimal = Field(gt=0, le=1)


class Tiers(_Part):
    """pay = min(cap − paid, Σ ratio_i × slice_i(selfpay − deductible)); nothing below the threshold.

    `per` says what deductible, tiers and threshold count over: one event, or all self-paid sums of a year.
    Each slice is rounded half up to the cent, so that the lines add up to the sum. Formula: domain.md §3.
    """

    kind: Literal["tiers"] = "tiers"
    threshold: Yuan = ZERO
    deductible: Yuan = ZERO
    tiers: tuple[Tier, ...] = Field(min_length=1)
    cap: Yuan | None = None
    per: Literal["event", "year"] = "event"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for lower, upper in pairwise(self.tiers):
            if lower.up_to is None:
                raise ValueError("没有上限（up_to）的一档应在最后。")
            if upper.up_to is not None and upper.up_to <= lower.up_to:
                raise ValueError(f"各档上限应依次增大：{upper.up_to} 不大于 {lower.up_to}。")
        return self

    def slices(self, selfpay: Decimal) -> tuple[Line, ...]:
        """A line for every tier that the sum reaches."""
        if selfpay < self.threshold:
            return ()
        rest = max(selfpay - self.deductible, ZERO)
        lines, floor = [], ZERO
        for tier in self.tiers:
            top = rest if tier.up_to is None else min(rest, tier.up_to)
            if top <= floor:
                break
            share = f"{(tier.ratio * 100).normalize():f}%"
            if floor == ZERO and tier.up_to is None:
                text = f"({yuan(selfpay)} − {yuan(self.deductible)}) × {share}"
            else:
                text = f"({yuan(top)} − {yuan(floor)}) × {share}"
            lines.append(
                Line(
                    label=self._label(floor, tier.up_to), text=text, amount=cents((top - floor) * tier.ratio)
                )
            )
            floor = top
        return tuple(lines)

    def _label(self, floor: Decimal, up_to: Decimal | None) -> str:
        if up_to is None:
            return "起付线以上部分" if floor == ZERO else f"超出起付线 {yuan(floor)} 元以上部分"
        return f"超出起付线 {yuan(floor)} 至 {yuan(up_to)} 元部分"

    def total(self, selfpay: Decimal) -> Decimal:
        """Σ of the slices, before the cap."""
        return sum((line.amount for line in self.slices(selfpay)), ZERO)

    def work(self, selfpay: Decimal, *, paid: Decimal = ZERO, before: Decimal = ZERO) -> Worked:
        """What is paid on `selfpay`, after `paid` in the same year; `before` is what the year's tiers counted already.

        Negative sums raise ValueError; the result is never negative.
        """
        if selfpay < 0 or paid < 0 or before < 0:
            raise ValueError("sums must not be negative")
        yearly = self.per == "year"
        counted = before + selfpay if yearly else selfpay
        lines = list(self.slices(counted))
        due = sum((line.amount for line in lines), ZERO)
        if counted < self.threshold:
            text = f"{yuan(counted)} 未达到 {yuan(self.threshold)} 的起付标准"
            lines.append(Line(label="自付金额", text=text, amount=ZERO))
        elif not lines:
            text = f"{yuan(counted)} 未超过起付线 {yuan(self.deductible)}"
            lines.append(Line(label="自付金额", text=text, amount=ZERO))
        if yearly and before and (earlier := self.total(before)):
            lines.append(Line(label="本年此前自付部分", text="已计算过，不重复计", amount=-earlier))
            due -= earlier
        if self.cap is not None and due > (left := max(self.cap - paid, ZERO)):
            text = f"封顶 {yuan(self.cap)} − 本年已付 {yuan(paid)} = {yuan(left)}"
            lines.append(Line(label="超过封顶线", text=text, amount=left - due))
            due = left
        return Worked(amount=cents(due), lines=tuple(lines))


#: A scheme's sum, told apart by `kind`.
Amount = Annotated[Fixed | Table | Tiers, Field(discriminator="kind")]


def added(parts: Iterable[Worked]) -> Worked:
    """Several sums as one, with all their lines."""
    every = list(parts)
    lines = tuple(line for part in every for line in part.lines)
    return Worked(amount=sum((part.amount for part in every), ZERO), lines=lines)
