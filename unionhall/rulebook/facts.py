"""Facts: what the register knows about a person, each as one SQL expression, named so that schemes can ask for it.

    register(Fact("person.age", "年龄", "number", years_since("birth"), unit="岁"))

An expression is built for a day and stands over a person queryset of `population.people`. NULL means not known, and
what is not known never meets a condition. Rooms above declare theirs in their `facts.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from django.db.models import Case, DateField, F, Func, IntegerField, Value, When

from unionhall.kit.money import yuan

#: Who may list a person sees what the register itself says of him.
ROSTER = "members.view"
FactKind = Literal["number", "code", "flag", "day", "money"]
#: Of a fact, on a day: a Django expression (F, Case, Func, Subquery …) over `population.people(on)`.
Expression = Callable[[date], Any]


@dataclass(frozen=True)
class Since:
    """A number that counts completed years, months or days since a day in the register (its look-up).

    A bound on it is then asked of the day itself, which costs one comparison and no calendar arithmetic. A day still
    to come counts -1. Someone born on 29 February completes a year on 1 March.
    """

    path: str
    unit: Literal["years", "months", "days"]

    def expression(self, on: date) -> Any:
        """Of the number, in SQL."""
        today: dict[str, Any] = {"on": on.isoformat(), "output_field": IntegerField()}
        if self.unit == "days":
            counted: Any = Func(F(self.path), template="('%(on)s'::date - %(expressions)s)", **today)
        else:
            counted = Func(F(self.path), template=_PART.format("year"), **today)
        if self.unit == "months":
            counted = counted * 12 + Func(F(self.path), template=_PART.format("month"), **today)
        day = Value(on, output_field=DateField())
        return Case(
            When(**{f"{self.path}__lte": day}, then=counted),
            When(**{f"{self.path}__gt": day}, then=Value(-1)),
            output_field=IntegerField(),
        )

    def latest(self, number: int, on: date) -> date:
        """The latest day since which at least so many have been completed; number ≥ 0."""
        found: date = on - relativedelta(**{self.unit: number})
        return found


_PART = "date_part('{}', age('%(on)s'::timestamp, %(expressions)s::timestamp))::int"


class UnknownFact(LookupError):
    """A fact was asked for that no room registers: a spelling mistake."""


@dataclass(frozen=True)
class Fact:
    """One fact. `kind` says which comparators fit: whole number, code (with `words`), flag, day, money in yuan.

    `words` are the readings of a code; of a flag, the sentences for "true" and "false". `unknown` is the sentence
    for NULL, by default "没有登记" and the label. `permission`: what it takes to read somebody's value, or who has it.
    """

    code: str
    label: str
    kind: FactKind
    expression: Expression = field(compare=False)
    unit: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""
    since: Since | None = None
    permission: str = ROSTER

    @property
    def alias(self) -> str:
        """The name under which the fact stands in a query."""
        return "fact_" + self.code.replace(".", "_")

    @property
    def day_alias(self) -> str:
        """Of a counting fact: the name of the day it counts from."""
        return self.alias + "_day"

    def shown(self, value: Any) -> str:
        """The value as a person reads it."""
        if value is None:
            return self.unknown or f"没有登记{self.label}"
        if self.kind == "flag":
            return self.words.get("true" if value else "false", "是" if value else "否")
        if self.kind == "money":
            return f"{yuan(Decimal(value))} 元"
        if self.kind == "day":
            return f"{value:%Y-%m-%d}"
        if self.kind == "code":
            return self.words.get(str(value), str(value))
        if self.since is not None and value < 0:
            return "尚未开始"
        return f"{value} {self.unit}" if self.unit else str(value)


def since(code: str, label: str, path: str, counts: Literal["years", "months", "days"], **more: Any) -> Fact:
    """A fact that counts completed years (周岁), months or days since a day in the register."""
    counted = Since(path, counts)
    words = {"years": "年", "months": "个月", "days": "天"}
    return Fact(code, label, "number", counted.expression, since=counted, **{"unit": words[counts]} | more)


_facts: dict[str, Fact] = {}


def register(*facts: Fact) -> None:
    """Enter facts; a code, and the name it has in queries, is given once."""
    for one in facts:
        taken = {known.alias for known in _facts.values() if known.code != one.code}
        if _facts.setdefault(one.code, one) is not one or one.alias in taken:
            raise ValueError(f"fact {one.code} is registered twice")


def fact(code: str) -> Fact:
    try:
        return _facts[code]
    except KeyError:
        raise UnknownFact(code) from None


def all_facts() -> list[Fact]:
    return sorted(_facts.values(), key=lambda one: one.code)


def expressions(codes: Iterable[str], on: date) -> dict[str, Any]:
    """Alias → expression of each fact, for `.annotate()`."""
    return {fact(code).alias: fact(code).expression(on) for code in sorted(set(codes))}


def days(codes: Iterable[str]) -> dict[str, Any]:
    """Alias → the day that a counting fact counts from.

    Bounds are asked of these names and not of the columns: Django writes NOT over a nullable column so that NULL
    meets it, and what is not known would.
    """
    counting = [fact(code) for code in sorted(set(codes)) if fact(code).since is not None]
    return {one.day_alias: F(one.since.path) for one in counting if one.since is not None}
