"""Tables filled bare: what makes writing slow is taken off empty tables and built again over the finished rows.

Everything happens inside the caller's transaction, so a seeding or an intake that fails leaves the tables as they were.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from .keysets import Key, keys_of, names_of

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
#: What checks single rows of a foreign key; only the server's superuser may switch that off.
_TRIGGERS = """
SELECT quote_ident(t.tgname) FROM pg_trigger t
WHERE t.tgconstraint = %s AND t.tgrelid = %s::regclass AND current_setting('is_superuser')::boolean
"""
#: Where the server keeps no log for a standby, rows of a file that this transaction began go into no log at all.
_BEGUN_AFRESH = """
SELECT format('CLUSTER %%s USING %%I', indrelid::regclass, relname),
    format('ALTER TABLE %%s SET WITHOUT CLUSTER', indrelid::regclass)
FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE indrelid = ANY(%(tables)s::regclass[]) AND indisprimary AND current_setting('wal_level') = 'minimal'
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


def can_be_bared(tables: Sequence[type[models.Model]]) -> bool:
    """Whether the tables are ours to alter, and their indexes carry nothing that building them again would lose."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT_OUT, {"tables": names_of(tables)})
        (kept_out,) = cursor.fetchone()
    return not kept_out


@contextmanager
def bare(
    tables: Sequence[type[models.Model]],
    report: Callable[[int, int], None],
    *,
    outward: bool = True,
    made: Sequence[type[models.Model]] = (),
) -> Iterator[None]:
    """Within the block the tables have their primary keys only; `report` is told how many of what is built again.

    The tables must be empty, and locked for everyone else until the transaction ends. Not `outward`: foreign keys to
    other tables stay, since taking them off would lock those too. Where the server lets us, their rows are checked at
    the end as one set, as a new key would be, else one by one. Of the tables `made` the rows name only what this very
    transaction has written: nobody else sees that, so nobody can delete it before the end.
    """
    asked: dict[str, Any] = {"tables": names_of(tables), "outward": outward}
    with connection.cursor() as cursor:
        _check_now(cursor)
        cursor.execute(_CONSTRAINTS, asked)
        constraints: list[tuple[str, str, str]] = cursor.fetchall()
        cursor.execute(_INDEXES, asked)
        indexes: list[tuple[str, str]] = cursor.fetchall()
        keys = [] if outward else _switched_off(cursor, keys_of(tables, made))
        for table, name, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(_BEGUN_AFRESH, asked)
        for statement in itertools.chain.from_iterable(cursor.fetchall()):
            cursor.execute(statement)
        for key, triggers in keys:
            _switch(cursor, key, triggers, "DISABLE")
    yield
    again = [definition for _, definition in indexes]
    again += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for table, name, what in constraints]
    total = len(again) + len(keys)
    with connection.cursor() as cursor:
        _check_now(cursor)
        for done, statement in enumerate(again):
            report(done, total)
            cursor.execute(statement)
        for done, (key, triggers) in enumerate(keys, len(again)):
            report(done, total)
            key.check(cursor)
            _switch(cursor, key, triggers, "ENABLE")
    report(total, total)


def _switched_off(cursor: Any, keys: Iterable[Key]) -> list[tuple[Key, list[str]]]:
    """The keys that stay and whose rows may be checked as a set, each with what checks a row of it."""
    found = []
    for key in keys:
        if not key.inner:
            cursor.execute(_TRIGGERS, [key.oid, key.table])
            if triggers := [name for (name,) in cursor.fetchall()]:
                found.append((key, triggers))
    return found


def _switch(cursor: Any, key: Key, triggers: Iterable[str], how: str) -> None:
    for trigger in triggers:
        cursor.execute(f"ALTER TABLE {key.table} {how} TRIGGER {trigger}")


def _check_now(cursor: Any) -> None:
    """A foreign key that is still to be checked holds its table: what is owed is checked now."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
