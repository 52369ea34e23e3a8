"""Foreign keys of many new rows checked as one set, instead of row by row.

PostgreSQL asks for each row and key whether what it names exists. For thousands of rows written at once one statement a
key says the same at a twentieth of the price: that everything named is there, and (FOR KEY SHARE) stays there until the
transaction ends.
"""

# ruff: noqa: S608 - the statements are built from names that the server itself has quoted
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, models

__all__ = ["Key", "keys_as_sets", "keys_of", "names_of"]


def _columns(table: str, numbers: str) -> str:
    """SQL: the quoted columns of one side of a key, in its order."""
    return (
        f"ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.{numbers}) WITH ORDINALITY AS n (number, place)"
        f" JOIN pg_attribute a ON a.attrelid = k.{table} AND a.attnum = n.number ORDER BY n.place)"
    )


_KEYS = f"""
SELECT k.oid, k.conrelid::regclass::text, k.conname, {_columns("conrelid", "conkey")},
    k.confrelid::regclass::text, {_columns("confrelid", "confkey")},
    k.confrelid = ANY(%(made)s::regclass[]), k.confrelid = ANY(%(tables)s::regclass[])
FROM pg_constraint k
WHERE k.conrelid = ANY(%(tables)s::regclass[]) AND k.contype = 'f'
ORDER BY k.conrelid, k.conname
"""


@dataclass(frozen=True)
class Key:
    """A foreign key. `made`: it names only what this transaction writes. `inner`: both sides are among the tables."""

    oid: int
    table: str
    name: str
    columns: list[str]
    other: str
    keys: list[str]
    made: bool
    inner: bool

    def check(self, cursor: Any, where: str = "TRUE", values: Mapping[str, Any] | None = None) -> None:
        """IntegrityError when a row names nothing; what others could delete is kept until the transaction ends."""
        columns, keys = ", ".join(self.columns), ", ".join(self.keys)
        given = " AND ".join(f"{one} IS NOT NULL" for one in self.columns)
        named = f"{columns} FROM {self.table} WHERE {where} AND {given}"
        if self.made:
            same = " AND ".join(
                f"other.{key} = named.{column}" for key, column in zip(self.keys, self.columns, strict=True)
            )
            statement = (
                f"SELECT EXISTS (SELECT FROM (SELECT {named}) AS named"
                f" WHERE NOT EXISTS (SELECT FROM {self.other} AS other WHERE {same}))"
            )
        else:
            statement = (
                f"WITH named AS MATERIALIZED (SELECT DISTINCT {named}), kept AS MATERIALIZED ("
                f"SELECT {keys} FROM {self.other} WHERE ({keys}) IN (SELECT {columns} FROM named) FOR KEY SHARE)"
                f" SELECT EXISTS (SELECT {columns} FROM named EXCEPT SELECT {keys} FROM kept)"
            )
        cursor.execute(statement, values)
        if cursor.fetchone()[0]:
            raise IntegrityError(f"rows of {self.table} violate {self.name}")


def names_of(tables: Sequence[type[models.Model]]) -> list[str]:
    return [connection.ops.quote_name(model._meta.db_table) for model in tables]


def keys_of(tables: Sequence[type[models.Model]], made: Sequence[type[models.Model]] = ()) -> list[Key]:
    """The foreign keys of some tables. Of the tables `made` only rows of this transaction are named."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, {"tables": names_of(tables), "made": names_of(made)})
        return [Key(*found) for found in cursor.fetchall()]


@contextmanager
def keys_as_sets(
    rows: Mapping[type[models.Model], str],
    values: Mapping[str, Any],
    *,
    made: Sequence[type[models.Model]] = (),
) -> Iterator[None]:
    """Within the block rows are written whose keys are checked at its end, as sets.

    `rows` says of each table that is written in the block which rows those are (a condition with `values`); nothing
    else may be written there, and nothing deleted. The block stands in a transaction. Where the role may not switch
    the checks of single rows off for itself, everything is as always.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        (may,) = cursor.fetchone()
        if may:
            cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    if not may:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
        for model, where in rows.items():
            for key in keys_of([model], made):
                key.check(cursor, where, values)
