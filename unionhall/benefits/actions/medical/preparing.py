"""Working settlements out without the database: opened, judged by the plan of the day, sealed again.

What the database has to say about a chunk's people is read before (`Known`), so that a thread can do this for the next
persons while the database writes the present ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from unionhall.foundation.sealing import Sealed, ring
from unionhall.ledger.models import Budget
from unionhall.ledger.reading import among
from unionhall.rulebook.decisions import Matter, Prepared, prepare_many
from unionhall.rulebook.versions import Version

from ...models import MedicalCover, SettlementLine
from ...rules import medical as rules
from ...schemes.medical import MedicalAidScheme

__all__ = [
    "REASONS",
    "RULE",
    "UNCOUNTED",
    "Covers",
    "Known",
    "Ready",
    "Row",
    "inputs_of",
    "prepare",
    "rows_of",
]

Reason = SettlementLine.Reason
RULE = "medical.adjudicate"
_WHY = "settlements being worked out for whoever was asked for permission"
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


def rows_of(found: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Lines as values_list(*COLUMNS) gives them, opened."""
    rows = list(found)
    sums = ring().open_many([_blob(row[5]) for row in rows])
    return [
        Row(pk, person, path, division, on, rules.cents_of(text or "0.00"), covered, first)
        for (pk, person, path, division, on, _, covered, first), text in zip(rows, sums, strict=True)
    ]


def _blob(value: Any) -> bytes:
    return value.blob if isinstance(value, Sealed) else value


@dataclass(frozen=True)
class Held:
    """A cover that holds on a day, and when the one before it ended."""

    units: int
    since: date
    former_until: date | None


class Covers:
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

    def read(self) -> None:
        """Now: whoever asks next may stand in a thread."""
        _ = self._held

    def on(self, person: int, day: date) -> Held | None:
        former: date | None = None
        for period, units in self._held.get(person, ()):
            if period.lower <= day < period.upper:
                return Held(units, period.lower, former)
            former = period.upper
        return None


@dataclass(frozen=True)
class Known:
    """Lines as they were read (sealed), and what the database knew of their people then.

    `paid`: cents by person and year; `before`: what each year has counted, sealed; `payers`: the budget of each line.
    """

    lines: list[tuple[Any, ...]]
    versions: Mapping[tuple[str, date], Version[MedicalAidScheme]]
    payers: Mapping[int, Budget | None]
    paid: Mapping[tuple[int, int], int]
    before: list[tuple[int, int, Any]]
    covers: Covers


@dataclass(frozen=True)
class Ready:
    """A chunk worked out: rows that a budget pays with their sums (cents) and reasons, and the decisions to write."""

    rows: list[Row]
    sums: list[int]
    reasons: list[str]
    payers: Mapping[int, Budget | None]
    decisions: list[Prepared]
    unfunded: list[int]


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


def prepare(known: Known) -> Ready:
    """Each line sees what those before it in the list were given."""
    rows = rows_of(line for line in known.lines if known.payers[line[0]] is not None)
    years = _years(known)
    batches: dict[str, _Batch] = {}
    sums: list[int] = []
    reasons: list[str] = []
    for row in rows:
        version = known.versions[row.division, row.on]
        year = years[row.person, row.on.year]
        batch = batches.get(version.digest)
        if batch is None:
            batch = batches[version.digest] = _Batch(version, rules.plan_of(version.parameters.amount))
        inputs, case = inputs_of(row, version, year.paid, year.before, known.covers)
        amount, why = rules.quick(batch.plan, case)
        batch.matters.append(
            Matter(row.key, row.person, row.path, row.on, inputs, rules.outcome_of(amount, why))
        )
        sums.append(amount)
        reason = REASONS[why[0]]
        reasons.append(reason)
        year.paid += amount
        if reason not in UNCOUNTED:
            year.before += row.selfpay
    decisions = [
        prepare_many(version=batch.version, rule=RULE, matters=batch.matters) for batch in batches.values()
    ]
    unfunded = [line[0] for line in known.lines if known.payers[line[0]] is None]
    return Ready(rows, sums, reasons, known.payers, decisions, unfunded)


def _years(known: Known) -> dict[tuple[int, int], _Year]:
    """What each person was paid in the years of these lines, and what those years have counted."""
    found: dict[tuple[int, int], _Year] = defaultdict(_Year)
    for place, paid in known.paid.items():
        found[place].paid = paid
    opened = ring().open_many([_blob(sealed) for _, _, sealed in known.before])
    for (person, year, _), text in zip(known.before, opened, strict=True):
        found[person, year].before += rules.cents_of(text or "0.00")
    return found


def inputs_of(
    row: Row, version: Version[MedicalAidScheme], paid: int, before: int, covers: Covers
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


def yuan(amount: int) -> Decimal:
    """Cents as a sum."""
    return Decimal(amount).scaleb(-2)
