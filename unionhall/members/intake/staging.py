"""Checked rows into the staging table: sealed and indexed by the column, copied by the chunk."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import polars as pl
from django.db import connection

from unionhall.foundation.sealing import IDENTITY, PHONE, ring
from unionhall.kit.pinyin import initials_many, sort_keys

from ..models import RosterBatch
from .checking import Checked

__all__ = ["stage"]

_COPIED = (
    "batch_id", "number", "outcome", "errors", "warnings", "organisation_id", "name", "initials", "sort_key",
    "id_type", "id_number", "id_index", "phone", "phone_index", "values", "before", "changed_columns",
)  # fmt: skip
_OWN = {"row", "name", "id_type", "id_number", "phone", "organisation"}


def stage(batch: RosterBatch, checked: Checked, default_organisation: int | None) -> None:
    """COPY one chunk. Rows in error are staged too (their numbers and faults), so that the preview can list them."""
    rows = _with_faults(checked)
    bad = pl.col("errors") != "[]"
    rows = rows.with_columns(
        id_number=pl.when(~bad).then("id_number"), phone=pl.when(~bad).then("phone"), bad=bad
    )
    values = [name for name in checked.rows.columns if name not in _OWN]
    sealed = rows.with_columns(
        _hex("sealed_id", ring().seal_many(rows["id_number"].to_list())),
        _hex("id_index", _identities(rows)),
        _hex("sealed_phone", ring().seal_many(rows["phone"].to_list())),
        _hex("phone_index", _indexed(PHONE, rows["phone"].to_list())),
        _readings("initials", rows["name"], initials_many),
        _readings("sort_key", rows["name"], sort_keys),
    )
    given = pl.col("organisation").is_not_null()
    copied = sealed.select(
        pl.lit(batch.pk).alias("batch_id"),
        pl.col("row"),
        pl.when("bad").then(pl.lit("error")).otherwise(pl.lit("new")),
        pl.col("errors"),
        pl.col("warnings"),
        pl.coalesce("organisation", pl.lit(default_organisation, dtype=pl.Int64)).alias("organisation_id"),
        pl.col("name").fill_null(""),
        pl.col("initials").fill_null(""),
        pl.col("sort_key").fill_null(""),
        pl.col("id_type").fill_null(""),
        pl.col("sealed_id"),
        pl.col("id_index"),
        pl.col("sealed_phone"),
        pl.col("phone_index"),
        pl.struct(*values, given.alias("placed")).struct.json_encode().alias("values"),
        pl.lit("{}").alias("before"),
        pl.lit("{}").alias("changed_columns"),
    )
    _copy(copied)


def _with_faults(checked: Checked) -> pl.DataFrame:
    rows = checked.rows
    for name, faults in (("errors", checked.errors), ("warnings", checked.warnings)):
        gathered = (
            faults.with_columns(said=pl.struct("column", "message").struct.json_encode())
            .group_by("row", maintain_order=True)
            .agg(pl.format("[{}]", pl.col("said").str.join(",")).alias(name))
        )
        rows = rows.join(gathered, on="row", how="left", maintain_order="left").with_columns(
            pl.col(name).fill_null("[]")
        )
    return rows


def _identities(rows: pl.DataFrame) -> list[bytes | None]:
    both = rows.select(pl.format("{}:{}", "id_type", "id_number").alias("identity"))["identity"]
    return _indexed(IDENTITY, both.to_list())


def _indexed(purpose: str, values: Sequence[str | None]) -> list[bytes | None]:
    found = iter(ring().index_many(purpose, [value for value in values if value is not None]))
    return [None if value is None else next(found) for value in values]


def _hex(name: str, values: Sequence[bytes | None]) -> pl.Series:
    """bytea as COPY reads it: \\x and hexadecimal digits."""
    return ("\\x" + pl.Series(values, dtype=pl.Binary).bin.encode("hex")).alias(name)


def _readings(name: str, names: pl.Series, reading: Callable[[list[str]], list[str]]) -> pl.Series:
    """Initials or sort keys: many people share a name, so each distinct name is read once."""
    distinct = names.drop_nulls().unique()
    length = 50 if name == "initials" else 120
    read = reading(distinct.to_list())
    found = pl.Series(read, dtype=pl.String).str.slice(0, length)
    return names.replace_strict(distinct, found, default=None, return_dtype=pl.String).alias(name)


def _copy(rows: pl.DataFrame) -> None:
    buffer = io.BytesIO()
    rows.write_csv(buffer, include_header=False, null_value="\\N", quote_style="necessary")
    columns = ", ".join(f'"{name}"' for name in _COPIED)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY members_rosterrow ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy,
    ):
        copy.write(buffer.getbuffer())
