"""Tables filled bare: what makes COPY slow is taken off empty tables and built again over the finished rows.

Everything happens inside the caller's transaction, so a seeding that fails leaves the tables as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, models

__all__ = ["bare"]

#: Constraints but primary keys: those are filled in ascending order, which costs little, and others refer to them.
_CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u', 'x')
ORDER BY contype = 'f', conrelid, conname
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
ORDER BY indrelid, indexrelid
"""


@contextmanager
def bare(tables: Sequence[type[models.Model]], report: Callable[[int, int], None]) -> Iterator[None]:
    """Within the block the tables have their primary keys only; `report` is told how many of what is built again.

    The tables must be empty, and locked for everyone else until the transaction ends.
    """
    names = [connection.ops.quote_name(model._meta.db_table) for model in tables]
    with connection.cursor() as cursor:
        # A foreign key that is still to be checked holds its table; those of the tree are checked now.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(_CONSTRAINTS, [names])
        constraints: list[tuple[str, str, str]] = cursor.fetchall()
        cursor.execute(_INDEXES, [names])
        indexes: list[tuple[str, str]] = cursor.fetchall()
        for table, name, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    again = [definition for _, definition in indexes]
    again += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for table, name, what in constraints]
    with connection.cursor() as cursor:
        for done, statement in enumerate(again):
            report(done, len(again))
            cursor.execute(statement)
    report(len(again), len(again))
