"""Tables filled bare: what makes writing slow is taken off empty tables and built again over the finished rows.

Everything happens inside the caller's transaction, so a seeding or an intake that fails leaves the tables as they were.
"""

# ruff: noqa: S608 - the statements are built from names that the server itself has quoted
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, models

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
#: Foreign keys that stay, with what checks a row of them; only the server's superuser may switch that off.
_KEYS = """
SELECT k.conrelid::regclass::text, k.conname, quote_ident(a.attname),
    k.confrelid::regclass::text, quote_ident(f.attname), k.confrelid = ANY(%(made)s::regclass[]),
    ARRAY(SELECT quote_ident(t.tgname) FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgrelid = k.conrelid)
FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
WHERE k.conrelid = ANY(%(tables)s::regclass[]) AND k.contype = 'f' AND cardinality(k.conkey) = 1
    AND NOT %(outward)s AND k.confrelid <> ALL(%(tables)s::regclass[]) AND current_setting('is_superuser')::boolean
ORDER BY k.conrelid, k.conname
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


@dataclass(frozen=True)
class _Key:
    """A foreign key whose rows are checked as one set, and the triggers that would check them one by one."""

    table: str
    name: str
    column: str
    other: str
    key: str
    ours: bool
    triggers: list[str]

    def switch(self, cursor: Any, how: str) -> None:
        for trigger in self.triggers:
            cursor.execute(f"ALTER TABLE {self.table} {how} TRIGGER {trigger}")

    def check(self, cursor: Any) -> None:
        """IntegrityError when a row names nothing; what others could delete is kept until the transaction ends."""
        named = f"SELECT {self.column} FROM {self.table}"
        if not self.ours:
            rows = f"SELECT FROM {self.other} WHERE {self.key} IN ({named}) FOR KEY SHARE"
            cursor.execute(f"SELECT count(*) FROM ({rows}) AS kept")
        cursor.execute(
            f"SELECT EXISTS ({named} AS named WHERE {self.column} IS NOT NULL AND NOT EXISTS"
            f" (SELECT FROM {self.other} AS other WHERE other.{self.key} = named.{self.column}))"
        )
        if cursor.fetchone()[0]:
            raise IntegrityError(f"rows of {self.table} violate {self.name}")


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
    asked: dict[str, Any] = {"tables": _names(tables), "outward": outward, "made": _names(made)}
    with connection.cursor() as cursor:
        _check_now(cursor)
        cursor.execute(_CONSTRAINTS, asked)
        constraints: list[tuple[str, str, str]] = cursor.fetchall()
        cursor.execute(_INDEXES, asked)
        indexes: list[tuple[str, str]] = cursor.fetchall()
        cursor.execute(_KEYS, asked)
        keys = [_Key(*found) for found in cursor.fetchall()]
        for table, name, _ in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for key in keys:
            key.switch(cursor, "DISABLE")
    yield
    again = [definition for _, definition in indexes]
    again += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for table, name, what in constraints]
    total = len(again) + len(keys)
    with connection.cursor() as cursor:
        _check_now(cursor)
        for done, statement in enumerate(again):
            report(done, total)
            cursor.execute(statement)
        for done, key in enumerate(keys, len(again)):
            report(done, total)
            key.check(cursor)
            key.switch(cursor, "ENABLE")
    report(total, total)


def _check_now(cursor: Any) -> None:
    """A foreign key that is still to be checked holds its table: what is owed is checked now."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
