"""Payments by the million: new ones by COPY, others staged, set by set; balances move once. All or nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.kit.sm import sm3_hex_of
from unionhall.records.actions import journal

from ..models import Budget, Kind
from ..models.accounts import ZERO
from ..purposes import purpose as purpose_of
from .copying import Due, copy_in, dues_of, frame_of, require_positive
from .paying import require_no_line
from .posting import Book, open_book, require_enough

#: Rows written by one statement: what the server remembers of a statement stays small.
SLICE = 50_000
COLUMNS = ("key", "person_id", "amount", "decision_id", "household_key", "path")


@dataclass(frozen=True)
class PaidMany:
    """New payments and their sum; rows whose key was paid before; of these, rows that now name another sum."""

    count: int
    total: Decimal
    already: int
    differing: int


_STAGE = """
CREATE TEMPORARY TABLE ledger_staged (
    number bigint GENERATED ALWAYS AS IDENTITY, key text COLLATE "C" NOT NULL, person_id bigint NOT NULL,
    amount numeric(14, 2) NOT NULL, decision_id bigint, household_key text, path text
) ON COMMIT DROP
"""
_WRONG = "SELECT key, amount FROM ledger_staged WHERE amount <= 0 ORDER BY number LIMIT 1"
_WRITE = """
WITH paid AS (
    INSERT INTO ledger_payment (key, budget_id, purpose, decision_id, person_id, household_key, path, amount,
                                state, attempt, reason, due_at)
    SELECT s.key, %(budget)s, %(purpose)s, s.decision_id, s.person_id, COALESCE(s.household_key, ''),
           COALESCE(NULLIF(s.path, ''), %(path)s), s.amount, 'due', 1, '', %(now)s
    FROM ledger_staged s
    WHERE s.number > %(after)s AND s.number <= %(until)s ORDER BY s.key
    ON CONFLICT (key) DO NOTHING
    RETURNING id, person_id, household_key, amount
), booked AS (
    INSERT INTO ledger_entry (key, move, day, debit_id, credit_id, amount, person_id, household_key, programme,
                              payment_id, memo, at)
    SELECT 'P' || lpad(id::text, 12, '0') || '.due', 'due', %(today)s, %(payable)s, %(available)s, amount,
           person_id, household_key, %(programme)s, id, '', %(now)s
    FROM paid ORDER BY id
    RETURNING amount
)
SELECT count(*), COALESCE(sum(amount), 0) FROM booked
"""
#: Most callers know where each stands: the decisions are asked for the others only.
_PLACE = """
UPDATE ledger_staged s SET path = d.path FROM rulebook_decision d
WHERE COALESCE(s.path, '') = '' AND d.id = s.decision_id AND d.path <> ''
"""
_DIFFERING = """
SELECT count(*) FROM ledger_staged s JOIN ledger_payment p ON p.key = s.key
WHERE (p.amount, p.person_id, p.budget_id) IS DISTINCT FROM (s.amount, s.person_id, %(budget)s)
"""
_PROOF = """
SELECT string_agg(concat_ws(E'\\t', key, person_id, amount), E'\\n' ORDER BY number)
FROM ledger_staged WHERE number > %s AND number <= %s
"""


@transaction.atomic
def pay_many(
    actor: Actor, *, budget: Budget, purpose: str, rows: Iterable[Due] | pl.DataFrame | QuerySet[Any, Any]
) -> PaidMany:
    """Make many sums due at once, each once: running it again pays nothing. All or nothing when money is short.

    `rows`: an iterable of `Due`, read once; a frame of them (`copying.SCHEMA`); or a queryset of values_list("key",
    "person_id", "amount", "decision_id", "household_key", "path"), which never leaves the database. One journal entry
    with their digest.
    """
    purpose_of(purpose)
    book = open_book(budget.pk)
    require_no_line(book)
    writing = _Writing(book, purpose)
    with connection.cursor() as cursor:
        # Checked statement by statement: nothing piles up until the end.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        digest = sm3_hex_of(writing.proof(rows))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if writing.count:
        require_enough(book, writing.total)
        book.shift(book.accounts[Kind.PAYABLE], book.accounts[Kind.AVAILABLE], writing.total)
    already = writing.given - writing.count
    result = PaidMany(writing.count, writing.total, already, writing.differing)
    if writing.count:
        _note(actor, book.budget, purpose, result, digest)
    return result


@dataclass
class _Writing:
    """Rows on their way into a locked book, slice by slice, and what they came to so far."""

    book: Book
    purpose: str
    given: int = 0
    count: int = 0
    total: Decimal = ZERO
    differing: int = 0
    values: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        budget, accounts = self.book.budget, self.book.accounts
        self.values = {
            "budget": budget.pk, "purpose": self.purpose, "path": budget.organisation.path,
            "programme": budget.programme, "payable": accounts[Kind.PAYABLE].pk,
            "available": accounts[Kind.AVAILABLE].pk, "now": timezone.now(), "today": timezone.localdate(),
        }  # fmt: skip

    def proof(self, rows: Iterable[Due] | pl.DataFrame | QuerySet[Any, Any]) -> Iterator[bytes]:
        """Write them all; yields what the journal's digest is of: every row's key, person and sum, in their order."""
        between = b""
        for part in [rows] if isinstance(rows, QuerySet) else _slices(rows):
            for piece in self._staged(part) if isinstance(part, QuerySet) else self._written(part):
                yield between + piece
                between = b"\n"

    def _written(self, rows: pl.DataFrame) -> Iterator[bytes]:
        copied = copy_in(rows, self.book, self.purpose)
        if copied is None:
            yield from self._staged(dues_of(rows))
            return
        self.given, self.count = self.given + copied.count, self.count + copied.count
        self.total += copied.total
        yield copied.proof

    def _staged(self, rows: list[Due] | QuerySet[Any, Any]) -> Iterator[bytes]:
        staged, count = _stage(rows), 0
        with connection.cursor() as cursor:
            for start in range(0, staged, SLICE):
                cursor.execute(_WRITE, {**self.values, "after": start, "until": start + SLICE})
                some, part = cursor.fetchone()
                count, self.total = count + some, self.total + part
            if count < staged:
                cursor.execute(_DIFFERING, self.values)
                self.differing += int(cursor.fetchone()[0])
            for start in range(0, staged, SLICE):
                cursor.execute(_PROOF, [start, start + SLICE])
                yield str(cursor.fetchone()[0] or "").encode()
        self.given, self.count = self.given + staged, self.count + count
        _drop()


def _slices(rows: Iterable[Due] | pl.DataFrame) -> Iterator[pl.DataFrame]:
    if isinstance(rows, pl.DataFrame):
        yield from rows.iter_slices(SLICE)
        return
    rest = iter(rows)
    while part := list(islice(rest, SLICE)):
        yield frame_of(part)


def _stage(rows: Iterable[Due] | QuerySet[Any, Any]) -> int:
    """Put the rows where the database can work on them; answers how many. Refused for a sum of zero or less."""
    _drop()
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        if isinstance(rows, QuerySet):
            statement, values = rows.query.sql_with_params()
            cursor.execute(f"INSERT INTO ledger_staged ({columns}) {statement}", values)
        else:
            with cursor.copy(f"COPY ledger_staged ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(
                        (row.key, row.person_id, row.amount, row.decision_id, row.household_key, row.path)
                    )
        cursor.execute(_WRONG)
        if (wrong := cursor.fetchone()) is not None:
            require_positive(*wrong)
        cursor.execute("SELECT count(*) FROM ledger_staged")
        (count,) = cursor.fetchone()
        cursor.execute("ANALYZE ledger_staged")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM ledger_staged WHERE COALESCE(path, '') = '')")
        if cursor.fetchone()[0]:
            cursor.execute(_PLACE)
    return int(count)


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ledger_staged")


def _note(actor: Actor, budget: Budget, purpose: str, result: PaidMany, digest: str) -> None:
    journal(
        actor,
        "ledger.due_many",
        subject=budget,
        paths=budget.organisation.paths,
        detail={
            "purpose": purpose, "count": result.count, "total": str(result.total), "already": result.already,
            "differing": result.differing,
        },
        digest=digest,
    )  # fmt: skip
