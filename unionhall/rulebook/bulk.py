"""Many decisions at once: worked out and sealed by the column, written by COPY where none of them stands already.

What asks no database (`prepare_many`, `prepare_frame`) is apart, so that a thread may do it while the database writes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation
from pydantic_core import to_json

from unionhall.foundation.actors import Actor
from unionhall.foundation.copying import bytes_column, statement, written
from unionhall.foundation.sealing import ring
from unionhall.records.actions import journal

from .actions import record_use
from .models import Decision
from .rules import Outcome, Rule, rule_of
from .versions import Version

__all__ = [
    "Made", "Matter", "Prepared", "decide_many", "decide_prepared", "prepare_frame", "prepare_many", "reasons_text",
    "reserve_numbers", "rule_for", "standing_for", "stored_text",
]  # fmt: skip

CHUNK = 10_000
_WHY = "a business key decides once, whoever asks"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to decide among many: its key, whom it is about, where he stands, the day, the inputs.

    `inputs` may be JSON text that is written already; `outcome` what the rule gave already, where a domain had to know
    it before it could say what comes next. `replay` proves it like any other.
    """

    key: str
    person: int | None
    path: str
    on: date
    inputs: Mapping[str, Any] | str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Made:
    """What a bulk decision did: how many were decided now, and how many had been before."""

    made: int
    known: int
    amount: Decimal


def rule_for(name: str, version: Version[Any]) -> Rule:
    found = rule_of(name)
    if found.programme != version.programme:
        raise ValueError(f"rule {name} is of programme {found.programme}, not {version.programme}")
    return found


def stored_text(inputs: Mapping[str, Any] | str) -> str:
    """Inputs as JSON text: sums as text, days in ISO."""
    return inputs if isinstance(inputs, str) else to_json(inputs).decode()


def decide_many(
    actor: Actor, *, version: Version[Any], rule: str, matters: Iterable[Matter], label: str = ""
) -> Made:
    """Decide many by one rule under one version: memory stays flat, keys that were decided are passed over.

    One transaction per call and one journal entry. Arithmetic is not stored with each (`outcome_of` works it out).
    """
    how = rule_for(rule, version)
    return _decide(actor, version, rule, (_piece(how, version, chunk) for chunk in _chunks(matters)), label)


@dataclass(frozen=True)
class _Piece:
    """Decisions sealed and written as COPY reads them, with their keys and their sum."""

    text: memoryview
    columns: tuple[str, ...]
    keys: list[str]
    amount: Decimal


@dataclass(frozen=True)
class Prepared:
    """Decisions that are worked out, sealed and only have to be written."""

    version: Version[Any]
    rule: str
    pieces: tuple[_Piece, ...]


def prepare_many(*, version: Version[Any], rule: str, matters: Iterable[Matter]) -> Prepared:
    """The half of `decide_many` that asks no database: a thread may do it while the database is at work."""
    how = rule_for(rule, version)
    return Prepared(version, rule, tuple(_piece(how, version, chunk) for chunk in _chunks(matters)))


def prepare_frame(*, version: Version[Any], rule: str, frame: pl.DataFrame) -> Prepared:
    """The same for what a rule gave already, column by column.

    `frame`: id (numbers reserved by `reserve_numbers`, so that what refers to a decision is written without reading it
    back), key, person_id, path, on, inputs (JSON text), outcome, amount and reasons (`reasons_text`), both as text.
    """
    how = rule_for(rule, version)
    return Prepared(version, rule, tuple(_sealed(how, version, one) for one in frame.iter_slices(CHUNK)))


def decide_prepared(actor: Actor, prepared: Prepared, *, label: str = "") -> Made:
    """The other half."""
    return _decide(actor, prepared.version, prepared.rule, prepared.pieces, label)


