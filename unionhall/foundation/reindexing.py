"""Another index key: every blind index made anew, in one transaction, and the journal goes on under the new key.

Why not bit by bit: two rows with one ID number, the one indexed with the old key and the other with the new, would not
collide, and the register would hold a person twice. So writers wait (readers do not), all indexes change together with
the number that says which key they are made with, and every other connection of the site is cut before the change is
visible: who connects again reads the new number (foundation.indexing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from .fields import BlindIndexField
from .models import KeyState
from .sealing import IDENTITY, identity_text, ring

CHUNK = 20_000
#: How long to wait for writers to finish before giving up with nothing changed.
LOCK_TIMEOUT = "30s"


@dataclass(frozen=True)
class Index:
    """One blind index: its column, what it covers (plain columns, then the sealed one), the purpose.

    With `inside` the index stands as hexadecimal under that name in a JSON column.
    """

    table: str
    key: str
    column: str
    of: tuple[str, ...]
    purpose: str
    inside: str = ""


def indexes() -> tuple[list[Index], list[str]]:
    """Every blind index that can be made anew, and the tables whose short-lived rows go instead."""
    found: list[Index] = []
    passing: list[str] = []
    for model in apps.get_models(include_auto_created=True):
        table, key = model._meta.db_table, str(model._meta.pk.column)
        for field in model._meta.local_fields:
            if isinstance(field, BlindIndexField):
                if field.of:
                    found.append(Index(table, key, str(field.column), field.of, field.purpose))
                else:
                    passing.append(table)
        for column, inside, sealed, purpose in getattr(model, "indexes_in_json", ()):
            found.append(Index(table, key, column, (sealed,), purpose, inside))
    return found, passing


def application_name() -> str:
    """How the connections of this federation are known to the server (settings.DATABASES)."""
    return f"unionhall {settings.FEDERATION}"[:63]


def change(
    number: int,
    *,
    within: Callable[[], None] = lambda: None,
    report: Callable[[str, int], None] = lambda _table, _rows: None,
    lock: Sequence[type[models.Model]] = (),
) -> int:
    """Make every index with key `number`; answers how many. One transaction: done wholly or not at all.

    `within` runs once writers are shut out and before anything changes (the journal is sealed up to here); `lock`
    names further tables that nobody may write meanwhile.
    """
    chosen, passing = indexes()
    tables = {index.table for index in chosen} | set(passing) | {model._meta.db_table for model in lock}
    done = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            # In one order, and readers are let through.
            for table in sorted(tables):
                cursor.execute(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE')
        within()
        for index in chosen:
            for rows in _make_anew(index, number):
                done += rows
                report(index.table, rows)
        with connection.cursor() as cursor:
            for table in sorted(set(passing)):
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 — from the registry
        KeyState.objects.update_or_create(id=1, defaults={"index_number": number})
        _cut_others()
    connection.close()
    return done


def _make_anew(index: Index, number: int) -> Iterator[int]:
    columns = ", ".join(f'"{name}"' for name in index.of)
    there = f"\"{index.column}\" ? '{index.inside}'" if index.inside else f'"{index.column}" IS NOT NULL'
    put = (
        f"jsonb_set(\"{index.column}\", '{{{index.inside}}}', to_jsonb(encode(given.made, 'hex')))"
        if index.inside
        else "given.made"
    )
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{index.key}", {columns} FROM "{index.table}" WHERE "{index.key}" > %s AND {there} '  # noqa: S608
                f'AND "{index.of[-1]}" IS NOT NULL ORDER BY "{index.key}" LIMIT {CHUNK}',
                [after],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            plain = ring().open_many([bytes(row[-1]) for row in rows])
            texts = [
                _text(index.purpose, row[1:-1], value or "") for row, value in zip(rows, plain, strict=True)
            ]
            made = ring().index_many(index.purpose, texts, number)
            cursor.execute(
                f'UPDATE "{index.table}" AS held SET "{index.column}" = {put} '  # noqa: S608
                f'FROM unnest(%s::bigint[], %s::bytea[]) AS given(key, made) WHERE held."{index.key}" = given.key',
                [[row[0] for row in rows], made],
            )
        after = rows[-1][0]
        yield len(rows)


def _text(purpose: str, plain: Sequence[str], sealed: str) -> str:
    return identity_text(plain[0], sealed) if purpose == IDENTITY else sealed


def _cut_others() -> None:
    """End every other connection of this federation; who connects now waits until we commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND application_name = %s AND usename = current_user",
            [application_name()],
        )
