"""Stored decisions: each with its version and inputs, so that anyone can work it out again.

    @rule("career.grant", programme="career_subsidy")
    def grant(parameters, *, level: str, certified: bool) -> Outcome: ...

    decide(actor, key="career:17", version=version, rule="career.grant", person=person, path=path, on=day,
           inputs={"level": "1", "certified": True})

A key decides once: asked again with the same inputs, the decision that stands is answered.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pydantic_core import to_json

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.members.models import Person
from unionhall.records.actions import journal

from .actions import record_use
from .calculators import Worked
from .models import Decision
from .reading import read_content
from .rules import Outcome, Rule, UnknownRule, rule, rule_of
from .versions import Version

__all__ = [
    "Made",
    "Matter",
    "Outcome",
    "Prepared",
    "Replay",
    "UnknownRule",
    "decide",
    "decide_many",
    "decide_prepared",
    "outcome_of",
    "prepare_many",
    "replay",
    "rule",
]
CHUNK = 10_000


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


def decide(
    actor: Actor,
    *,
    key: str,
    version: Version[Any],
    rule: str,
    person: Person | int | None,
    path: str,
    on: date,
    inputs: Mapping[str, Any],
    replaces: Decision | None = None,
) -> Decision:
    """Decide once per key, in the caller's transaction if there is one.

    Refused where the key was decided from other inputs, or `replaces` has been replaced already.
    """
    how, stored = _rule_for(rule, version), _stored(inputs)
    standing = _standing(key)
    if standing is None:
        found = how.decide(version.parameters, json.loads(stored))
        person_id = person.pk if isinstance(person, Person) else person
        with transaction.atomic():
            record_use(version)
            made = Decision(
                key=key,
                programme=version.programme,
                version_id=version.digest,
                rule=rule,
                person_id=person_id,
                path=path,
                on=on,
                inputs=stored,
                outcome=found.outcome,
                amount=found.amount,
                reasons=list(found.reasons),
                worked=None if found.worked is None else found.worked.model_dump(mode="json"),
                replaces=replaces,
            )
            _check_replaced(made, replaces)
            Decision.objects.bulk_create([made], ignore_conflicts=True)
            standing = _standing(key)
            assert standing is not None
            if standing.at == made.at:
                detail = {"programme": made.programme, "rule": rule, "outcome": made.outcome}
                journal(
                    actor,
                    "rulebook.decided",
                    subject=standing,
                    label=f"{version.title}：{standing.get_outcome_display()}",
                    paths=(path,),
                    detail=detail | {"version": version.digest},
                )
                return standing
    held = json.loads(standing.inputs.reveal())
    if (standing.version_id, standing.rule, held) != (version.digest, rule, json.loads(stored)):
        raise Refused("这一事项已按其他材料作出决定，不能重复办理。请查看已有的决定。")
    return standing


def _check_replaced(made: Decision, replaces: Decision | None) -> None:
    if replaces is None:
        return
    rows = Decision.objects.everywhere(reason="whether a decision was replaced before")
    if rows.filter(replaces=replaces).exclude(key=made.key).exists():
        raise Refused("原决定已被另一决定替代，请以最新的决定为准。")


def _standing(key: str) -> Decision | None:
    rows = Decision.objects.everywhere(reason="a business key decides once, whoever asks")
    return rows.filter(key=key).first()


def _rule_for(name: str, version: Version[Any]) -> Rule:
    found = rule_of(name)
    if found.programme != version.programme:
        raise ValueError(f"rule {name} is of programme {found.programme}, not {version.programme}")
    return found


def _stored(inputs: Mapping[str, Any] | str) -> str:
    """Inputs as JSON text: sums as text, days in ISO."""
    return inputs if isinstance(inputs, str) else to_json(inputs).decode()


def decide_many(
    actor: Actor, *, version: Version[Any], rule: str, matters: Iterable[Matter], label: str = ""
) -> Made:
    """Decide many by one rule under one version: memory stays flat, keys that were decided are passed over.

    One transaction per call and one journal entry. Arithmetic is not stored with each (`outcome_of` works it out).
    """
    how = _rule_for(rule, version)
    return _decide(actor, version, rule, (_piece(how, version, chunk) for chunk in _chunks(matters)), label)


@dataclass(frozen=True)
class _Piece:
    """Decisions sealed and written as COPY reads them, with their keys and their sum."""

    text: io.BytesIO
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
    how = _rule_for(rule, version)
    return Prepared(version, rule, tuple(_piece(how, version, chunk) for chunk in _chunks(matters)))


def decide_prepared(actor: Actor, prepared: Prepared, *, label: str = "") -> Made:
    """The other half."""
    return _decide(actor, prepared.version, prepared.rule, prepared.pieces, label)


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


_COPIED = 'key, programme, version_id, rule, person_id, path, "on", inputs, outcome, amount, reasons, at'


def _piece(how: Rule, version: Version[Any], chunk: list[Matter]) -> _Piece:
    stored = [_stored(one.inputs) for one in chunk]
    outcomes = _outcomes(how, version, chunk, stored)
    reasons = {one: json.dumps(one, ensure_ascii=False) for one in {found.reasons for found in outcomes}}
    frame = pl.DataFrame(
        {
            "key": [one.key for one in chunk],
            "person_id": [one.person for one in chunk],
            "path": [one.path or "" for one in chunk],
            "on": [one.on for one in chunk],
            "inputs": ["\\x" + (blob or b"").hex() for blob in ring().seal_many(stored)],
            "outcome": [found.outcome for found in outcomes],
            "amount": [str(found.amount) for found in outcomes],
            "reasons": [reasons[found.reasons] for found in outcomes],
        },
        schema_overrides={"person_id": pl.Int64},
    )
    # What is the same in every row is written too: the rows then go straight into their table.
    rows = frame.select(
        "key",
        pl.lit(version.programme).alias("programme"),
        pl.lit(version.digest).alias("version_id"),
        pl.lit(how.name).alias("rule"),
        "person_id",
        "path",
        "on",
        "inputs",
        "outcome",
        "amount",
        "reasons",
        pl.lit(timezone.now().isoformat()).alias("at"),
    )
    text = io.BytesIO()
    rows.write_csv(text, include_header=False, null_value="\\N", quote_style="necessary")
    total = sum((found.amount for found in outcomes), Decimal("0.00"))
    return _Piece(text, [one.key for one in chunk], total)


def _write(piece: _Piece) -> tuple[int, Decimal]:
    """How many of a piece were new, and their sum."""
    keys = len(set(piece.keys))
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM rulebook_decision WHERE key = ANY(%s))", [piece.keys])
        (known,) = cursor.fetchone()
    if not known and keys == len(piece.keys):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _copy(cursor, "rulebook_decision", piece)
        except IntegrityError:
            pass  # somebody else decided one of them in this very moment: one by one, as below
        else:
            return keys, piece.amount
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS deciding (key text, programme text, version_id text, rule text,"
            ' person_id int8, path text, "on" date, inputs bytea, outcome text, amount numeric, reasons jsonb,'
            " at timestamptz) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE deciding")
        _copy(cursor, "deciding", piece)
        cursor.execute(
            f"WITH fresh AS (INSERT INTO rulebook_decision ({_COPIED}) SELECT {_COPIED} FROM deciding"  # noqa: S608
            " ON CONFLICT (key) DO NOTHING RETURNING amount)"
            " SELECT count(*), COALESCE(sum(amount), 0) FROM fresh"
        )
        fresh, total = cursor.fetchone()
    return int(fresh), Decimal(total)


def _copy(cursor: Any, table: str, piece: _Piece) -> None:
    with cursor.copy(f"COPY {table} ({_COPIED}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy:
        copy.write(piece.text.getbuffer())


def _outcomes(
    how: Rule, version: Version[Any], chunk: Sequence[Matter], stored: Sequence[str]
) -> list[Outcome]:
    """What the rule gives each; it sees inputs as they are stored."""
    open_ones = [number for number, one in enumerate(chunk) if one.outcome is None]
    worked = how.decide_many(version.parameters, [json.loads(stored[number]) for number in open_ones])
    known = dict(zip(open_ones, worked, strict=True))
    return [one.outcome or known[number] for number, one in enumerate(chunk)]


def outcome_of(decision: Decision) -> Outcome:
    """What was decided, as stored; the arithmetic of bulk decisions is worked out again from version and inputs."""
    worked = decision.worked
    if worked is None:
        again = replay(decision)
        return again.now if again.same else again.then
    return _then(decision)


def _then(decision: Decision) -> Outcome:
    worked = None if decision.worked is None else Worked.model_validate(decision.worked)
    return Outcome(decision.outcome, decision.amount, tuple(decision.reasons), worked)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Replay:
    """A decision worked out again from its stored version and inputs. `same`: result and sum agree."""

    same: bool
    then: Outcome
    now: Outcome
    version: Version[Any]
    inputs: dict[str, Any]


def replay(decision: Decision) -> Replay:
    """Work a decision out again. Raises Unreadable or UnknownRule where today's code no longer can.

    The inputs are in the answer: who shows them has to ask whether the reader may see them.
    """
    version = read_content(decision.version.content)
    inputs: dict[str, Any] = json.loads(decision.inputs.reveal())
    now = rule_of(decision.rule).decide(version.parameters, inputs)
    then = _then(decision)
    same = (now.outcome, now.amount) == (then.outcome, then.amount)
    if then.worked is not None:
        same = same and now.worked == then.worked
    return Replay(same, then, now, version, inputs)
