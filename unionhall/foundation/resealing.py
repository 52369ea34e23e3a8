"""Sealing everything anew with the master key in use, while people work.

Every SealedField of every model is found through the model registry; rooms declare what else they keep sealed
(`declare`). Each place is walked by primary key in short transactions: rows that somebody holds are skipped and met in
the next pass, so nobody waits for us and we for nobody. How far it came is written in the same transaction, so a
killed run goes on where it was. A value that cannot be opened is counted, left alone, and keeps its key from retiring.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from unionhall.kit import sm

from .fields import SealedField
from .models import Resealing
from .sealing import Ring, ring

log = logging.getLogger("unionhall.keys")

CHUNK = 2000
PASSES = 20
#: Advisory lock of the one at work; any constant of our own.
LOCK = 0x4B455953


@dataclass
class Step:
    """What a chunk did: the last key it looked at (None at the end), values changed, values that do not open."""

    after: int | None
    changed: int = 0
    broken: int = 0


class Place(Protocol):
    """Somewhere sealed values stand."""

    label: str

    def step(self, after: int, ring: Ring) -> Step:
        """Seal the next chunk anew, inside the caller's transaction."""

    def used(self) -> Counter[int]:
        """How many values stand sealed under each key number."""


_declared: list[Callable[[], Place]] = []


def declare(make: Callable[[], Place]) -> None:
    """Said by a room that keeps sealed values elsewhere than in a SealedField."""
    _declared.append(make)


def places() -> list[Place]:
    """Every place of this installation, in a stable order."""
    found: list[Place] = []
    for model in apps.get_models(include_auto_created=True):
        columns = [str(field.column) for field in model._meta.local_fields if isinstance(field, SealedField)]
        if columns and model._meta.managed and not model._meta.proxy:
            found.append(
                Columns(model._meta.label_lower, model._meta.db_table, str(model._meta.pk.column), columns)
            )
    return sorted([*found, *(make() for make in _declared)], key=lambda place: place.label)


@dataclass
class Columns:
    """The SealedFields of one table."""

    label: str
    table: str
    key: str
    names: Sequence[str]

    def _number(self, name: str) -> str:
        # Bytes 1–2 of a sealed value are the number of its key; shorter ones are none of ours.
        return f'CASE WHEN length("{name}") > 30 THEN get_byte("{name}", 1) * 256 + get_byte("{name}", 2) END'

    def step(self, after: int, ring: Ring) -> Step:
        columns = ", ".join(f'"{name}"' for name in self.names)
        stale = " OR ".join(f"{self._number(name)} <> %s" for name in self.names)
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{self.key}", {columns} FROM "{self.table}" WHERE "{self.key}" > %s AND ({stale}) '  # noqa: S608 — names from the registry
                f'ORDER BY "{self.key}" LIMIT {CHUNK} FOR NO KEY UPDATE SKIP LOCKED',
                [after, *[ring.current] * len(self.names)],
            )
            rows = cursor.fetchall()
            if not rows:
                return Step(None)
            keys = [row[0] for row in rows]
            renewed, changed, broken = [], 0, 0
            for place in range(1, len(self.names) + 1):
                column, bad = _renew([row[place] for row in rows], ring)
                for at in bad:
                    log.error("a sealed value does not open place=%s id=%s", self.label, keys[at])
                renewed.append(column)
                changed += sum(new is not row[place] for new, row in zip(column, rows, strict=True))
                broken += len(bad)
            names = ", ".join(f"c{place}" for place in range(len(self.names)))
            sets = ", ".join(f'"{name}" = given.c{place}' for place, name in enumerate(self.names))
            arrays = ", ".join(["%s::bigint[]", *["%s::bytea[]"] * len(self.names)])
            cursor.execute(
                f'UPDATE "{self.table}" AS held SET {sets} FROM unnest({arrays}) AS given(key, {names}) '  # noqa: S608
                f'WHERE held."{self.key}" = given.key',
                [keys, *renewed],
            )
        return Step(keys[-1], changed, broken)

    def used(self) -> Counter[int]:
        found: Counter[int] = Counter()
        with connection.cursor() as cursor:
            for name in self.names:
                cursor.execute(
                    f'SELECT {self._number(name)}, count(*) FROM "{self.table}" '  # noqa: S608
                    f'WHERE length("{name}") > 30 GROUP BY 1'
                )
                found.update(dict(cursor.fetchall()))
        return found


