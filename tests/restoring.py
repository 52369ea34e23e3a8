"""The rows of the test world, kept beside the database and put back after a test that committed.

Django's way is to TRUNCATE every table; whoever comes next then writes the world anew, with other keys. Here only
tables that hold rows are emptied, and the world's rows go back as they were.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

#: From so many bytes on, the room that a test's rows took is given back: later tests would read through it.
LARGE = 1 << 20

_kept: dict[str, bytes] = {}


def keep() -> None:
    """Remember every row that stands now."""
    _kept.clear()
    with connection.cursor() as cursor:
        for table in _filled(cursor):
            with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                _kept[table] = b"".join(rows)


def restore() -> None:
    """Exactly the rows that were kept. Keys already given are not given again: sequences stay where they are."""
    with transaction.atomic(), connection.cursor() as cursor:
        if _may_leave_keys_unchecked(cursor):
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in _filled(cursor):
                cursor.execute(f"DELETE FROM {table}")
        else:
            cursor.execute(f"TRUNCATE {', '.join(_tables())}")
        for table, rows in _kept.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copying:
                copying.write(rows)
    with connection.cursor() as cursor:
        for table in _large(cursor):
            cursor.execute(f"VACUUM {table}")


def _may_leave_keys_unchecked(cursor: CursorWrapper) -> bool:
    """Every row goes and the kept ones fit each other: no row need be asked for what refers to it."""
    cursor.execute("SELECT current_setting('is_superuser')::boolean")
    return bool(cursor.fetchone()[0])


def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in sorted(names)]


def _filled(cursor: CursorWrapper) -> list[str]:
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables())
    )
    return [name for (name,) in cursor.fetchall()]


def _large(cursor: CursorWrapper) -> list[str]:
    cursor.execute(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE pg_relation_size(name::regclass) > %s",
        [_tables(), LARGE],
    )
    return [name for (name,) in cursor.fetchall()]
