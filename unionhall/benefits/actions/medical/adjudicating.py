"""Working settlements out: the year's sums of each person, decisions, results, and the money, a chunk at a time.

A chunk is whole persons, so that several settlements of one person see each other, and one transaction: decisions,
results and payments of a chunk are all there or none. A job that stopped goes on with the lines that have no result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.sealing import Sealed, ring
from unionhall.ledger import reading
from unionhall.ledger.actions import Due
from unionhall.ledger.models import Budget
from unionhall.ledger.reading import among
from unionhall.rulebook.book import book
from unionhall.rulebook.decisions import Matter, decide_many
from unionhall.rulebook.versions import Version

from ...models import MedicalCover, SettlementLine
from ...rules import medical as rules
from ...schemes.medical import PROGRAMME, MedicalAidScheme
from .paying import pay_or_queue, tell_results

__all__ = ["Row", "Worked", "inputs_of", "rows_of", "work"]

Reason = SettlementLine.Reason
RULE = "medical.adjudicate"
_WHY = "settlements being worked out for whoever was asked for permission"
_COLUMNS = ("pk", "person_id", "path", "division", "settled_on", "selfpay", "covered", "first")
#: What a rule's first reason is called on a line.
REASONS: dict[str, str] = {
    rules.NOT_COVERED: Reason.NOT_COVERED,
    rules.WAITING: Reason.IN_WAITING,
    rules.TOO_LITTLE: Reason.TOO_LITTLE,
    rules.NOTHING: Reason.TOO_LITTLE,
    rules.AT_CAP: Reason.AT_CAP,
    rules.BY_PLAN: "",
}
#: Settlements that were not covered count towards nobody's deductible.
UNCOUNTED = (Reason.NOT_COVERED, Reason.IN_WAITING)


class Row(NamedTuple):
    """A line to be worked out; `selfpay` in cents."""

    pk: int
    person: int
    path: str
    division: str
    on: date
    selfpay: int
    covered: bool
    first: int | None = None

    @property
    def key(self) -> str:
        return f"medical:{self.pk:012d}"


@dataclass(frozen=True)
class Worked:
    """What a chunk came to: lines with a result, how many are paid and how many wait for money."""

    lines: int = 0
    granted: int = 0
    amount: Decimal = Decimal("0.00")
    queued: int = 0
    unfunded: int = 0


@dataclass
class _Year:
    """A person's sums of a year in cents: paid, and counted before."""

    paid: int = 0
    before: int = 0


@dataclass
class _Batch:
    """What is to be decided under one version."""

    version: Version[MedicalAidScheme]
    plan: rules.Plan
    matters: list[Matter] = field(default_factory=list)


