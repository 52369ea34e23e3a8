"""Conditions: schemes name them, code defines them. One source compiles to SQL and explains one person.

    conditions = [
        { condition = "member" },
        { condition = "age", at_least = 16, at_most = 60 },
        { any = [ { condition = "skill", is = "1" }, { condition = "card" } ] },
        { none = [ { condition = "retired" } ] },
    ]

Logic is three-valued as in SQL: what is not known stays not known through `any`, `all` and `none`, and is never met.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Q
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_serializer, model_validator

from .comparators import Comparator, any_of
from .facts import Fact, fact
from .wording import sentence

#: Groups within groups: deeper than anyone reads, and than SQL could be written.
DEEPEST = 8
#: Values of facts by fact code; what is missing is not known.
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """A name that schemes may use: of which fact, and by which comparator. `words` explains it to those who write."""

    code: str
    fact_code: str
    takes: type[Comparator]
    words: str

    @property
    def fact(self) -> Fact:
        return fact(self.fact_code)


_conditions: dict[str, Condition] = {}


def condition(code: str, *, fact: str, takes: type[Comparator], words: str = "") -> None:
    """Register a condition; a code is given once."""
    found = Condition(code, fact, takes, words)
    if _conditions.setdefault(code, found) != found:
        raise ValueError(f"condition {code} is registered twice")


def condition_of(code: str) -> Condition | None:
    return _conditions.get(code)


def all_conditions() -> list[Condition]:
    return sorted(_conditions.values(), key=lambda one: one.code)


@dataclass(frozen=True)
class Reason:
    """One clause judged for one person: met, unmet, or None for not known; in words, with his own value.

    `missing` says what would be needed, "" when met.
    """

    met: bool | None
    text: str
    condition: str
    missing: str = ""


class Clause(BaseModel):
    """A condition with what it is asked for, or several under `any`, `all` or `none`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    condition: str | None = None
    any: tuple["Clause", ...] | None = None
    all: tuple["Clause", ...] | None = None
    none: tuple["Clause", ...] | None = None
    _asked: tuple[Condition, Comparator] | None = PrivateAttr(default=None)
    _depth: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _understood(self) -> Self:
        groups = [group for group in (self.any, self.all, self.none) if group is not None]
        if len(groups) + (self.condition is not None) != 1:
            raise ValueError("每个条件应写 condition、any、all、none 之一。")
        extra = dict(self.__pydantic_extra__ or {})
        if self.condition is None:
            if extra or not groups[0]:
                raise ValueError("any、all、none 里应列出条件，旁边不写其他项。")
            self._depth = 1 + max(one._depth for one in groups[0])
            if self._depth > DEEPEST:
                raise ValueError(f"any、all、none 最多套 {DEEPEST} 层，请合并或拆开。")
            return self
        known = condition_of(self.condition)
        if known is None:
            names = "、".join(one.code for one in all_conditions())
            raise ValueError(f"没有名为“{self.condition}”的条件，可以用：{names}。")
        try:
            comparator = known.takes.model_validate(extra)
        except ValidationError as wrong:
            found = "".join(sentence(dict(error)) for error in wrong.errors(include_url=False))
            raise ValueError(f"条件“{self.condition}”：{found}") from None
        if mistake := comparator.mistake(known.fact):
            raise ValueError(f"条件“{self.condition}”：{mistake}")
        self._asked = (known, comparator)
        return self

    @model_serializer(mode="plain")
    def _as_written(self) -> dict[str, Any]:
        if self.condition is not None:
            return {"condition": self.condition, **(self.__pydantic_extra__ or {})}
        key, inner = self._group()
        return {key: [one.model_dump() for one in inner]}

    def _group(self) -> tuple[str, tuple["Clause", ...]]:
        for key in ("any", "all", "none"):
            if (inner := getattr(self, key)) is not None:
                return key, inner
        return "all", ()

    def leaves(self) -> Iterator[tuple[Condition, Comparator]]:
        if self._asked is not None:
            yield self._asked
            return
        for one in self._group()[1]:
            yield from one.leaves()

    def words(self) -> str:
        """The clause as people read it, for nobody in particular."""
        if self._asked is not None:
            asked, comparator = self._asked
            need = comparator.need(asked.fact)
            return need if asked.fact.kind == "flag" else f"{asked.fact.label}：{need}"
        key, inner = self._group()
        begin = {"any": "符合其一", "all": "同时符合", "none": "没有以下情形"}[key]
        return f"{begin}（{'；'.join(one.words() for one in inner)}）"

    def as_q(self, on: date) -> Q:
        if self._asked is not None:
            asked, comparator = self._asked
            return comparator.as_q(asked.fact, on)
        key, inner = self._group()
        if key == "all":
            return compile_q(inner, on)
        found = any_of(one.as_q(on) for one in inner)
        return found if key == "any" else ~found

    def test(self, values: Values, on: date) -> bool | None:
        """Whether it is met by facts at hand; None when what decides is not known."""
        return self.decide(lambda asked, comparator: comparator.test(values.get(asked.fact_code), on))

    def decide(self, ask: Callable[[Condition, Comparator], bool | None]) -> bool | None:
        """The logic over the answers to its conditions: that of SQL, false first, then not known."""
        leaf = self._asked
        if leaf is not None:
            return ask(*leaf)
        key, inner = self._group()
        if key == "all":
            return every(one.decide(ask) for one in inner)
        found = every(negated(one.decide(ask)) for one in inner)
        return found if key == "none" else negated(found)

    def reason(self, values: Values, on: date) -> Reason:
        found = self._asked  # read once: pydantic takes long over a private attribute
        if found is None:
            return self._group_reason(values, on)
        asked, comparator = found
        known, value = asked.fact, values.get(asked.fact_code)
        met, need = comparator.test(value, on), comparator.need(asked.fact)
        if known.kind == "flag":
            text = known.shown(value)
            return Reason(met, text, asked.code, "" if met else need if met is None else f"需要：{need}")
        own = known.shown(value)
        text = own if value is None else f"{known.label} {own}"
        if met:
            return Reason(True, f"{text}，符合“{need}”", asked.code)
        gap = "" if value is None else comparator.gap(known, value, on)
        missing = f"{known.label}应为 {need}" + (f"，{gap}" if gap else "")
        return Reason(met, f"{text}，要求“{need}”", asked.code, missing)

    def _group_reason(self, values: Values, on: date) -> Reason:
        key, inner = self._group()
        met = self.test(values, on)
        if key == "none":
            # What decides: one that he has, else one that nobody knows, else that he has none of them.
            text = "；".join(one._absent(values, on) for one in inner if one.test(values, on) is negated(met))
            missing = "" if met else f"不能有以下情形：{text}" if met is False else text
            return Reason(met, text, key, missing)
        reasons = [one.reason(values, on) for one in inner]
        telling = [one for one in reasons if bool(one.met) is bool(met)]
        if key == "any":
            telling = telling[:1] if met else telling
        text = "；".join(one.text for one in telling)
        if met:
            return Reason(True, text, key)
        join = "，或者" if key == "any" else "；"
        return Reason(met, text, key, join.join(one.missing for one in telling if one.missing))

    def _absent(self, values: Values, on: date) -> str:
        """In words how it stands with what somebody may not have: that he has it, has it not, or nobody knows."""
        met = self.test(values, on)
        if met:
            return self.reason(values, on).text
        if self._asked is None:
            return (
                f"没有“{self.words()}”的情形" if met is False else _unsettled("登记的资料不全", self.words())
            )
        asked, comparator = self._asked
        known, value = asked.fact, values.get(asked.fact_code)
        own, need = known.shown(value), comparator.need(known)
        if met is None:
            return _unsettled(own, need)
        return own if known.kind == "flag" else f"{known.label} {own}，没有“{need}”的情形"


def _unsettled(own: str, what: str) -> str:
    return f"{own}，核实登记后才能判断有没有“{what}”的情形"


def every(found: Iterable[bool | None]) -> bool | None:
    """AND of SQL: false wins, then not known."""
    answers = list(found)
    return False if False in answers else None if None in answers else True


def negated(found: bool | None) -> bool | None:
    return None if found is None else not found


def compile_q(clauses: Sequence[Clause], on: date) -> Q:
    """All clauses as one condition over a queryset of `people(on, codes=codes(clauses))`."""
    found = Q()
    for one in clauses:
        found &= one.as_q(on)
    return found


def explain(clauses: Sequence[Clause], values: Values, on: date) -> tuple[Reason, ...]:
    """Each clause judged for the person whose facts these are, in the order of the scheme."""
    return tuple(one.reason(values, on) for one in clauses)


def met(clauses: Sequence[Clause], values: Values, on: date) -> bool | None:
    """The same as `compile_q`, for one person."""
    return every(one.test(values, on) for one in clauses)


def codes(clauses: Iterable[Clause]) -> set[str]:
    """Facts that the clauses ask for."""
    return {asked.fact_code for one in clauses for asked, _ in one.leaves()}
