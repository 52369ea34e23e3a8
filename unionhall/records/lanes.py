"""Numbers without a gap for entries that are not sealed yet, without a lock that everyone waits for.

A sequence leaves gaps when a transaction is rolled back, so a missing id proves nothing. Therefore each entry takes
the next place of a *lane*: a counter row that its transaction holds until it ends. A writer takes the first lane that
nobody holds, and opens a new one when all are held; nobody waits, a rollback gives the place back, and what is
committed in a lane is numbered 1, 2, 3, …. The place is part of the entry's keyed mark, and the lane's row carries a
keyed mark of its count: an entry taken away before it is sealed leaves a hole that the sealer and `journal verify` see.

What this cannot show: whoever can write the tables, knew a lane's row as it was before, and puts that row back
together with removing the lane's last entries within the minute before the next block. Against whoever rules the
database like that only what is kept outside it helps: shipped logs, and the head that is noted elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest

from django.db import connection, transaction

from unionhall.foundation.sealing import ring
from unionhall.kit import sm

from .models import JournalLane

__all__ = ["Hole", "Lane", "genuine", "holes", "mark", "take"]

#: How many lanes may be opened; more writers than that at one moment share the last (and wait there).
MOST = 1000
_FREE = "SELECT number, count FROM records_journallane ORDER BY number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane held by the caller's transaction and the place it may use."""

    number: int
    place: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A place that was given to an entry which is not there."""

    lane: int
    place: int


def mark(number: int, count: int, key: bytes | None = None) -> str:
    """The keyed mark of a lane's count."""
    return sm.hmac_sm3(key or ring().journal, f"lane\0{number}\0{count}".encode()).hex()


def genuine(lane: JournalLane) -> bool:
    """Whether the row says what we wrote, under any journal key held (an idle lane keeps its old mark)."""
    keys = ring().journals.values()
    return any(compare_digest(mark(lane.number, lane.count, key), lane.mark) for key in keys)


def take() -> Lane:
    """The next place of a lane that nobody else holds; the caller, in a transaction, uses it up with `put`."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE)
        found = cursor.fetchone()
    if found is not None:
        return Lane(found[0], found[1] + 1)
    return _open()


def put(lane: Lane) -> None:
    """The place is used: the lane counts it."""
    JournalLane.objects.filter(number=lane.number).update(
        count=lane.place, mark=mark(lane.number, lane.place)
    )


def _open() -> Lane:
    """A new lane. Two who open one at once: the second finds the number taken and tries the next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM records_journallane")
        number = cursor.fetchone()[0]
        while number < MOST:
            number += 1
            # Not waiting for one who is just opening it: a lock of the transaction's own kind says so at once.
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [_LOCK + number]
            )
            if not cursor.fetchone()[0]:
                continue
            cursor.execute(
                "INSERT INTO records_journallane (number, count, mark) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING",
                [number, mark(number, 0)],
            )
            if cursor.rowcount:
                return Lane(number, 1)
    with transaction.atomic():
        last = JournalLane.objects.select_for_update(no_key=True).order_by("-number")[0]
    return Lane(last.number, last.count + 1)


#: Advisory locks of lanes being opened; any constant of our own.
_LOCK = 0x4C414E45


def holes(before: dict[str, int], upto: dict[str, int], present: Iterable[tuple[int, int]]) -> list[Hole]:
    """Places after `before` and up to `upto` of each lane that no entry of `present` (lane, place) has."""
    there = set(present)
    return [
        Hole(int(lane), place)
        for lane, last in sorted(upto.items(), key=lambda item: int(item[0]))
        for place in range(before.get(lane, 0) + 1, last + 1)
        if (int(lane), place) not in there
    ]