def rows_of(found: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Lines as values_list(*COLUMNS) gives them, opened."""
    rows = list(found)
    sums = ring().open_many([row[5].blob if isinstance(row[5], Sealed) else row[5] for row in rows])
    return [
        Row(pk, person, path, division, on, rules.cents_of(text or "0.00"), covered, first)
        for (pk, person, path, division, on, _, covered, first), text in zip(rows, sums, strict=True)
    ]


def work(actor: Actor, rows: Sequence[Row], *, submitted_at: datetime, label: str = "") -> Worked:
    """Decide on whole persons' lines, in their order, and make the sums due or put them in line.

    The caller's transaction holds the turn (`turns.take_turn`). Lines without a budget are left to a person.
    """
    budgets = _Budgets()
    payer = {row.pk: budgets.of(row) for row in rows}
    funded = [row for row in rows if payer[row.pk] is not None]
    _leave([row.pk for row in rows if payer[row.pk] is None])
    sums, reasons = _work_out(actor, funded, label)
    if not sums:
        return Worked(unfunded=len(rows) - len(funded))
    at = timezone.now()
    decided = _write(sums, reasons, at)
    due: dict[int, list[Due]] = defaultdict(list)
    total = Decimal("0.00")
    by_budget: dict[int, Budget] = {}
    for row in funded:
        decision, amount = decided[row.pk]
        if amount:
            budget = payer[row.pk]
            assert budget is not None
            by_budget[budget.pk] = budget
            due[budget.pk].append(
                Due(f"medical:{row.first or row.pk:012d}", row.person, amount, decision, "", row.path)
            )
            total += amount
    queued = sum(pay_or_queue(actor, by_budget[pk], due[pk], submitted_at=submitted_at) for pk in sorted(due))
    granted = sum(map(len, due.values()))
    tell_results([row.pk for row in funded if decided[row.pk][1]])
    return Worked(len(funded), granted, total, queued, len(rows) - len(funded))


def _work_out(actor: Actor, rows: Sequence[Row], label: str) -> tuple[dict[int, Decimal], dict[int, str]]:
    """Decide; answers sums and reasons by line. Each line sees what those before it in the list were given."""
    years = _years(rows)
    covers = _Covers({row.person for row in rows})
    versions = _Versions()
    batches: dict[str, _Batch] = {}
    sums: dict[int, Decimal] = {}
    reasons: dict[int, str] = {}
    for row in rows:
        version = versions.of(row.division, row.on)
        year = years[row.person, row.on.year]
        batch = batches.get(version.digest)
        if batch is None:
            batch = batches[version.digest] = _Batch(version, rules.plan_of(version.parameters.amount))
        inputs, case = inputs_of(row, version, year.paid, year.before, covers)
        amount, why = rules.quick(batch.plan, case)
        found = rules.outcome_of(amount, why)
        batch.matters.append(Matter(row.key, row.person, row.path, row.on, inputs, found))
        sums[row.pk] = found.amount
        reasons[row.pk] = reason = REASONS[why[0]]
        year.paid += amount
        if reason not in UNCOUNTED:
            year.before += row.selfpay
    for batch in batches.values():
        decide_many(actor, version=batch.version, rule=RULE, matters=batch.matters, label=label)
    return sums, reasons


def inputs_of(
    row: Row, version: Version[MedicalAidScheme], paid: int, before: int, covers: _Covers
) -> tuple[str, rules.Case]:
    """The rule's inputs as decisions store them (JSON), and the same in cents."""
    inputs = (
        f'{{"selfpay":"{rules.yuan_of(row.selfpay)}","paid":"{rules.yuan_of(paid)}",'
        f'"before":"{rules.yuan_of(before)}","covered":{"true" if row.covered else "false"}'
    )
    units, part = 1, None
    if version.parameters.enrolment == "units" and row.covered:
        held = covers.on(row.person, row.on)
        if held is not None:
            units = min(held.units, version.parameters.max_units)
            inputs += f',"units":{units},"on":"{row.on}","since":"{held.since}"'
            if held.former_until is not None:
                inputs += f',"former_until":"{held.former_until}"'
            part = rules.share(version.parameters, row.on, held.since, held.former_until)
    return inputs + "}", rules.Case(row.selfpay, paid, before, row.covered, units, part)


def _years(rows: Sequence[Row]) -> dict[tuple[int, int], _Year]:
    """What each person was paid in the years of these lines, and what those years have counted."""
    found: dict[tuple[int, int], _Year] = defaultdict(_Year)
    by_year: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        by_year[row.on.year].add(row.person)
    for year, people in by_year.items():
        for person, paid in reading.paid_by_person(people, PROGRAMME, year).items():
            found[person, year].paid = int(paid * 100)
        counted = SettlementLine.objects.everywhere(reason=_WHY).counted()
        counted = counted.filter(person__in=among(people), settled_on__year=year).exclude(
            reason__in=UNCOUNTED
        )
        before: list[tuple[Any, Any]] = list(counted.values_list("person_id", "selfpay"))
        sums = ring().open_many([sealed.blob for _, sealed in before])
        for (person, _), text in zip(before, sums, strict=True):
            found[person, year].before += rules.cents_of(text or "0.00")
    return found


@dataclass(frozen=True)
class Held:
    """A cover that holds on a day, and when the one before it ended."""

    units: int
    since: date
    former_until: date | None


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


class _Covers:
    """Covers that persons took out themselves, read once, and only where a plan asks for them."""

    def __init__(self, people: Iterable[int]) -> None:
        self._people = list(people)

    @cached_property
    def _held(self) -> dict[int, list[tuple[Any, int]]]:
        rows = MedicalCover.objects.everywhere(reason=_WHY).filter(person__in=among(self._people))
        found: dict[int, list[tuple[Any, int]]] = defaultdict(list)
        for person, period, units in rows.order_by("period").values_list("person_id", "period", "units"):
            found[person].append((period, units))
        return found

    def on(self, person: int, day: date) -> Held | None:
        former: date | None = None
        for period, units in self._held.get(person, ()):
            if period.lower <= day < period.upper:
                return Held(units, period.lower, former)
            former = period.upper
        return None


Covers = _Covers


class _Budgets:
    """Which budget pays a line: that of the nearest union above the person, of the settlement's year."""

    def __init__(self) -> None:
        self._years: dict[int, list[tuple[str, Budget]]] = {}
        self._known: dict[tuple[int, str], Budget | None] = {}

    def of(self, row: Row) -> Budget | None:
        place = (row.on.year, row.path)
        if place not in self._known:
            self._known[place] = next(
                (budget for path, budget in self._of_year(row.on.year) if row.path.startswith(path)), None
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


_WRITE = """
UPDATE benefits_settlementline l
SET outcome = d.outcome, amount = d.amount, decision_id = d.id, decided_at = %(at)s, reason = w.reason
FROM unnest(%(ids)s::bigint[], %(keys)s::text[], %(reasons)s::text[]) AS w (id, key, reason)
JOIN rulebook_decision d ON d.key = w.key
WHERE l.id = w.id
RETURNING l.id, l.decision_id, l.amount
"""


def _write(sums: dict[int, Decimal], reasons: dict[int, str], at: datetime) -> dict[int, tuple[int, Decimal]]:
    """The results beside the lines, as they were decided; answers decision and sum of each."""
    ids = list(sums)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "at": at, "ids": ids, "keys": [f"medical:{pk:012d}" for pk in ids],
                "reasons": [str(reasons[pk]) for pk in ids],
            },
        )  # fmt: skip
        found = {pk: (decision, amount) for pk, decision, amount in cursor.fetchall()}
    if wrong := next((pk for pk in ids if found[pk][1] != sums[pk]), None):
        raise AssertionError(f"line {wrong} was decided with another sum than the year's sums were kept with")
    return found


# By a cursor of its own: a million rows need no model's conversions.
_NEXT = """
SELECT id, person_id, path, division, settled_on, selfpay, covered, first FROM benefits_settlementline
WHERE file_id = %s AND person_id > %s AND state = 'matched' AND outcome = '' AND replaces_id IS NULL
ORDER BY person_id, id LIMIT %s
"""


def next_rows(file_id: int, after: int, limit: int) -> tuple[list[Row], bool]:
    """Lines of a file without a result, of whole persons after `after`; whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [file_id, after, limit + 1])
        found = cursor.fetchall()
        if len(found) <= limit:
            return rows_of(found), False
        last = found[-1][1]
        whole = [row for row in found if row[1] != last]
        if not whole:
            # One person alone fills the chunk: all of his, and no one else's.
            cursor.execute(_NEXT, [file_id, last - 1, None])
            whole = [row for row in cursor.fetchall() if row[1] == last]
    return rows_of(whole), True


def rows_for(ids: Iterable[int]) -> list[Row]:
    """Some lines, in the order of their keys."""
    lines = SettlementLine.objects.everywhere(reason=_WHY).waiting().filter(pk__in=list(ids))
    return rows_of(lines.order_by("pk").values_list(*_COLUMNS))
