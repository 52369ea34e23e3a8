"""Frames into tables by COPY, in one form: a null is an empty cell, an empty text a quoted one.

No text stands for NULL (`\\N` in a roster is what somebody typed), so nothing that people write is read as nothing.
"""

import io
from collections.abc import Iterable, Sequence

import polars as pl
from django.db import connection

__all__ = ["bytes_column", "statement", "written"]


def statement(table: str, columns: Iterable[str] = ()) -> str:
    """COPY … FROM STDIN for what `written` gives; without columns, all of the table's in their order."""
    named = ", ".join(connection.ops.quote_name(name) for name in columns)
    return f"COPY {connection.ops.quote_name(table)}{f' ({named})' if named else ''} FROM STDIN (FORMAT csv)"


def written(frame: pl.DataFrame) -> memoryview:
    """The rows as COPY reads them; bytea comes from `bytes_column`."""
    text = io.BytesIO()
    frame.write_csv(
        text, include_header=False, quote_style="necessary", datetime_format="%Y-%m-%dT%H:%M:%S%z"
    )
    return text.getbuffer()


def bytes_column(name: str, values: Sequence[bytes | None]) -> pl.Series:
    """bytea as COPY reads it: \\x and hexadecimal digits."""
    return ("\\x" + pl.Series(values, dtype=pl.Binary).bin.encode("hex")).alias(name)
