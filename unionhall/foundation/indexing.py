"""Which index key the database is at: its blind indexes and its journal are all made with that one.

The number stands in the database and changes in the transaction that makes all indexes anew (foundation.reindexing);
each new connection reads it, and none survives that transaction. So no process can write with another key.
"""

from typing import Any

from .keys import Keys, KeysUnreadable

_number: int | None = None

# Waits for a change that is being committed just now. The table is missing before the first migration.
_ASK = "SELECT index_number FROM foundation_keystate ORDER BY id LIMIT 1 FOR SHARE"


def number(keys: Keys) -> int:
    """The number of the index key in use. KeysUnreadable when the ring does not hold it."""
    found = _number if _number is not None else _ask()
    if found is None:
        found = min(keys.indexes)
    if found not in keys.indexes:
        raise KeysUnreadable(f"数据库用的是第 {found} 号索引密钥，密钥环里没有；请放回当时的 keys.json。")
    return found


def _ask() -> int | None:
    """Connect once; the handler below then knows. Without a database the first key of the ring is meant."""
    from django.conf import settings
    from django.db import connection

    if len(settings.KEYS.indexes) > 1:
        connection.ensure_connection()
    return _number


def read(sender: Any = None, connection: Any = None, **_: Any) -> None:
    """Handler of Django's `connection_created`: remember the number that this database is at."""
    global _number
    with connection.connection.cursor() as cursor:
        there = cursor.execute("SELECT to_regclass('foundation_keystate')").fetchone()
        row = cursor.execute(_ASK).fetchone() if there and there[0] else None
    _number = row[0] if row else None
