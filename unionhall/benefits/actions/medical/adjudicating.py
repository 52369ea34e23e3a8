"""Working settlements out: what is known of the people, decisions, results, and the money, a chunk at a time.

A chunk is whole persons, so that several settlements of one person see each other, and one transaction: decisions,
results and payments of a chunk are all there or none. A job that stopped goes on with the lines that have no result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.ledger import reading
from unionhall.ledger.models import Budget
from unionhall.ledger.reading import among
from unionhall.rulebook.book import book
from unionhall.rulebook.bulk import decide_prepared, reserve_numbers, standing_for
from unionhall.rulebook.versions import Version

from ...models import SettlementLine
from ...schemes.medical import PROGRAMME, MedicalAidScheme
from .paying import pay_or_queue, tell_results
from .preparing import REASONS, RULE, UNCOUNTED, Covers, Known, Ready, Row, array, inputs_of, prepare, rows_of

__all__ = [
    "REASONS", "RULE", "UNCOUNTED", "Covers", "Row", "inputs_of", "next_lines", "read", "rows_for",
    "rows_of", "work", "write",
]  # fmt: skip

Reason = SettlementLine.Reason
_WHY = "settlements being worked out for whoever was asked for permission"
_COLUMNS = ("pk", "person_id", "path", "division", "settled_on", "selfpay", "covered", "first")
#: A line as it was read, in the order of _COLUMNS.
Line = tuple[Any, ...]


def work(actor: Actor, lines: Sequence[Line], *, submitted_at: datetime, label: str = "") -> None:
    """Decide on whole persons' lines, in their order, and make the sums due or put them in line.

    The caller's transaction holds the turn (`turns.take_turn`). Lines without a budget are left to a person.
    """
    write(actor, prepare(read(lines)), submitted_at=submitted_at, label=label)


def read(lines: Sequence[Line]) -> Known:
    """What the database knows of these lines' people: a fixed number of statements."""
    versions, budgets = _Versions(), _Budgets()
    by_year: dict[int, set[int]] = defaultdict(set)
    plans: dict[tuple[str, date], Version[MedicalAidScheme]] = {}
    payers: dict[int, Budget | None] = {}
    for pk, person, path, division, on, *_ in lines:
        by_year[on.year].add(person)
        payers[pk] = payer = budgets.of(on.year, path)
        if payer is not None and (division, on) not in plans:
            plans[division, on] = versions.of(division, on)
    covers = Covers({line[1] for line in lines})
    if any(one.parameters.enrolment == "units" for one in plans.values()):
        covers.read()
    paid: dict[tuple[int, int], int] = {}
    before: list[tuple[int, int, Any]] = []
    for year, people in by_year.items():
        for person, total in reading.paid_by_person(people, PROGRAMME, year).items():
            paid[person, year] = int(total * 100)
        counted = SettlementLine.objects.everywhere(reason=_WHY).counted()
        counted = counted.filter(person__in=among(people), settled_on__year=year).exclude(
            reason__in=UNCOUNTED
        )
        before += [(person, year, sealed) for person, sealed in counted.values_list("person_id", "selfpay")]
    return Known(list(lines), plans, payers, paid, before, covers, reserve_numbers(len(lines)))


def write(actor: Actor, ready: Ready, *, submitted_at: datetime, label: str = "") -> None:
    """Write what was worked out: decisions, results beside the lines, payments or promises, messages."""
    _leave(ready.unfunded)
    if not ready.lines:
        return
    known = sum(decide_prepared(actor, prepared, label=label).known for prepared in ready.decisions)
    if known:
        ready = _as_decided(ready)
    _note_results(ready, timezone.now())
    for budget, dues in ready.dues:
        pay_or_queue(actor, budget, dues, submitted_at=submitted_at)
    tell_results(ready.paid)


def _as_decided(ready: Ready) -> Ready:
    """With the numbers of decisions that stood already, as the lines and payments refer to them."""
    keys = [f"medical:{line:012d}" for line in ready.lines]
    standing = standing_for(keys)
    numbers = [standing[key][0] for key in keys]
    sums = [int(standing[key][1] * 100) for key in keys]
    if ready.results.cents != array(sums):
        raise AssertionError("lines were decided with other sums than the year's sums have")
    now = dict(zip(ready.numbers, numbers, strict=True))
    dues = [
        (budget, rows.with_columns(pl.col("decision_id").replace_strict(now))) for budget, rows in ready.dues
    ]
    return replace(ready, dues=dues, results=ready.results._replace(decisions=array(numbers)))


