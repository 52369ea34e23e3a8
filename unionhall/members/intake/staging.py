"""Checked rows into the staging table: sealed and indexed by the column, copied by the chunk.

While the database takes in one chunk, in a thread that only waits for it, the next one is read, checked and sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from django.db import connection

from unionhall.foundation.copying import bytes_column, statement, written
from unionhall.foundation.sealing import IDENTITY, PHONE, ring
from unionhall.kit import vector

from ..models import RosterBatch
from .checking import Checked
from .columns import EMPLOYMENT_KEYS, PERSON_KEYS

__all__ = ["Staging"]

_VALUES = (*PERSON_KEYS, *EMPLOYMENT_KEYS, "joined_on")
_COPIED = (
    "batch_id", "number", "outcome", "errors", "warnings", "organisation_id", "name", "initials", "sort_key",
    "id_type", "id_number", "id_index", "phone", "phone_index", *_VALUES, "placed", "before", "changed_columns",
)  # fmt: skip
_COPY = statement("members_rosterrow", _COPIED)

#: Run on the database's own cursor after a chunk was copied: its first and last row number.
Compare = Callable[[Any, int, int], None]


class Staging:
    """Takes in the chunks of one batch in turn. `compare` decides what becomes of a copied chunk's rows.

    The connection belongs to the staging while a chunk is under way: call `settle` before using it.
    Rows in error are staged too (their numbers and faults), so that the preview can list them.
    """

    def __init__(self, batch: RosterBatch, default_organisation: int | None, compare: Compare) -> None:
        self.batch, self.default, self.compare = batch, default_organisation, compare
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="staging")
        self._under_way: Future[None] | None = None
        self._seen: list[npt.NDArray[np.uint64]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nobody may use or leave the transaction while the thread is still in it.
        self._thread.shutdown(wait=True)
        if error is None:
            self.settle()

    def put(self, checked: Checked) -> None:
        """Seal a chunk and hand it to the database; returns while it is being copied."""
        rows = self._rows(checked)
        text = written(rows)
        first, last = checked.rows["row"][0], checked.rows["row"][-1]
        self.settle()
        self._under_way = self._thread.submit(self._copy, connection.connection, text, first, last)

    def settle(self) -> None:
        """Wait until the last chunk stands in the table. Raises what went wrong with it, as Django names it."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            with connection.wrap_database_errors:
                under_way.result()

    @property
    def has_twins(self) -> bool:
        """Whether two rows may name the same document: told by the first eight bytes of their index."""
        seen = np.sort(np.concatenate(self._seen)) if self._seen else np.empty(0, np.uint64)
        return bool((seen[1:] == seen[:-1]).any())

    def _copy(self, link: Any, text: memoryview, first: int, last: int) -> None:
        with link.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.write(text)
            self.compare(cursor, first, last)

    def _rows(self, checked: Checked) -> pl.DataFrame:
        rows = _with_faults(checked)
        bad = rows["errors"] != "[]"
        if bad.any():
            blank = [name for name in rows.columns if name not in _KEPT]
            rows = rows.with_columns(pl.when(~bad).then(pl.col(blank)).name.keep())
        read = vector.readings(rows["name"])
        identities = _indexed(IDENTITY, _identities(rows))
        self._seen.append(
            np.frombuffer(b"".join(one[:8] for one in identities if one is not None), np.uint64)
        )
        sealed = rows.with_columns(
            bytes_column("sealed_id", ring().seal_many(rows["id_number"].to_list())),
            bytes_column("id_index", identities),
            bytes_column("sealed_phone", ring().seal_many(rows["phone"].to_list())),
            bytes_column("phone_index", _indexed(PHONE, rows["phone"].to_list())),
            bad=bad,
            initials=read["initials"].str.slice(0, 50),
            sort_key=read["sort_key"].str.slice(0, 120),
        )
        return sealed.select(
            pl.lit(self.batch.pk).alias("batch_id"),
            "row",
            pl.when("bad").then(pl.lit("error")).otherwise(pl.lit("new")).alias("outcome"),
            "errors",
            "warnings",
            pl.coalesce("organisation", pl.lit(self.default, dtype=pl.Int64)).alias("organisation_id"),
            *(pl.col(name).fill_null("") for name in ("name", "initials", "sort_key", "id_type")),
            "sealed_id",
            "id_index",
            "sealed_phone",
            "phone_index",
            *(_value(name, name in rows.columns) for name in _VALUES),
            pl.col("organisation").is_not_null().alias("placed"),
            pl.lit("{}").alias("before"),
            pl.lit("{}").alias("changed_columns"),
        )


_KEPT = {"row", "errors", "warnings", "name", "organisation"}


def _value(name: str, present: bool) -> pl.Expr:
    if not present:
        return pl.lit(None, dtype=pl.String).alias(name)
    return pl.col(name) == "1" if name == "migrant_worker" else pl.col(name)


def _with_faults(checked: Checked) -> pl.DataFrame:
    rows = checked.rows
    for name, faults in (("errors", checked.errors), ("warnings", checked.warnings)):
        if not faults.height:
            rows = rows.with_columns(pl.lit("[]").alias(name))
            continue
        gathered = (
            faults.with_columns(said=pl.struct("column", "message").struct.json_encode())
            .group_by("row", maintain_order=True)
            .agg(pl.format("[{}]", pl.col("said").str.join(",")).alias(name))
        )
        rows = rows.join(gathered, on="row", how="left", maintain_order="left").with_columns(
            pl.col(name).fill_null("[]")
        )
    return rows


def _identities(rows: pl.DataFrame) -> list[str | None]:
    both = rows.select(pl.format("{}:{}", "id_type", "id_number").alias("identity"))["identity"]
    return both.to_list()


def _indexed(purpose: str, values: Sequence[str | None]) -> list[bytes | None]:
    found = iter(ring().index_many(purpose, [value for value in values if value is not None]))
    return [None if value is None else next(found) for value in values]
