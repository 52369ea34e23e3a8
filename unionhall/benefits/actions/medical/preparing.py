"""Working settlements out without the database: opened, judged by the plan of the day, sealed again.

What the database has to say about a chunk's people is read before (`Known`), so that a thread can do this for the next
persons while the database writes the present ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from unionhall.foundation.sealing import Sealed, ring
from unionhall.ledger.models import Budget
from unionhall.ledger.reading import among
from unionhall.rulebook.bulk import Prepared, prepare_frame, reasons_text
from unionhall.rulebook.versions import Version

from ...models import MedicalCover, SettlementLine
from ...models.medical import payment_key
from ...rules import medical as rules
from ...schemes.medical import MedicalAidScheme

__all__ = [
    "REASONS",
    "RULE",
    "UNCOUNTED",
    "Covers",
    "Known",
    "Ready",
    "Results",
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
_UNCOUNTED = frozenset(why for why, reason in REASONS.items() if reason in UNCOUNTED)


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

    `paid`: cents by person and year; `before`: what each year has counted, sealed; `payers`: the budget of each line;
    `numbers`: one for each decision to come.
    """

    lines: list[tuple[Any, ...]]
    versions: Mapping[tuple[str, date], Version[MedicalAidScheme]]
    payers: Mapping[int, Budget | None]
    paid: Mapping[tuple[int, int], int]
    before: list[tuple[int, int, Any]]
    covers: Covers
    numbers: Sequence[int]


class Results(NamedTuple):
    """What is noted beside the lines, column by column, each as an array that the database reads."""

    lines: str
    decisions: str
    cents: str
    reasons: str


@dataclass(frozen=True)
class Ready:
    """A chunk worked out: lines that a budget pays, the decisions to write, and what is due out of each budget.

    `numbers` are the decisions' own, line by line; `paid` the lines that are given something.
    """

    lines: Sequence[int]
    numbers: Sequence[int]
    decisions: list[Prepared]
    results: Results
    dues: list[tuple[Budget, pl.DataFrame]]
    paid: Sequence[int]
    unfunded: list[int]


@dataclass(slots=True)
class _Year:
    """A person's sums of a year in cents: paid, and counted before."""

    paid: int = 0
    before: int = 0


def prepare(known: Known) -> Ready:
    """Each line sees what those before it in the list were given."""
    rows = rows_of(line for line in known.lines if known.payers[line[0]] is not None)
    years = _years(known)
    plans = {key: rules.plan_of(version.parameters.amount) for key, version in known.versions.items()}
    inputs: list[str] = []
    sums: list[int] = []
    whys: list[tuple[str, ...]] = []
    for row in rows:
        place = (row.division, row.on)
        year = years[row.person, row.on.year]
        text, case = inputs_of(row, known.versions[place], year.paid, year.before, known.covers)
        amount, why = rules.quick(plans[place], case)
        inputs.append(text)
        sums.append(amount)
        whys.append(why)
        year.paid += amount
        if why[0] not in _UNCOUNTED:
            year.before += row.selfpay
    lines, numbers = [row.pk for row in rows], known.numbers[: len(rows)]
    reasons = [REASONS[why[0]] or '""' for why in whys]
    texts = {why: reasons_text(why) for why in set(whys)}
    frame = pl.DataFrame(
        {
            "id": numbers, "line": lines, "key": [row.key for row in rows],
            "paid_as": [payment_key(row.first or row.pk) for row in rows],
            "person_id": [row.person for row in rows], "path": [row.path for row in rows],
            "on": [row.on for row in rows], "inputs": inputs, "cents": sums,
            "amount": [rules.yuan_of(one) for one in sums], "reasons": [texts[why] for why in whys],
            "version": [known.versions[row.division, row.on].digest for row in rows],
            "budget": [_pk(known.payers[row.pk]) for row in rows],
        }
    )  # fmt: skip
    outcome = pl.when(pl.col("cents") > 0).then(pl.lit("granted")).otherwise(pl.lit("refused"))
    return Ready(
        lines,
        numbers,
        _decisions(known, frame.with_columns(outcome.alias("outcome"))),
        Results(array(lines), array(numbers), array(sums), array(reasons)),
        _dues(known, frame.filter(pl.col("cents") > 0)),
        [line for line, amount in zip(lines, sums, strict=True) if amount],
        [line[0] for line in known.lines if known.payers[line[0]] is None],
    )


def _pk(budget: Budget | None) -> int:
    assert budget is not None
    return int(budget.pk)


def _decisions(known: Known, frame: pl.DataFrame) -> list[Prepared]:
    """Those of each version by themselves."""
    versions = {one.digest: one for one in known.versions.values()}
    parts = frame.partition_by("version", as_dict=True, maintain_order=True)
    return [
        prepare_frame(version=versions[str(digest)], rule=RULE, frame=part)
        for (digest,), part in parts.items()
    ]


def _dues(known: Known, granted: pl.DataFrame) -> list[tuple[Budget, pl.DataFrame]]:
    """What each budget is to pay, in the order of the lines."""
    budgets = {_pk(one): one for one in known.payers.values() if one is not None}
    rows = granted.select(
        "budget", pl.col("paid_as").alias("key"), "person_id", "amount", pl.col("id").alias("decision_id"),
        pl.lit("").alias("household_key"), "path",
    )  # fmt: skip
    parts = rows.partition_by("budget", as_dict=True, include_key=False, maintain_order=True)
    return [(budgets[pk], part) for pk, part in sorted((int(key), part) for (key,), part in parts.items())]


def array(values: Iterable[int | str]) -> str:
    """Numbers, or words that need no quotes, as the database reads an array: far quicker than one by one."""
    return "{" + ",".join(map(str, values)) + "}"


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
