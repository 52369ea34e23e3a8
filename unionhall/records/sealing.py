"""Sealing the journal: entries carry a keyed mark from birth; a job binds them into hash-chained blocks.

The mark (HMAC-SM3 over the content and a nonce) is made when an entry is written, so that a row slipped in by SQL
is known at once. A block's digest covers the block before it, the ids it seals and each entry's digest, so that
altering, removing or adding one entry, or a block, breaks the chain at a place that `verify` can name. Whoever cuts
off the whole end is found out by a head noted elsewhere (`unionhall journal head`, `verify --head`). An entry removed
before any block held it leaves a hole in its lane (records.lanes), which the next block states for good.

The keys are derived from the index keys. After another index key came into use, entries, seals and blocks from then on
are made with the new one; an entry and its seal are always of one key, and blocks never go back to an older key.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC
from hmac import compare_digest
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from unionhall.foundation.sealing import ring
from unionhall.kit.sm import hmac_sm3

from . import lanes
from .models import JournalBlock, JournalEntry, JournalLane, JournalSeal

log = logging.getLogger("unionhall.records")
BATCH = 5000
#: Advisory lock of the one sealer at work; any constant of our own.
LOCK = 0x4A4F5552
NONCE = 16
GENESIS = "0" * 64
_FIELDS = (
    "at", "actor_id", "actor_name", "action", "subject_type", "subject_id", "subject_label", "path", "second_path",
    "reason", "detail", "digest", "trace", "lane", "place",
)  # fmt: skip
_PLACE = ("lane", "place")


def _keyed(purpose: str, text: str, key: bytes | None = None) -> str:
    return hmac_sm3(key or ring().journal, f"{purpose}\0{text}".encode()).hex()


def _keys() -> list[bytes]:
    """The journal keys held, the one in use first."""
    held = ring().journals
    return sorted(held.values(), key=lambda key: key != ring().journal)


def _content(values: dict[str, Any]) -> str:
    """The entry's content in one spelling: sorted keys, UTC to the microsecond, JSON as the database gives it back."""
    # Entries from before there were lanes were marked without them.
    found = {key: value for key, value in values.items() if value is not None or key not in _PLACE}
    found["at"] = found["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def mark(values: dict[str, Any], nonce: str = "", key: bytes | None = None) -> str:
    """The keyed mark of an entry's content: a nonce, then the HMAC. Two equal entries have two marks."""
    nonce = nonce or secrets.token_hex(NONCE // 2)
    return nonce + _keyed("entry", nonce + _content(values), key)


def values_of(entry: JournalEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _FIELDS}


def _genuine(values: dict[str, Any], stated: str, key: bytes | None = None) -> bool:
    return len(stated) == NONCE + 64 and compare_digest(mark(values, stated[:NONCE], key), stated)


def _seal(entry_id: int, values: dict[str, Any], stated: str, key: bytes | None = None) -> str:
    return _keyed("seal", f"{entry_id}\0{stated}\0{_content(values)}", key)


def _bind(block: JournalBlock, seals: list[tuple[int, str]], key: bytes | None = None) -> str:
    rows = "\n".join(f"{entry_id}:{digest}" for entry_id, digest in seals)
    # Blocks from before there were lanes state none.
    state = json.dumps([block.lanes, block.gaps], sort_keys=True) if block.lanes or block.gaps else ""
    at = block.sealed_at.astimezone(UTC).isoformat()
    text = f"{block.number}\0{block.previous}\0{at}\0{len(seals)}\0{rows}" + (f"\0{state}" if state else "")
    return _keyed("block", text, key)


#: Entries beyond the place up to which blocks hold their lane: nothing of what is sealed already is read.
WAITING = """
    SELECT e.id FROM unnest(%(lanes)s::int[], %(upto)s::bigint[]) AS held (lane, upto)
    CROSS JOIN LATERAL (
        SELECT id FROM records_journalentry w WHERE w.lane = held.lane AND w.place > held.upto
        ORDER BY w.lane, w.place LIMIT %(limit)s
    ) AS e
    ORDER BY e.id LIMIT %(limit)s"""
#: Entries that no block holds, wherever they stand: reads the whole journal.
UNSEALED = """
    SELECT e.id FROM records_journalentry e
    WHERE NOT EXISTS (SELECT 1 FROM records_journalseal s WHERE s.entry_id = e.id)
    ORDER BY e.id LIMIT %(limit)s"""


def seal_pending(limit: int = BATCH, *, thorough: bool = False) -> int:
    """Bind entries that no block holds yet into the next block; answers how many. One sealer works at a time.

    An entry with a lower number that commits later is simply found by a later run: blocks hold what they list.
    A place of a lane that nobody stands on is stated in the block as a gap: an entry was removed before it was sealed.

    Looks beyond what the last block holds of each lane. `thorough`: through the whole journal, and so also at entries
    without a lane, which versions from before there were lanes write until they are stopped.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [LOCK])
            if not cursor.fetchone()[0]:
                return 0
        # Lanes first: what they count was committed before we look for the entries.
        counted = {str(lane.number): lane.count for lane in JournalLane.objects.all()}
        last = JournalBlock.objects.order_by("-number").first()
        before = last.lanes if last else {}
        with connection.cursor() as cursor:
            if thorough or not before:
                cursor.execute(UNSEALED, {"limit": limit})
            else:
                cursor.execute(WAITING, waiting_values(before, counted, limit))
            found = [row[0] for row in cursor.fetchall()]
        sealed = JournalSeal.objects.filter(entry_id__in=found).values_list("entry_id", flat=True)
        rows = JournalEntry.objects.everywhere(reason="sealing concerns every entry, not its content")
        pending = list(rows.filter(pk__in=set(found).difference(sealed)).order_by("pk"))
        # A row without a genuine mark was not written by us: it is never sealed, and verify names it.
        good = [entry for entry in pending if _genuine(values_of(entry), entry.mark)]
        present = [(e.lane, e.place) for e in good if e.lane is not None and e.place is not None]
        upto = dict(before)
        for lane, place in present:
            upto[str(lane)] = max(upto.get(str(lane), 0), place)
        if len(found) < limit:
            # All that there is was seen: the ends of the lanes count too.
            upto = {lane: max(upto.get(lane, 0), counted.get(lane, 0)) for lane in {*upto, *counted}}
        gaps = [[hole.lane, hole.place] for hole in lanes.holes(before, upto, present)]
        if not good and not gaps:
            return 0
        if gaps:
            log.error("journal entries are missing before they were sealed count=%s", len(gaps))
        block = JournalBlock(
            number=last.number + 1 if last else 1, count=len(good), previous=last.digest if last else GENESIS,
            sealed_at=timezone.now(), entry_ids=[entry.pk for entry in good], lanes=upto, gaps=gaps,
        )  # fmt: skip
        seals = [(entry.pk, _seal(entry.pk, values_of(entry), entry.mark)) for entry in good]
        block.digest = _bind(block, seals)
        block.save(force_insert=True)
        JournalSeal.objects.bulk_create(
            [JournalSeal(entry_id=entry_id, block=block, digest=digest) for entry_id, digest in seals]
        )
        return len(seals)


def waiting_values(before: dict[str, int], counted: dict[str, int], limit: int) -> dict[str, Any]:
    """What `WAITING` asks for: every lane known, and the place up to which blocks hold it."""
    numbers = sorted({*before, *counted}, key=int)
    return {
        "lanes": [int(number) for number in numbers],
        "upto": [before.get(number, 0) for number in numbers],
        "limit": limit,
    }


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong: `kind` is altered, missing, extra, block or cut; `message` says it in Chinese."""

    kind: str
    entry: int | None
    block: int | None
    message: str


@dataclass(frozen=True)
class Verdict:
    """What verifying found. `pending` entries carry a genuine mark and wait for the next block."""

    ok: bool
    entries: int
    blocks: int
    pending: int
    head: str
    fault: Fault | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def head() -> str:
    """`number:digest` of the last block, to be noted where the database's owner cannot write; "" before the first."""
    last = JournalBlock.objects.order_by("-number").first()
    return f"{last.number}:{last.digest}" if last else ""


@transaction.atomic
def verify(noted_head: str = "") -> Verdict:
    """Go through every entry and block as of one moment and name the first fault, in the order of entries."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block and len(connection.savepoint_ids) == 0:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    listed = {
        entry_id: number
        for number, ids in JournalBlock.objects.values_list("number", "entry_ids").iterator()
        for entry_id in ids
    }
    faults: list[Fault] = []
    entries = 0
    waiting: list[tuple[int, int]] = []
    pending = 0
    for entry_id, fault, place in _entries(listed):
        entries += entry_id is not None
        if place is not None:
            pending += 1
            waiting += [place] if place != _NOWHERE else []
        if fault is not None:
            faults.append(fault)
            break
    blocks, block_fault = _blocks()
    # A fault of an entry breaks its block too and says more; only an earlier block comes before it.
    if block_fault is not None and (not faults or (block_fault.block or 0) < (faults[0].block or 0)):
        faults.insert(0, block_fault)
    if not faults and (lane_fault := _lanes(waiting)):
        faults.append(lane_fault)
    if not faults and noted_head:
        number, _, digest = noted_head.partition(":")
        if not JournalBlock.objects.filter(
            number=int(number) if number.isdigit() else 0, digest=digest
        ).exists():
            faults.append(Fault("cut", None, None, f"日志的末尾被截断：找不到曾记下的第 {number} 块。"))
    return Verdict(not faults, entries, blocks, pending, head(), faults[0] if faults else None)


_JOINED = (
    "SELECT e.id, s.entry_id, s.block_id, s.digest AS seal, e.mark, e.at, e.actor_id, e.actor_name, e.action, "
    "e.subject_type, e.subject_id, e.subject_label, e.path, e.second_path, e.reason, e.detail::text, e.digest, "
    "e.trace, e.lane, e.place "
    "FROM records_journalentry e FULL JOIN records_journalseal s ON s.entry_id = e.id "
    "ORDER BY coalesce(e.id, s.entry_id)"
)


_NOWHERE = (0, 0)


def _entries(listed: dict[int, int]) -> Iterator[tuple[int | None, Fault | None, tuple[int, int] | None]]:
    """Each entry beside its seal, in order: (id if it is there, what is wrong, its lane and place if it waits)."""
    expected = iter(sorted(listed))
    following = next(expected, None)
    with connection.cursor() as cursor:
        cursor.execute(_JOINED)
        while rows := cursor.fetchmany(BATCH):
            for entry_id, sealed_id, block, seal, stated, *content in rows:
                place = entry_id if entry_id is not None else sealed_id
                while following is not None and following < place:
                    yield None, _missing(following, listed[following]), None
                    following = next(expected, None)
                if following == place:
                    following = next(expected, None)
                if entry_id is None:
                    yield None, _missing(place, block), None
                    continue
                values = dict(zip(_FIELDS, content, strict=True))
                values["detail"] = json.loads(values["detail"])
                waits = (values["lane"] or 0, values["place"] or 0) if seal is None else None
                yield entry_id, _wrong(entry_id, values, stated, seal, block, listed), waits
    while following is not None:
        yield None, _missing(following, listed[following]), None
        following = next(expected, None)


def _missing(entry_id: int, block: int) -> Fault:
    return Fault("missing", entry_id, block, f"第 {entry_id} 条日志被删除（在第 {block} 块中封存过）。")


def _wrong(
    entry_id: int,
    values: dict[str, Any],
    stated: str,
    seal: str | None,
    block: int | None,
    listed: dict[int, int],
) -> Fault | None:
    if seal is None and entry_id in listed:
        number = listed[entry_id]
        return Fault(
            "altered", entry_id, number, f"第 {entry_id} 条日志的封签被删除（在第 {number} 块中封存过）。"
        )
    if seal is None:
        if _genuine(values, stated):
            return None
        return Fault("extra", entry_id, None, f"第 {entry_id} 条日志不是由系统写入的，或在封存前被改动。")
    if entry_id not in listed:
        return Fault("extra", entry_id, block, f"第 {entry_id} 条日志的封签不属于任何封存块。")
    if not any(
        _genuine(values, stated, key) and compare_digest(_seal(entry_id, values, stated, key), seal)
        for key in _keys()
    ):
        return Fault("altered", entry_id, block, f"第 {entry_id} 条日志或其封签被改动（第 {block} 块）。")
    return None


def _blocks() -> tuple[int, Fault | None]:
    """The chain: numbers without a gap, each digest over the one before. A fault names the first entry it touches."""
    expected, previous, count = 1, GENESIS, 0
    keys = [ring().journals[number] for number in sorted(ring().journals)]
    for block in JournalBlock.objects.order_by("number").prefetch_related("seals").iterator(chunk_size=10):
        count += 1
        first = min(block.entry_ids, default=None)
        if block.number != expected:
            orphan = JournalSeal.objects.filter(block_id=expected).order_by("entry_id").first()
            entry = orphan.entry_id if orphan else None
            return count, Fault("block", entry, expected, f"第 {expected} 个封存块被删除。")
        seals = sorted((seal.entry_id, seal.digest) for seal in block.seals.all())
        whole = len(seals) == block.count and [entry_id for entry_id, _ in seals] == sorted(block.entry_ids)
        if block.previous != previous or (
            # Once a block is of a newer key, those after it are too.
            whole and not (keys := _of_key(keys, block, seals))
        ):
            return count, Fault(
                "block", first, block.number, f"第 {block.number} 个封存块被改动，或与上一块不衔接。"
            )
        if not whole:
            ids = {entry_id for entry_id, _ in seals} ^ set(block.entry_ids)
            return count, Fault(
                "block",
                min(ids, default=first),
                block.number,
                f"第 {block.number} 个封存块的条数与封签不符。",
            )
        if block.gaps:
            gone = len(block.gaps)
            return count, Fault(
                "missing",
                None,
                block.number,
                f"有 {gone} 条日志在封存前被删除或改动（第 {block.number} 块记明）。",
            )
        expected, previous = block.number + 1, block.digest
    return count, None


def _of_key(keys: list[bytes], block: JournalBlock, seals: list[tuple[int, str]]) -> list[bytes]:
    """The keys from the one that made the block on; none when no key made it."""
    for place, key in enumerate(keys):
        if compare_digest(_bind(block, seals, key), block.digest):
            return keys[place:]
    return []


def _lanes(waiting: list[tuple[int, int]]) -> Fault | None:
    """Whether the lanes are ours and every place they count is held by a block or stood on by an entry that waits."""
    last = JournalBlock.objects.order_by("-number").first()
    before = last.lanes if last else {}
    rows = {str(lane.number): lane for lane in JournalLane.objects.all()}
    for number, lane in rows.items():
        if not lanes.genuine(lane) or lane.count < before.get(number, 0):
            return Fault("altered", None, None, f"第 {number} 道日志编号被改动。")
    if gone := sorted(set(before) - set(rows)):
        return Fault("altered", None, None, f"第 {gone[0]} 道日志编号被删除。")
    missing = lanes.holes(before, {number: lane.count for number, lane in rows.items()}, waiting)
    if missing:
        first = missing[0]
        return Fault(
            "missing", None, None,
            f"有 {len(missing)} 条日志在封存前被删除（第 {first.lane} 道第 {first.place} 条起）。",
        )  # fmt: skip
    return None
