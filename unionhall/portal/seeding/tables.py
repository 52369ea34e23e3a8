"""Writing many rows at once: blocks of ids from the tables' own sequences, and COPY from polars frames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl
from django.db import connection, models

from unionhall.foundation.copying import statement, written

__all__ = ["copy", "period", "reserve", "reserve_number"]


def reserve(model: type[models.Model], count: int) -> int:
    """Take `count` ids out of the model's sequence; answers the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, %s)",
            [_table(model), model._meta.pk.column],
        )
        (sequence,) = cursor.fetchone()
    return reserve_number(sequence, count)


def reserve_number(sequence: str, count: int) -> int:
    """Take `count` numbers out of a sequence; answers the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [sequence])
        (first,) = cursor.fetchone()
        if count > 1:
            cursor.execute("SELECT setval(%s::regclass, %s)", [sequence, first + count - 1])
    return int(first)


def copy(model: type[models.Model], frame: pl.DataFrame) -> int:
    """COPY a frame whose columns are the table's. A null is NULL; an empty text stays an empty text."""
    if frame.is_empty():
        return 0
    frame = _completed(model, frame)
    with connection.cursor() as cursor, cursor.copy(statement(model._meta.db_table, frame.columns)) as sink:
        sink.write(written(frame))
    return frame.height


def _completed(model: type[models.Model], frame: pl.DataFrame) -> pl.DataFrame:
    """Columns that the maker did not think of get their field's default, as a saved object would."""
    missing = [
        field
        for field in model._meta.concrete_fields
        if field.column not in frame.columns and not field.primary_key and field.has_default()
    ]
    return frame.with_columns(
        [pl.lit(_plain(field.get_default())).alias(str(field.column)) for field in missing]
    )


def _plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict | list) else value


def period(start: date, end: date | None = None) -> str:
    """A half-open range as PostgreSQL reads it."""
    return f"[{start},{end or ''})"


def rows(names: Iterable[str], values: Iterable[Sequence[object]]) -> pl.DataFrame:
    """A frame from rows, in which a column of one type stays that type."""
    return pl.DataFrame(list(values), schema=list(names), orient="row", infer_schema_length=None)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
