"""投保名单: what the insurer is told each month, changes only, with control totals; written once, kept sealed.

    H,UNIONHALL-COVER,1,<programme>,<month>,<insurer>,<organisation code>,<in force before>
    A,<enrolment>,<name>,<document type>,<document>,<sex>,<born>,<first day>,<last day>,<tier>
    E,<enrolment>,<last day>,<reason>
    C,<enrolment>,<name>,<document type>,<document>,<sex>,<born>
    T,<additions>,<ends>,<corrections>,<in force after>,<SM3 of every byte before this line>

A adds, E ends, C puts the particulars of somebody right who was added earlier. Lines end in CR LF.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, OuterRef, Subquery, When
from django.utils import timezone

from unionhall.foundation import uploads
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.kit.sm import sm3_hex_of
from unionhall.kit.text import safe_cell
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal, notify

from ..models import CoverChange, CoverEnrolment, CoverRoll
from ..schemes.cover import PROGRAMMES, TITLES
from .cover_enrolment import card_versions, take_turn

__all__ = ["ask", "keeper", "make", "open_file"]

PURPOSE, FORMAT = "benefits.cover_roll", "UNIONHALL-COVER"
CHUNK = 5_000
_WHY = "the insurer's roll holds everyone of the federation; who may make and open it is asked first"
State = CoverRoll.State


def keeper() -> Organisation:
    """The union that keeps the rolls: the federation's own."""
    rows = Organisation.objects.everywhere(reason="the top of the tree").filter(parent=None)
    return rows.order_by("path")[0]


@transaction.atomic
def ask(actor: Actor, *, programme: str, month: date) -> CoverRoll:
    """Draw the line for a month's roll and have it written by a job. Asked again it answers the roll there is.

    Raises Refused out of order (a later month exists, the one before is not finished) and for a month to come.
    """
    union = keeper()
    actor.require("benefits.cover_roll", *union.paths)
    if programme not in PROGRAMMES:
        raise Refused("请选择保障。", "programme")
    first, today = month.replace(day=1), timezone.localdate()
    if first > today.replace(day=1):
        raise Refused("这个月还没有到，不能生成名单。", "month")
    take_turn(alone=True)
    rows = CoverRoll.objects.everywhere(reason=_WHY).filter(programme=programme)
    known = rows.filter(month=first).first()
    if known is not None and known.state != State.FAILED:
        return known
    before = rows.exclude(month=first).order_by("-month").first()
    if before is not None and before.month > first:
        raise Refused(f"已经有 {before.month:%Y-%m} 的名单，不能补做更早的月份。", "month")
    if before is not None and before.state != State.READY:
        raise Refused(f"{before.month:%Y-%m} 的名单还没有生成好，请等它完成。", "month")
    roll = known or CoverRoll(organisation=union, programme=programme, month=first)
    roll.insurer, roll.state, roll.message = _insurer(programme, today), State.MAKING, ""
    roll.asked_by_id, roll.asked_by, roll.asked_at = actor.account_id, actor.name, timezone.now()
    if before is not None:
        roll.opening = before.closing
        roll.enrolments_after, roll.changes_after = before.enrolments_upto, before.changes_upto
    roll.enrolments_upto, roll.changes_upto = _last(CoverEnrolment), _last(CoverChange)
    roll.save()
    journal(
        actor, "benefits.cover_roll_asked", subject=roll, label=str(roll), paths=union.paths,
        detail={"programme": programme, "month": f"{first:%Y-%m}"},
    )  # fmt: skip
    from ..tasks.cover import make_roll

    make_roll.defer(roll_id=roll.pk)
    return roll


def _last(model: Any) -> int:
    found = model.objects.everywhere(reason=_WHY).aggregate(last=Max("pk"))["last"]
    return found or 0


def _insurer(programme: str, today: date) -> str:
    from unionhall import rulebook

    division = keeper().division
    held = [one for one in rulebook.versions(programme) if one.holds_on(today)]
    versions = card_versions(today).get(programme) or held
    # Another area's version may name another insurer.
    near = [one for one in versions if _overlap(one.jurisdiction, division)]
    versions = near or versions
    return str(versions[-1].parameters.insurer) if versions else ""


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def make(roll_id: int) -> CoverRoll:
    """Write a roll. Again after it is there, nothing happens; killed half-way, nothing is there."""
    rows = CoverRoll.objects.everywhere(reason=_WHY).select_related("organisation", "file")
    roll = rows.get(pk=roll_id)
    if roll.state == State.READY:
        return roll
    try:
        with transaction.atomic():
            roll = rows.select_for_update(of=("self",)).get(pk=roll_id)
            if roll.state != State.READY:
                _write(roll)
    except OSError:
        rows.filter(pk=roll_id).update(
            state=State.FAILED, message="服务器磁盘空间不足，没有生成。请腾出空间后重新申请。"
        )
    else:
        notify(
            roll.asked_by_id, "投保名单已生成", f"{TITLES[roll.programme]} {roll.month:%Y-%m}，可以下载。",
            "/desk/cover/rolls/", roll.organisation.path,
        )  # fmt: skip
    return roll


