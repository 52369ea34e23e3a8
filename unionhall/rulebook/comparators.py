"""Comparators: what a clause asks of a fact. Each says it once for SQL (`as_q`), for a value (`test`) and in words.

What is not known (NULL, None) is neither met nor unmet, in both. Bounds count; flags, codes and days have their own.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from django.db.models import Q
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .facts import Fact, FactKind

#: The longest time that a bound may count back, by its unit: no living person's register reaches further.
LONGEST = {"years": 150, "months": 1_800, "days": 54_787}
#: The largest other number or sum (yuan) that a bound may ask for.
LARGEST = 1_000_000_000


class Comparator(BaseModel):
    """Base. `on` is the day of judgement; a subclass answers for values that are known."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def kinds(self) -> tuple[FactKind, ...]:
        """Kinds of facts that it can be asked of."""
        raise NotImplementedError

    def as_q(self, fact: Fact, on: date) -> Q:
        """The condition over the fact's alias."""
        raise NotImplementedError

    def holds(self, value: Any, on: date) -> bool:
        raise NotImplementedError

    def need(self, fact: Fact) -> str:
        """What is asked, such as 16 至 60 岁."""
        raise NotImplementedError

    def gap(self, fact: Fact, value: Any, on: date) -> str:
        """How far a known value that does not meet it is off, where that is worth saying."""
        return ""

    def mistake(self, fact: Fact) -> str | None:
        """What cannot be asked of this fact, in Chinese."""
        return None

    def test(self, value: Any, on: date) -> bool | None:
        """The same as `as_q`, of one value; None when it is not known."""
        return None if value is None else self.holds(value, on)


