"""Tables filled bare: what makes writing slow is taken off empty tables and built again over the finished rows.

Everything happens inside the caller's transaction, so a seeding or an intake that fails leaves the tables as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

__all__ = ["bare", "can_be_bared"]

#: Constraints but primary keys: those are filled in ascending order, which costs little, and others refer to them.
_CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('f', 'u', 'x')
    AND (%(outward)s OR contype <> 'f' OR confrelid = ANY(%(tables)s::regclass[]))
ORDER BY contype = 'f', conrelid, conname
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%(tables)s::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
ORDER BY indrelid, indexrelid
"""
#: What a definition does not say and so would be lost, and what belongs to somebody else.
_KEPT_OUT = """
SELECT EXISTS (SELECT FROM pg_class c WHERE c.oid = ANY(%(tables)s::regclass[])
               AND NOT pg_has_role(c.relowner, 'USAGE'))
    OR EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = ANY(%(tables)s::regclass[])
               AND (i.indisclustered OR i.indisreplident OR NOT i.indisvalid OR c.reltablespace <> 0
                    OR obj_description(c.oid, 'pg_class') IS NOT NULL))
    OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = ANY(%(tables)s::regclass[])
               AND obj_description(k.oid, 'pg_constraint') IS NOT NULL)
"""


def _names(tables: Sequence[type[models.Model]]) -> list[str]:
    return [connection.ops.quote_name(model._meta.db_table) for model in tables]


def can_be_bared(tables: Sequence[type[models.Model]]) -> bool:
    """Whether the tables are ours to alter, and their indexes carry nothing that building them again would lose."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT_OUT, {"tables": _names(tables)})
        (kept_out,) = cursor.fetchone()
    return not kept_out


@contextmanager
def bare(
    tables: Sequence[type[models.Model]], report: Callable[[int, int], None], *, outward: bool = True
) -> Iterator[None]:
    """Within the block the tables have their primary keys only; `report` is told how many of what is built again.

    The tables must be empty, and locked for everyone else until the transaction ends. Not `outward`: foreign keys to
    other tables stay, since taking them off would lock those too; their rows are checked one by one.
    """
    asked: dict[str, Any] = {"tables": _names(tables), "outward": outward}
    with connection.cursor() as cursor:
        _check_now(cursor)
        cursor.execute(_CONSTRAINTS, asked)
        constraints: list[tuple[str, str, str]] = cursor.fetchall()
        cursor.execute(_INDEXES, asked)
        indexes: list[tuple[str, str]] = cursor.fetchall()
        for table, name, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    again = [definition for _, definition in indexes]
    again += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for table, name, what in constraints]
    with connection.cursor() as cursor:
        _check_now(cursor)
        for done, statement in enumerate(again):
            report(done, len(again))
            cursor.execute(statement)
    report(len(again), len(again))


def _check_now(cursor: Any) -> None:
    """A foreign key that is still to be checked holds its table: what is owed is checked now."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
