"""Sealing the journal: entries carry a keyed mark from birth; a job binds them into hash-chained blocks.

The mark (HMAC-SM3 over the content and a nonce) is made when an entry is written, so that a row slipped in by SQL
is known at once. A block's digest covers the block before it, the ids it seals and each entry's digest, so that
altering, removing or adding one entry, or a block, breaks the chain at a place that `verify` can name. Whoever cuts
off the whole end is found out by a head noted elsewhere (`unionhall journal head`, `verify --head`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from unionhall.foundation.sealing import ring
from unionhall.kit.sm import hmac_sm3

from .models import JournalBlock, JournalEntry, JournalSeal

BATCH = 5000
#: Advisory lock of the one sealer at work; any constant of our own.
LOCK = 0x4A4F5552
NONCE = 16
GENESIS = "0" * 64
_FIELDS = (
    "at", "actor_id", "actor_name", "action", "subject_type", "subject_id", "subject_label", "path", "second_path",
    "reason", "detail", "digest", "trace",
)  # fmt: skip


def _keyed(purpose: str, text: str) -> str:
    return hmac_sm3(ring().journal, f"{purpose}\0{text}".encode()).hex()


def _content(values: dict[str, Any]) -> str:
    """The entry's content in one spelling: sorted keys, UTC to the microsecond, JSON as the database gives it back."""
    found = dict(values)
    found["at"] = found["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def mark(values: dict[str, Any], nonce: str = "") -> str:
    """The keyed mark of an entry's content: a nonce, then the HMAC. Two equal entries have two marks."""
    nonce = nonce or secrets.token_hex(NONCE // 2)
    return nonce + _keyed("entry", nonce + _content(values))


def values_of(entry: JournalEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _FIELDS}


def _genuine(values: dict[str, Any], stated: str) -> bool:
    return len(stated) == NONCE + 64 and compare_digest(mark(values, stated[:NONCE]), stated)


def _seal(entry_id: int, values: dict[str, Any], stated: str) -> str:
    return _keyed("seal", f"{entry_id}\0{stated}\0{_content(values)}")


def _bind(number: int, previous: str, sealed_at: datetime, seals: list[tuple[int, str]]) -> str:
    rows = "\n".join(f"{entry_id}:{digest}" for entry_id, digest in seals)
    return _keyed(
        "block", f"{number}\0{previous}\0{sealed_at.astimezone(UTC).isoformat()}\0{len(seals)}\0{rows}"
    )


def seal_pending(limit: int = BATCH) -> int:
    """Bind entries that no block holds yet into the next block; answers how many. One sealer works at a time.

    An entry with a lower number that commits later is simply found by a later run: blocks hold what they list.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [LOCK])
            if not cursor.fetchone()[0]:
                return 0
        rows = JournalEntry.objects.everywhere(reason="sealing concerns every entry, not its content")
        pending = rows.extra(
            where=[
                "NOT EXISTS (SELECT 1 FROM records_journalseal s WHERE s.entry_id = records_journalentry.id)"
            ]
        ).order_by("pk")[:limit]
        seals = [
            (entry.pk, _seal(entry.pk, values, entry.mark))
            for entry in pending
            # A row without a genuine mark was not written by us: it is never sealed, and verify names it.
            if _genuine(values := values_of(entry), entry.mark)
        ]
        if not seals:
            return 0
        last = JournalBlock.objects.order_by("-number").first()
        number, previous = (last.number + 1, last.digest) if last else (1, GENESIS)
        sealed_at = timezone.now()
        block = JournalBlock.objects.create(
            number=number, count=len(seals), previous=previous, sealed_at=sealed_at,
            entry_ids=[entry_id for entry_id, _ in seals], digest=_bind(number, previous, sealed_at, seals),
        )  # fmt: skip
        JournalSeal.objects.bulk_create(
            [JournalSeal(entry_id=entry_id, block=block, digest=digest) for entry_id, digest in seals]
        )
        return len(seals)


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
    entries = pending = 0
    for entry_id, fault, waits in _entries(listed):
        entries += entry_id is not None
        pending += waits
        if fault is not None:
            faults.append(fault)
            break
    blocks, block_fault = _blocks()
    # A fault of an entry breaks its block too and says more; only an earlier block comes before it.
    if block_fault is not None and (not faults or (block_fault.block or 0) < (faults[0].block or 0)):
        faults.insert(0, block_fault)
    if not faults and noted_head:
        number, _, digest = noted_head.partition(":")
        if not JournalBlock.objects.filter(
            number=int(number) if number.isdigit() else 0, digest=digest
        ).exists():
            faults.append(Fault("cut", None, None, f"日志的末尾被截断：找不到曾记下的第 {number} 块。"))
    return Verdict(not faults, entries, blocks, pending, head(), faults[0] if faults else None)


_JOINED = (
    "SELECT e.id, s.entry_id, s.block_id, s.digest AS seal, e.mark, e.at, e.actor_id, e.actor_name, e.action, "
    "e.subject_type, e.subject_id, e.subject_label, e.path, e.second_path, e.reason, e.detail::text, e.digest, e.trace "
    "FROM records_journalentry e FULL JOIN records_journalseal s ON s.entry_id = e.id "
    "ORDER BY coalesce(e.id, s.entry_id)"
)


def _entries(listed: dict[int, int]) -> Iterator[tuple[int | None, Fault | None, bool]]:
    """Each entry beside its seal, in order: (id if it is there, what is wrong, whether it waits for a block)."""
    expected = iter(sorted(listed))
    following = next(expected, None)
    with connection.cursor() as cursor:
        cursor.execute(_JOINED)
        while rows := cursor.fetchmany(BATCH):
            for entry_id, sealed_id, block, seal, stated, *content in rows:
                place = entry_id if entry_id is not None else sealed_id
                while following is not None and following < place:
                    yield None, _missing(following, listed[following]), False
                    following = next(expected, None)
                if following == place:
                    following = next(expected, None)
                if entry_id is None:
                    yield None, _missing(place, block), False
                    continue
                values = dict(zip(_FIELDS, content, strict=True))
                values["detail"] = json.loads(values["detail"])
                yield entry_id, _wrong(entry_id, values, stated, seal, block, listed), seal is None
    while following is not None:
        yield None, _missing(following, listed[following]), False
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
    if not compare_digest(_seal(entry_id, values, stated), seal):
        return Fault("altered", entry_id, block, f"第 {entry_id} 条日志或其封签被改动（第 {block} 块）。")
    return None


def _blocks() -> tuple[int, Fault | None]:
    """The chain: numbers without a gap, each digest over the one before. A fault names the first entry it touches."""
    expected, previous, count = 1, GENESIS, 0
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
            whole
            and not compare_digest(_bind(block.number, block.previous, block.sealed_at, seals), block.digest)
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
        expected, previous = block.number + 1, block.digest
    return count, None