def _renew(blobs: Sequence[bytes | None], ring: Ring) -> tuple[list[bytes | None], list[int]]:
    """The same values under the current key, and the places of those that do not open (they stay as they are)."""
    found = [None if blob is None else bytes(blob) for blob in blobs]
    stale = [at for at, blob in enumerate(found) if blob is not None and _is_stale(blob, ring)]
    old = [blob for at in stale if (blob := found[at]) is not None]
    bad: list[int] = []
    try:
        plain = sm.open_many(ring.keys, old)
    except sm.SealBroken:
        plain, good = [], []
        for at, blob in zip(stale, old, strict=True):
            try:
                plain.append(sm.open_sealed(ring.keys, blob))
                good.append(at)
            except sm.SealBroken:
                bad.append(at)
        stale = good
    result: list[bytes | None] = list(blobs)
    for at, new in zip(stale, sm.seal_many(ring.keys[ring.current], plain), strict=True):
        result[at] = new
    return result, bad


def _is_stale(blob: bytes, ring: Ring) -> bool:
    try:
        return sm.key_id_of(blob) != ring.current
    except sm.SealBroken:
        return False


@dataclass
class SealedInJson:
    """Sealed values written as hexadecimal inside a JSON column of a small table, by a library of others."""

    label: str
    table: str
    key: str
    name: str

    def _rows(self, after: int, lock: str = "") -> list[tuple[int, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{self.key}", "{self.name}"::text FROM "{self.table}" WHERE "{self.key}" > %s '  # noqa: S608
                f'ORDER BY "{self.key}" LIMIT {CHUNK} {lock}',
                [after],
            )
            return [(key, json.loads(text)) for key, text in cursor.fetchall()]

    def step(self, after: int, ring: Ring) -> Step:
        rows = self._rows(after, "FOR NO KEY UPDATE SKIP LOCKED")
        step = Step(rows[-1][0] if rows else None)
        for key, value in rows:
            blobs = list(_sealed_in(value))
            renewed, bad = _renew(blobs, ring)
            pairs = zip(blobs, renewed, strict=True)
            swap = {old.hex(): new.hex() for old, new in pairs if new is not None and new is not old}
            step.broken += len(bad)
            if swap:
                step.changed += len(swap)
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'UPDATE "{self.table}" SET "{self.name}" = %s::jsonb WHERE "{self.key}" = %s',  # noqa: S608
                        [json.dumps(_swapped(value, swap)), key],
                    )
        return step

    def used(self) -> Counter[int]:
        found: Counter[int] = Counter()
        after: int | None = 0
        while after is not None:
            rows = self._rows(after)
            found.update(sm.key_id_of(blob) for _, value in rows for blob in _sealed_in(value))
            after = rows[-1][0] if rows else None
        return found


def _sealed_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _sealed_in(one)
    elif isinstance(value, str):
        try:
            blob = bytes.fromhex(value)
            sm.key_id_of(blob)
        except (ValueError, sm.SealBroken):
            return
        yield blob


def _swapped(value: Any, swap: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(one, swap) for key, one in value.items()}
    if isinstance(value, list):
        return [_swapped(one, swap) for one in value]
    return swap.get(value, value) if isinstance(value, str) else value


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether we are the only one at work in this federation. The lock goes with the connection, also after kill -9."""
    where = [LOCK]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))", where)
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(current_schema()))", where)


def used() -> Counter[int]:
    """How many values stand sealed under each key number, everywhere."""
    total: Counter[int] = Counter()
    for place in places():
        total.update(place.used())
    return total


def stale() -> int:
    """How many values stand under another key than the one in use."""
    return sum(count for number, count in used().items() if number != ring().current)


def run(seconds: float | None = None, report: Callable[[Resealing], None] | None = None) -> bool:
    """Seal anew until nothing is left, or for about `seconds`; answers whether all is done that can be done.

    False when time is up, when rows stay held by others, and when another run is at work.
    """
    until = time.monotonic() + seconds if seconds is not None else None
    with _alone() as mine:
        if not mine:
            return False
        for turn in range(PASSES):
            before = _sum("changed")
            for place in places():
                if not _walk(place, until, report):
                    return False
            left = stale()
            if left <= _sum("broken"):
                return True
            if turn and _sum("changed") == before:
                time.sleep(0.2)
            # What was held by others, or written meanwhile by a process that had not looked yet, is met again.
            begin()
    return False


def _sum(name: str) -> int:
    return sum(Resealing.objects.filter(number=ring().current).values_list(name, flat=True))


def _walk(place: Place, until: float | None, report: Callable[[Resealing], None] | None) -> bool:
    row, _ = Resealing.objects.get_or_create(number=ring().current, place=place.label)
    while row.finished_at is None:
        if until is not None and time.monotonic() > until:
            return False
        with transaction.atomic():
            step = place.step(row.after, ring())
            row.changed, row.broken = F("changed") + step.changed, F("broken") + step.broken
            if step.after is None:
                row.finished_at = timezone.now()
            else:
                row.after = step.after
            row.save()
        row.refresh_from_db()
        if report is not None:
            report(row)
    return True


def begin() -> None:
    """Walk everything from the start: the key in use was changed, or something was left behind."""
    Resealing.objects.filter(number=ring().current).update(finished_at=None, after=0, broken=0)
