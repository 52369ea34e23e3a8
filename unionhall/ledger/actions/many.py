"""Payments by the million: staged by COPY or by a query, written set by set, balances moved once. All or nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.kit.sm import sm3_hex_of
from unionhall.records.actions import journal

from ..models import Budget, Kind
from ..models.accounts import ZERO
from ..purposes import purpose as purpose_of
from .paying import require_no_line
from .posting import open_book, require_enough

#: Rows written by one statement: what the server remembers of a statement stays small.
SLICE = 50_000
COLUMNS = ("key", "person_id", "amount", "decision_id", "household_key", "path")


@dataclass(frozen=True)
class Due:
    """A payment to be made: `key` as in `pay`. Without `path` it stands where its decision stands."""

    key: str
    person_id: int
    amount: Decimal
    decision_id: int | None = None
    household_key: str = ""
    path: str = ""


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
    actor: Actor, *, budget: Budget, purpose: str, rows: Iterable[Due] | QuerySet[Any, Any]
) -> PaidMany:
    """Make many sums due at once, each once: running it again pays nothing. All or nothing when money is short.

    `rows`: an iterable of `Due`, read once, or a queryset of values_list("key", "person_id", "amount",
    "decision_id", "household_key", "path"), which never leaves the database. One journal entry with their digest.
    """
    purpose_of(purpose)
    book = open_book(budget.pk)
    require_no_line(book)
    staged = _stage(rows)
    if not staged:
        return PaidMany(0, ZERO, 0, 0)
    values: dict[str, Any] = {
        "budget": book.budget.pk, "purpose": purpose, "path": book.budget.organisation.path,
        "programme": book.budget.programme, "payable": book.accounts[Kind.PAYABLE].pk,
        "available": book.accounts[Kind.AVAILABLE].pk, "now": timezone.now(), "today": timezone.localdate(),
    }  # fmt: skip
    count, total = 0, ZERO
    with connection.cursor() as cursor:
        # Checked statement by statement: nothing piles up until the end.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for start in range(0, staged, SLICE):
            cursor.execute(_WRITE, {**values, "after": start, "until": start + SLICE})
            some, part = cursor.fetchone()
            count, total = count + some, total + part
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if count:
        require_enough(book, total)
        book.shift(book.accounts[Kind.PAYABLE], book.accounts[Kind.AVAILABLE], total)
    result = PaidMany(count, total, staged - count, _differing(values) if count < staged else 0)
    if count:
        _note(actor, book.budget, purpose, result, staged)
    _drop()
    return result


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
            raise Refused(f"{wrong[0]} 的金额是 {yuan(wrong[1])} 元。金额必须大于零，整批没有入账。")
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


def _differing(values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, values)
        (count,) = cursor.fetchone()
    return int(count)


def _note(actor: Actor, budget: Budget, purpose: str, result: PaidMany, staged: int) -> None:
    journal(
        actor,
        "ledger.due_many",
        subject=budget,
        paths=budget.organisation.paths,
        detail={
            "purpose": purpose, "count": result.count, "total": str(result.total), "already": result.already,
            "differing": result.differing,
        },
        digest=sm3_hex_of(_lines(staged)),
    )  # fmt: skip


def _lines(staged: int) -> Iterator[bytes]:
    between = b""
    with connection.cursor() as cursor:
        for start in range(0, staged, SLICE):
            cursor.execute(_PROOF, [start, start + SLICE])
            yield between + str(cursor.fetchone()[0] or "").encode()
            between = b"\n"
