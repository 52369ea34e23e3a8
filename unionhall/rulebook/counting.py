"""Counting everyone for many schemes at once: one scan, in which each distinct question is asked once per person.

Schemes share questions (is a member, holds a card, is of age). Each person's answers (no, yes, not known) are packed
into a number; people are grouped by it, and what a scheme makes of a group's answers is worked out here, by the same
clauses that explain one person.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import BigIntegerField, BooleanField, Count, ExpressionWrapper, IntegerField, Q, Value
from django.db.models.functions import Cast, Coalesce

from unionhall.members.tallying import hashing

from .comparators import Comparator, Within
from .conditions import Clause, condition_of, every
from .facts import fact
from .population import people

#: Answers in one number: powers of three that a bigint holds.
DIGITS = 39
K = TypeVar("K", bound=Hashable)
_ANSWERS: tuple[bool | None, ...] = (False, True, None)


@dataclass(frozen=True)
class Question:
    """One comparator asked of one fact; equal questions are asked once."""

    fact_code: str
    comparator: Comparator

    def as_q(self, on: date) -> Q:
        return self.comparator.as_q(fact(self.fact_code), on)


@dataclass(frozen=True)
class Asked:
    """Whom to count: all clauses met, in an area ("" everywhere), without the narrower areas."""

    clauses: tuple[Clause, ...]
    area: str = ""
    without: tuple[str, ...] = ()

    def questions(self) -> list[Question]:
        found = [Question(asked.fact_code, how) for one in self.clauses for asked, how in one.leaves()]
        return found + [_within(area) for area in (self.area, *self.without) if area]

    def met(self, answers: Mapping[Question, bool | None]) -> bool:
        if self.area and answers[_within(self.area)] is not True:
            return False
        if any(answers[_within(area)] for area in self.without):
            return False
        return bool(
            every(
                one.decide(lambda asked, how: answers[Question(asked.fact_code, how)]) for one in self.clauses
            )
        )


def _within(area: str) -> Question:
    division = condition_of("division")
    assert division is not None
    return Question(division.fact_code, Within(within=(area,)))


def count(wanted: Mapping[K, Asked], on: date, where: Q | None = None) -> dict[K, int]:
    """How many people meet each; everyone is read once."""
    questions = list(dict.fromkeys(one for asked in wanted.values() for one in asked.questions()))
    place = {one: number for number, one in enumerate(questions)}
    groups = _groups(questions, on, where)
    found: dict[K, int] = {}
    for key, asked in wanted.items():
        own = list(dict.fromkeys(asked.questions()))
        tally: Counter[tuple[bool | None, ...]] = Counter()
        for answers, people_in in groups:
            tally[tuple([answers[place[one]] for one in own])] += people_in
        found[key] = sum(
            number for answers, number in tally.items() if asked.met(dict(zip(own, answers, strict=True)))
        )
    return found


def _groups(questions: Sequence[Question], on: date, where: Q | None) -> list[tuple[list[bool | None], int]]:
    """Groups of people by their answers, and how many stand in each."""
    packed: dict[str, Any] = {
        f"answers_{start}": _packed(questions[start : start + DIGITS], on)
        for start in range(0, len(questions), DIGITS)
    }
    rows = people(on, where, {one.fact_code for one in questions})
    grouped = rows.values(**packed).annotate(people=Count("pk")).order_by() if packed else None
    if grouped is None:
        return [([], rows.count())]
    if where is not None:
        counted = list(grouped)
    else:
        # Everyone: whole tables are joined by hashing, whatever the planner thinks of row after row.
        with transaction.atomic(), hashing("256MB"):
            counted = list(grouped)
    return [
        ([answer for name in packed for answer in _unpacked(row[name])][: len(questions)], row["people"])
        for row in counted
    ]


def _packed(questions: Sequence[Question], on: date) -> Any:
    """0 for no, 1 for yes, 2 for not known, each times its power of three."""
    total: Any = Value(0, output_field=BigIntegerField())
    for number, one in enumerate(questions):
        asked = Cast(ExpressionWrapper(one.as_q(on), output_field=BooleanField()), IntegerField())
        digit = Coalesce(asked, Value(2), output_field=IntegerField())
        power = Value(3**number, output_field=BigIntegerField())
        total = ExpressionWrapper(total + digit * power, output_field=BigIntegerField())
    return total


def _unpacked(number: int) -> Iterable[bool | None]:
    for _ in range(DIGITS):
        number, digit = divmod(number, 3)
        yield _ANSWERS[digit]