def _write(roll: CoverRoll) -> None:
    tally = {"A": 0, "E": 0, "C": 0}
    with tempfile.TemporaryFile(dir=uploads.folder()) as plain:

        def pieces() -> Iterator[bytes]:
            for cells in _lines(roll):
                if cells[0] in tally:
                    tally[cells[0]] += 1
                piece = _line(cells)
                plain.write(piece)
                yield piece

        digest = sm3_hex_of(pieces())
        roll.additions, roll.ends, roll.corrections = tally["A"], tally["E"], tally["C"]
        plain.write(_line(["T", roll.additions, roll.ends, roll.corrections, roll.closing, digest]))
        size = plain.tell()
        plain.seek(0)
        roll.file = attachments.store(
            Actor(roll.asked_by_id, roll.asked_by), plain, name=f"{roll.programme}-{roll.month:%Y%m}.csv",
            content_type="text/csv; charset=utf-8", purpose=PURPOSE, paths=roll.organisation.paths, size=size,
        )  # fmt: skip
    roll.digest, roll.state, roll.made_at, roll.message = digest, State.READY, timezone.now(), ""
    roll.save()
    journal(
        Actor(roll.asked_by_id, roll.asked_by), "benefits.cover_roll_made", subject=roll, label=str(roll),
        paths=roll.organisation.paths, digest=digest,
        detail={"additions": roll.additions, "ends": roll.ends, "corrections": roll.corrections},
    )  # fmt: skip


def _line(cells: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _lines(roll: CoverRoll) -> Iterator[list[Any]]:
    month = f"{roll.month:%Y-%m}"
    yield ["H", FORMAT, "1", roll.programme, month, roll.insurer, roll.organisation.code, roll.opening]
    enrolments = CoverEnrolment.objects.everywhere(reason=_WHY).filter(programme=roll.programme)
    added = _at_the_line(roll, enrolments.filter(pk__gt=roll.enrolments_after, pk__lte=roll.enrolments_upto))
    for chunk in _chunks(added, "told", "tier"):
        for pk, who, (period, tier) in chunk:
            yield ["A", pk, *who, _day(period.lower), _last_day(period.upper), tier]
    yield from _ends(roll)
    yield from _corrections(roll, enrolments)


def _at_the_line(roll: CoverRoll, rows: Any) -> Any:
    """Those that were covers when the line was drawn, with their period as `told`: also one that is none any more.

    Its end lies behind the line, so the next roll tells it.
    """
    since = CoverChange.objects.everywhere(reason=_WHY).filter(
        enrolment=OuterRef("pk"), kind=CoverChange.Kind.ENDED, pk__gt=roll.changes_upto
    )
    former = Subquery(since.order_by("pk").values("was")[:1])
    told = Case(When(period__isempty=True, then=former), default=F("period"))
    return rows.annotate(told=told).filter(told__isnull=False)


def _ends(roll: CoverRoll) -> Iterator[list[Any]]:
    changes = CoverChange.objects.everywhere(reason=_WHY).filter(
        enrolment__programme=roll.programme, kind=CoverChange.Kind.ENDED, enrolment__lte=roll.enrolments_upto
    )
    changes = changes.filter(pk__gt=roll.changes_after, pk__lte=roll.changes_upto).order_by("pk")
    # One that never began and was never added is not ended either.
    told = changes.exclude(enrolment__period__isempty=True, enrolment__gt=roll.enrolments_after)
    columns = ("enrolment", "enrolment__period", "enrolment__ending")
    words = dict(CoverEnrolment.Ending.choices)
    for pk, period, ending in told.values_list(*columns).iterator(chunk_size=CHUNK):
        yield ["E", pk, "" if period.isempty else _last_day(period.upper), words.get(ending, "")]


def _corrections(roll: CoverRoll, enrolments: Any) -> Iterator[list[Any]]:
    """Those told of before whose particulars were written since then; who ended is left out."""
    rolls = CoverRoll.objects.everywhere(reason=_WHY).filter(programme=roll.programme, month__lt=roll.month)
    before = rolls.order_by("-month").first()
    if before is None:
        return
    changed = enrolments.open().filter(
        pk__lte=roll.enrolments_after,
        person__updated_at__gt=before.asked_at,
        person__updated_at__lte=roll.asked_at,
    )
    for chunk in _chunks(changed):
        for pk, who, _ in chunk:
            yield ["C", pk, *who]


def _chunks(rows: Any, *more: str) -> Iterator[list[tuple[int, list[Any], tuple[Any, ...]]]]:
    """Enrolments with the particulars of their persons, some thousand at a time."""
    columns = ("pk", "person__name", "person__id_type", "person__id_number", "person__sex", "person__birth")
    after = 0
    while True:
        found = list(rows.filter(pk__gt=after).order_by("pk").values_list(*columns, *more)[:CHUNK])
        if not found:
            return
        numbers = ring().open_many([row[3].blob for row in found])
        yield [
            (row[0], [safe_cell(row[1]), row[2], number or "", row[4], _day(row[5])], tuple(row[6:]))
            for row, number in zip(found, numbers, strict=True)
        ]
        after = found[-1][0]


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y-%m-%d}"


def _last_day(upper: date | None) -> str:
    return "" if upper is None else _day(upper - timedelta(days=1))


def open_file(actor: Actor, *, roll: CoverRoll) -> Iterator[bytes]:
    """The file, for the officer who sends it on; every opening is journalled, because it holds whole numbers."""
    actor.require("benefits.cover_roll", *roll.organisation.paths)
    if roll.file is None:
        raise Refused("名单还没有生成好。")
    journal(
        actor, "benefits.cover_roll_downloaded", subject=roll, label=str(roll), paths=roll.organisation.paths,
        digest=roll.digest,
    )  # fmt: skip
    return attachments.chunks(roll.file)