class Bounds(Comparator):
    """Between two numbers or sums, both included; either may be absent."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("请写明 at_least（下限）或 at_most（上限）。")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least（下限）不能大于 at_most（上限）。")
        return self

    def kinds(self) -> tuple[FactKind, ...]:
        return ("number", "money")

    def mistake(self, fact: Fact) -> str | None:
        bounds = [one for one in (self.at_least, self.at_most) if one is not None]
        if fact.kind == "number" and any(one != one.to_integral_value() for one in bounds):
            return f"“{fact.label}”是整数，上下限也应为整数。"
        most = LARGEST if fact.since is None else LONGEST[fact.since.unit]
        if any(abs(one) > most for one in bounds):
            return f"“{fact.label}”的上下限不能超过 {most:,} {fact.unit}".rstrip() + "，请核对数字。"
        return None

    def as_q(self, fact: Fact, on: date) -> Q:
        low, high = (
            None if bound is None else int(bound) if fact.kind == "number" else bound
            for bound in (self.at_least, self.at_most)
        )
        found = Q()
        if fact.since is not None and (low or 0) >= 0 and (high or 0) >= 0:
            if low is not None:
                found &= Q(**{f"{fact.day_alias}__lte": fact.since.latest(int(low), on)})
            if high is not None:
                found &= Q(**{f"{fact.day_alias}__gt": fact.since.latest(int(high) + 1, on)})
            return found
        if low is not None:
            found &= Q(**{f"{fact.alias}__gte": low})
        if high is not None:
            found &= Q(**{f"{fact.alias}__lte": high})
        return found

    def holds(self, value: Any, on: date) -> bool:
        high_enough = self.at_least is None or value >= self.at_least
        return high_enough and (self.at_most is None or value <= self.at_most)

    def need(self, fact: Fact) -> str:
        low, high = (
            None if bound is None else fact.shown(int(bound) if fact.kind == "number" else bound)
            for bound in (self.at_least, self.at_most)
        )
        if low is not None and high is not None:
            return high if low == high else f"{low.removesuffix(f' {fact.unit}')} 至 {high}"
        return f"不少于 {low}" if low is not None else f"不超过 {high}"

    def gap(self, fact: Fact, value: Any, on: date) -> str:
        if self.at_least is not None and 0 <= value < self.at_least:
            left = self.at_least - value
            return f"还差 {fact.shown(int(left) if fact.kind == 'number' else left)}"
        if self.at_most is not None and value > self.at_most:
            over = value - self.at_most
            return f"超出 {fact.shown(int(over) if fact.kind == 'number' else over)}"
        return ""


class Flag(Comparator):
    """A yes or no; without a word, yes."""

    value: bool = Field(default=True, alias="is")

    def kinds(self) -> tuple[FactKind, ...]:
        return ("flag",)

    def as_q(self, fact: Fact, on: date) -> Q:
        return Q(**{fact.alias: self.value})

    def holds(self, value: Any, on: date) -> bool:
        return bool(value) is self.value

    def need(self, fact: Fact) -> str:
        return fact.shown(self.value)


class Choice(Comparator):
    """A code: one (`is`), or one of several (`one_of`)."""

    value: str | None = Field(default=None, alias="is")
    one_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.value is None) == (not self.one_of):
            raise ValueError("请写明 is（一个代码）或 one_of（几个代码），二者之一。")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        return self.one_of if self.value is None else (self.value,)

    def kinds(self) -> tuple[FactKind, ...]:
        return ("code",)

    def mistake(self, fact: Fact) -> str | None:
        unknown = [one for one in self.values if fact.words and one not in fact.words]
        if not unknown:
            return None
        known = "、".join(f"{code}（{label}）" for code, label in fact.words.items())
        return f"“{unknown[0]}”不是{fact.label}的代码，可以写：{known}。"

    def as_q(self, fact: Fact, on: date) -> Q:
        if len(self.values) == 1:
            return Q(**{fact.alias: self.values[0]})
        return Q(**{f"{fact.alias}__in": self.values})

    def holds(self, value: Any, on: date) -> bool:
        return value in self.values

    def need(self, fact: Fact) -> str:
        words = [fact.shown(one) for one in self.values]
        return "或".join(words) if len(words) < 3 else f"{'、'.join(words)}之一"


class Within(Comparator):
    """A code that begins with one of several: a division and all below it."""

    within: tuple[str, ...] = Field(min_length=1)

    def kinds(self) -> tuple[FactKind, ...]:
        return ("code",)

    def as_q(self, fact: Fact, on: date) -> Q:
        return any_of(Q(**{f"{fact.alias}__startswith": one}) for one in self.within)

    def holds(self, value: Any, on: date) -> bool:
        return str(value).startswith(self.within)

    def need(self, fact: Fact) -> str:
        return "或".join(fact.shown(one) for one in self.within)


class Days(Comparator):
    """A day: within so many days up to today (`within_days`), or from and to given days, both included."""

    within_days: int | None = Field(default=None, ge=0, le=LONGEST["days"])
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.within_days is None) == (self.since is None and self.until is None):
            raise ValueError("请写明 within_days（多少天内），或 since（起）、until（止）。")
        return self

    def kinds(self) -> tuple[FactKind, ...]:
        return ("day",)

    def span(self, on: date) -> tuple[date | None, date | None]:
        if self.within_days is not None:
            return on - timedelta(days=self.within_days), on
        return self.since, self.until

    def as_q(self, fact: Fact, on: date) -> Q:
        first, last = self.span(on)
        found = Q()
        if first is not None:
            found &= Q(**{f"{fact.alias}__gte": first})
        if last is not None:
            found &= Q(**{f"{fact.alias}__lte": last})
        return found

    def holds(self, value: Any, on: date) -> bool:
        first, last = self.span(on)
        return (first is None or value >= first) and (last is None or value <= last)

    def need(self, fact: Fact) -> str:
        if self.within_days is not None:
            return f"在最近 {self.within_days} 天内"
        first = f"自 {self.since:%Y-%m-%d} 起" if self.since else ""
        return first + (f"至 {self.until:%Y-%m-%d} 止" if self.until else "")


def any_of(conditions: Iterable[Q]) -> Q:
    found = Q()
    for one in conditions:
        found |= one
    return found