class _Versions:
    """The version of a place and day: a book is asked once for each day, not for each of a million lines."""

    def __init__(self) -> None:
        self._days: dict[date, list[Version[MedicalAidScheme]]] = {}

    def of(self, division: str, day: date) -> Version[MedicalAidScheme]:
        if day not in self._days:
            there = [one for one in book().in_force(day) if one.programme == PROGRAMME]
            self._days[day] = sorted(there, key=lambda one: -len(one.jurisdiction))
        found = next((one for one in self._days[day] if division.startswith(one.jurisdiction)), None)
        # Without one, the book says in words what is missing.
        return found or rulebook.scheme(MedicalAidScheme, on=day, division=division)


class _Budgets:
    """Which budget pays a line: that of the nearest union above the person, of the settlement's year."""

    def __init__(self) -> None:
        self._years: dict[int, list[tuple[str, Budget]]] = {}
        self._known: dict[tuple[int, str], Budget | None] = {}

    def of(self, year: int, path: str) -> Budget | None:
        place = (year, path)
        if place not in self._known:
            self._known[place] = next(
                (budget for top, budget in self._of_year(year) if path.startswith(top)), None
            )
        return self._known[place]

    def _of_year(self, year: int) -> list[tuple[str, Budget]]:
        if year not in self._years:
            rows = Budget.objects.everywhere(reason=_WHY).filter(programme=PROGRAMME, year=year)
            found = [(one.organisation.path, one) for one in rows.select_related("organisation")]
            self._years[year] = sorted(found, key=lambda one: -len(one[0]))
        return self._years[year]


def _leave(lines: list[int]) -> None:
    if lines:
        rows = SettlementLine.objects.everywhere(reason=_WHY).filter(pk__in=lines)
        rows.update(state=SettlementLine.State.EXCEPTION, reason=Reason.NO_BUDGET)


_RESULTS = """
UPDATE benefits_settlementline l
SET outcome = CASE WHEN w.cents > 0 THEN 'granted' ELSE 'refused' END, amount = w.cents / 100.0,
    decision_id = w.decision, decided_at = %(at)s, reason = w.reason
FROM unnest(%(lines)s::bigint[], %(decisions)s::bigint[], %(cents)s::bigint[], %(reasons)s::text[])
     AS w (line, decision, cents, reason)
WHERE l.id = w.line AND l.outcome = ''
"""


def _note_results(ready: Ready, at: datetime) -> None:
    """The results beside the lines, as they were decided."""
    with connection.cursor() as cursor:
        cursor.execute(_RESULTS, {**ready.results._asdict(), "at": at})
        if cursor.rowcount != len(ready.lines):
            raise AssertionError(f"{cursor.rowcount} of {len(ready.lines)} lines were still to be worked out")


# By a cursor of its own: a million rows need no model's conversions.
_NEXT = """
SELECT id, person_id, path, division, settled_on, selfpay, covered, first FROM benefits_settlementline
WHERE file_id = %s AND person_id > %s AND state = 'matched' AND outcome = '' AND replaces_id IS NULL
ORDER BY person_id, id LIMIT %s
"""


def next_lines(file_id: int, after: int, limit: int) -> tuple[list[Line], bool]:
    """Lines of a file without a result, of whole persons after `after`; whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [file_id, after, limit + 1])
        found = cursor.fetchall()
        if len(found) <= limit:
            return found, False
        last = found[-1][1]
        whole = [row for row in found if row[1] != last]
        if not whole:
            # One person alone fills the chunk: all of his, and no one else's.
            cursor.execute(_NEXT, [file_id, last - 1, None])
            whole = [row for row in cursor.fetchall() if row[1] == last]
    return whole, True


def rows_for(ids: Iterable[int]) -> list[Line]:
    """Some lines, in the order of their keys."""
    lines = SettlementLine.objects.everywhere(reason=_WHY).waiting().filter(pk__in=list(ids))
    return list(lines.order_by("pk").values_list(*_COLUMNS))