def reserve_numbers(count: int) -> list[int]:
    """Numbers that no other decision will have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('rulebook_decision_id_seq') FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]


def standing_for(keys: Sequence[str]) -> dict[str, tuple[int, Decimal]]:
    """Number and sum of the decisions that stand under these keys."""
    rows = Decision.objects.everywhere(reason=_WHY).filter(key__in=list(keys))
    return {key: (number, amount) for key, number, amount in rows.values_list("key", "pk", "amount")}


def _decide(actor: Actor, version: Version[Any], rule: str, pieces: Iterable[_Piece], label: str) -> Made:
    made = known = 0
    amount = Decimal("0.00")
    with transaction.atomic():
        record_use(version)
        for piece in pieces:
            fresh, total = _write(piece)
            made, known, amount = made + fresh, known + len(piece.keys) - fresh, amount + total
        detail = {"programme": version.programme, "rule": rule, "version": version.digest}
        if made:
            journal(
                actor,
                "rulebook.decided_many",
                label=label or version.title,
                detail=detail | {"made": made, "known": known, "amount": str(amount)},
            )
    return Made(made, known, amount)


def _chunks(matters: Iterable[Matter]) -> Iterator[list[Matter]]:
    rest = iter(matters)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


_COPIED = (
    "key", "programme", "version_id", "rule", "person_id", "path", "on", "inputs", "outcome", "amount", "reasons", "at",
)  # fmt: skip


def _piece(how: Rule, version: Version[Any], chunk: list[Matter]) -> _Piece:
    texts = [stored_text(one.inputs) for one in chunk]
    outcomes = _outcomes(how, version, chunk, texts)
    reasons = {one: reasons_text(one) for one in {found.reasons for found in outcomes}}
    frame = pl.DataFrame(
        {
            "key": [one.key for one in chunk],
            "person_id": [one.person for one in chunk],
            "path": [one.path or "" for one in chunk],
            "on": [one.on for one in chunk],
            "inputs": texts,
            "outcome": [found.outcome for found in outcomes],
            "amount": [str(found.amount) for found in outcomes],
            "reasons": [reasons[found.reasons] for found in outcomes],
        },
        schema_overrides={"person_id": pl.Int64},
    )
    return _sealed(how, version, frame)


def reasons_text(reasons: tuple[str, ...]) -> str:
    """Reasons as decisions store them."""
    return json.dumps(reasons, ensure_ascii=False)


def _sealed(how: Rule, version: Version[Any], frame: pl.DataFrame) -> _Piece:
    blobs = ring().seal_many(frame["inputs"].to_list())
    sealed = bytes_column("inputs", blobs)
    numbered = ("id",) if "id" in frame.columns else ()
    # What is the same in every row is written too: the rows then go straight into their table.
    rows = frame.select(
        *numbered, "key", pl.lit(version.programme).alias("programme"),
        pl.lit(version.digest).alias("version_id"), pl.lit(how.name).alias("rule"), "person_id", "path", "on",
        sealed, "outcome", "amount", "reasons", pl.lit(timezone.now().isoformat()).alias("at"),
    )  # fmt: skip
    total = frame.select(pl.col("amount").cast(pl.Decimal(38, 2)).sum()).item()
    return _Piece(written(rows), (*numbered, *_COPIED), frame["key"].to_list(), total)


def _write(piece: _Piece) -> tuple[int, Decimal]:
    """How many of a piece were new, and their sum."""
    keys = len(set(piece.keys))
    with connection.cursor() as cursor:
        # A file that comes again is known by a few of its keys; a single known one is found by the COPY.
        some = piece.keys[:: len(piece.keys) // 16 + 1]
        cursor.execute("SELECT EXISTS (SELECT FROM rulebook_decision WHERE key = ANY(%s))", [some])
        (known,) = cursor.fetchone()
    if not known and keys == len(piece.keys):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _copy(cursor, "rulebook_decision", piece)
        except UniqueViolation:
            pass  # one of them is decided, perhaps in this very moment: one by one, as below
        else:
            return keys, piece.amount
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS deciding (id int8, key text, programme text, version_id text,"
            ' rule text, person_id int8, path text, "on" date, inputs bytea, outcome text, amount numeric,'
            " reasons jsonb, at timestamptz) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE deciding")
        _copy(cursor, "deciding", piece)
        columns = ", ".join(f'"{name}"' for name in piece.columns)
        cursor.execute(
            f"WITH fresh AS (INSERT INTO rulebook_decision ({columns}) SELECT {columns} FROM deciding"  # noqa: S608
            " ON CONFLICT (key) DO NOTHING RETURNING amount)"
            " SELECT count(*), COALESCE(sum(amount), 0) FROM fresh"
        )
        fresh, total = cursor.fetchone()
    return int(fresh), Decimal(total)


def _copy(cursor: Any, table: str, piece: _Piece) -> None:
    with cursor.copy(statement(table, piece.columns)) as copy:
        copy.write(piece.text)


def _outcomes(
    how: Rule, version: Version[Any], chunk: Sequence[Matter], stored: Sequence[str]
) -> list[Outcome]:
    """What the rule gives each; it sees inputs as they are stored."""
    open_ones = [number for number, one in enumerate(chunk) if one.outcome is None]
    worked = how.decide_many(version.parameters, [json.loads(stored[number]) for number in open_ones])
    known = dict(zip(open_ones, worked, strict=True))
    return [one.outcome or known[number] for number, one in enumerate(chunk)]
