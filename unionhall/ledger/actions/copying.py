"""New payments with their entries, straight into their tables by COPY: what nobody was paid before needs no staging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import polars as pl
from django.db import connection, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from unionhall.foundation.copying import statement, written
from unionhall.foundation.errors import Refused
from unionhall.kit.money import cents, yuan

from ..models import Kind
from ..models.accounts import ZERO
from .posting import Book

__all__ = ["SCHEMA", "Copied", "Due", "copy_in", "dues_of", "frame_of", "require_positive", "total_of"]

#: A payment's columns where many come as a frame, in the order of `Due`.
SCHEMA = {
    "key": pl.String, "person_id": pl.Int64, "amount": pl.String, "decision_id": pl.Int64,
    "household_key": pl.String, "path": pl.String,
}  # fmt: skip
_SUM = pl.col("amount").cast(pl.Decimal(38, 2))

#: Keys of a slice that are looked up first: a file that comes again is known by a few of them.
_SAMPLE = 16
_PAYMENT = (
    "id", "key", "budget_id", "purpose", "decision_id", "person_id", "household_key", "path", "amount", "state",
    "attempt", "reason", "due_at",
)  # fmt: skip
_ENTRY = (
    "key", "move", "day", "debit_id", "credit_id", "amount", "person_id", "household_key", "programme", "payment_id",
    "memo", "at",
)  # fmt: skip


class Due(NamedTuple):
    """A payment to be made: `key` as in `pay`. Without `path` it stands where its decision stands."""

    key: str
    person_id: int
    amount: Decimal
    decision_id: int | None = None
    household_key: str = ""
    path: str = ""


@dataclass(frozen=True)
class Copied:
    """What was written: the sum, and a line for each row in the order given (key, person, sum)."""

    count: int
    total: Decimal
    proof: bytes


def require_positive(key: str, amount: Decimal) -> None:
    if amount <= 0:
        raise Refused(f"{key} 的金额是 {yuan(amount)} 元。金额必须大于零，整批没有入账。")


def frame_of(rows: Sequence[Due]) -> pl.DataFrame:
    """Payments to be made, by the column; sums as text with two decimals."""
    return pl.DataFrame(
        [(*one[:2], str(cents(one.amount)), *one[3:]) for one in rows], schema=SCHEMA, orient="row"
    )


def dues_of(frame: pl.DataFrame) -> list[Due]:
    """The same back."""
    return [
        Due(key, person, Decimal(amount), *rest)
        for key, person, amount, *rest in frame.select(*SCHEMA).iter_rows()
    ]


def total_of(frame: pl.DataFrame) -> Decimal:
    return frame.select(_SUM.sum()).item() or ZERO


def copy_in(given: pl.DataFrame, book: Book, purpose: str) -> Copied | None:
    """Write rows that are all new; None, with nothing written, where one of them is paid or has to be asked for."""
    wrong = given.filter(_SUM <= 0)
    if len(wrong):
        require_positive(wrong["key"][0], Decimal(wrong["amount"][0]))
    unplaced = (pl.col("path") == "") & pl.col("decision_id").is_not_null()
    if given["key"].n_unique() < len(given) or given.select(unplaced.any()).item():
        return None
    if _any_known(given["key"].gather_every(len(given) // _SAMPLE + 1).to_list()):
        return None
    here = pl.when(pl.col("path") == "").then(pl.lit(book.budget.organisation.path)).otherwise("path")
    frame = given.sort("key").with_columns(
        here.alias("path"), pl.Series("id", _numbers(len(given)), dtype=pl.Int64)
    )
    try:
        with transaction.atomic():
            _copy("ledger_payment", _PAYMENT, _payments(frame, book, purpose))
            _copy("ledger_entry", _ENTRY, _entries(frame, book))
    except UniqueViolation:
        return None  # one of them is paid: one by one
    lines = given.select(pl.concat_str("key", "person_id", "amount", separator="\t").str.join("\n")).item()
    return Copied(len(given), total_of(given), lines.encode())


def _any_known(keys: list[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_payment WHERE key = ANY(%s))", [keys])
        (known,) = cursor.fetchone()
    return bool(known)


def _numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('ledger_payment_id_seq') FROM generate_series(1, %s)",
            [count],
        )
        return [number for (number,) in cursor.fetchall()]


def _payments(frame: pl.DataFrame, book: Book, purpose: str) -> pl.DataFrame:
    return frame.select(
        "id", "key", pl.lit(book.budget.pk).alias("budget_id"), pl.lit(purpose).alias("purpose"), "decision_id",
        "person_id", "household_key", "path", "amount", pl.lit("due").alias("state"), pl.lit(1).alias("attempt"),
        pl.lit("").alias("reason"), pl.lit(timezone.now().isoformat()).alias("due_at"),
    )  # fmt: skip


def _entries(frame: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Into what is payable, out of what is available; named as `posting.entry_key` names them."""
    number = pl.col("id").cast(pl.String).str.zfill(12)
    return frame.select(
        pl.concat_str(pl.lit("P"), number, pl.lit(".due")).alias("key"), pl.lit("due").alias("move"),
        pl.lit(timezone.localdate()).alias("day"), pl.lit(book.accounts[Kind.PAYABLE].pk).alias("debit_id"),
        pl.lit(book.accounts[Kind.AVAILABLE].pk).alias("credit_id"), "amount", "person_id", "household_key",
        pl.lit(book.budget.programme).alias("programme"), pl.col("id").alias("payment_id"), pl.lit("").alias("memo"),
        pl.lit(timezone.now().isoformat()).alias("at"),
    )  # fmt: skip


def _copy(table: str, columns: tuple[str, ...], frame: pl.DataFrame) -> None:
    with connection.cursor() as cursor, cursor.copy(statement(table, columns)) as copy:
        copy.write(written(frame))
