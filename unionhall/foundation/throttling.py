"""How often something may be tried, counted in PostgreSQL: right across processes, machines and restarts.

One statement takes and answers. Take *outside* the transaction that may be refused: a rolled-back take never was, and
an open transaction makes other takers of the same key wait. Keys (addresses, names, token numbers) are kept only as a
keyed hash; a window begins with the first take and is forgotten after its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from unionhall.kit import sm

__all__ = ["Wait", "begin", "begun", "forget_ended", "release", "take", "waiting"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Too often: when the next try is open (whole seconds, at least one; what `Retry-After` says)."""

    seconds: int


@lru_cache(maxsize=4)
def _key(index: bytes) -> bytes:
    return sm.derive(index, "throttle")


def _names(bucket: str, keys: Iterable[str]) -> list[str]:
    # Any index key will do, the same for all processes; when it changes, windows begin anew.
    index = settings.KEYS.indexes[min(settings.KEYS.indexes)]
    return [one.hex() for one in sm.blind_index(_key(index), [f"{bucket}\0{key}".encode() for key in keys])]


def _name(bucket: str, key: str) -> str:
    return _names(bucket, [key])[0]


# A refused take changes nothing but the row's version: whoever hammers on does not prolong the wait. A window that
# begins in the future (a clock set back) has ended. Rows in order: takers of the same keys never wait in a circle.
_TAKE = """
INSERT INTO foundation_throttle AS held (name, bucket, taken, began_at, ends_at)
SELECT name, %(bucket)s, %(count)s, clock_timestamp(), clock_timestamp() + %(per)s
FROM unnest(%(names)s::text[]) AS given (name) ORDER BY name
ON CONFLICT (name) DO UPDATE SET
    taken = CASE WHEN held.ends_at <= clock_timestamp() OR held.began_at > clock_timestamp() THEN %(count)s
                 ELSE least(held.taken, %(limit)s) + %(count)s END,
    began_at = CASE WHEN held.ends_at <= clock_timestamp() OR held.began_at > clock_timestamp() THEN clock_timestamp()
                    ELSE held.began_at END,
    ends_at = CASE WHEN held.ends_at <= clock_timestamp() OR held.began_at > clock_timestamp()
                   THEN clock_timestamp() + %(per)s ELSE held.ends_at END
RETURNING taken, ceil(extract(epoch FROM ends_at - clock_timestamp()))::int
"""


def take(bucket: str, key: str, *, limit: int, per: timedelta, count: int = 1) -> Wait | None:
    """Count `count` tries of `key` in `bucket`; None when all may go ahead, else how long to wait.

    At most `limit` takes are granted between the first of a window and its end after `per`. Takes of other keys and
    buckets never wait for each other. `limit` 0 refuses always.
    """
    given: dict[str, Any] = {"names": [_name(bucket, key)], "bucket": bucket, "per": per}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, given | {"limit": limit, "count": count})
        taken, seconds = cursor.fetchone()
    return Wait(max(seconds, 1)) if taken > limit else None


def begin(bucket: str, keys: Iterable[str], *, per: timedelta) -> None:
    """Begin a window of each key, in one statement; one that runs already runs on."""
    given: dict[str, Any] = {"names": _names(bucket, set(keys)), "bucket": bucket, "per": per}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, given | {"limit": 0, "count": 1})


def begun(bucket: str, keys: Iterable[str]) -> set[str]:
    """Of these keys, those with a window that still runs."""
    wanted = list(keys)
    names = dict(zip(_names(bucket, wanted), wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM foundation_throttle "
            "WHERE name = ANY(%s) AND ends_at > clock_timestamp() AND began_at <= clock_timestamp()",
            [list(names)],
        )
        return {names[name] for (name,) in cursor.fetchall()}


def waiting(bucket: str, key: str, *, limit: int) -> Wait | None:
    """What `take` would answer now, without counting a try (for asking before work, counting only failures)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ceil(extract(epoch FROM ends_at - clock_timestamp()))::int FROM foundation_throttle "
            "WHERE name = %s AND taken >= %s AND ends_at > clock_timestamp() AND began_at <= clock_timestamp()",
            [_name(bucket, key), limit],
        )
        found = cursor.fetchone()
    return Wait(max(found[0], 1)) if found else None


def release(bucket: str, key: str) -> None:
    """Forget the tries of a key: it succeeded."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM foundation_throttle WHERE name = %s", [_name(bucket, key)])


def forget_ended(limit: int = 50_000) -> int:
    """Remove windows that ended; answers how many. Rows being taken just now are left to their takers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM foundation_throttle WHERE name IN (SELECT name FROM foundation_throttle "
            "WHERE ends_at < clock_timestamp() LIMIT %s FOR UPDATE SKIP LOCKED)",
            [limit],
        )
        return int(cursor.rowcount)
