"""The job over a checked file: chunk after chunk, each a transaction; then corrections, and where the file stands.

While the database writes a chunk, a thread that asks no database works out the next persons. What was known of them
was read in the transaction before: if anybody decided anything in between, they are worked out anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger.models import Budget
from unionhall.records.actions import journal, notify

from ...models import SettlementFile, SettlementLine
from ...schemes.medical import PROGRAMME
from ..insurers import page_of
from .adjudicating import Line, next_lines, read, write
from .correcting import correct
from .paying import waiting_of
from .preparing import Ready, prepare
from .turns import take_turn

__all__ = ["CHUNK", "adjudicate"]

State = SettlementFile.State
#: Lines worked out in one transaction.
CHUNK = 10_000
_WHY = "a job on one file, started by whoever was asked for permission"


def adjudicate(number: int, *, chunk: int = CHUNK) -> SettlementFile:
    """Work a file out. Killed in the middle, or run again, it goes on where it was; nothing is paid twice."""
    file = _get(number)
    if file.state != State.ADJUDICATING:
        return file
    actor = Actor(file.uploaded_by_id, file.uploaded_by)
    try:
        _require_budget(file)
        ahead: Ahead | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="medical") as thread:
            while ahead is None or ahead.lines:
                ahead = _chunk(actor, file, ahead, chunk, thread)
        _corrections(actor, file)
    except Refused as refusal:
        _set(file, stage="", message=f"{refusal}已经理算的部分不受影响。处理后请点“继续”。"[:300])
        return _get(number)
    except Exception:
        _set(
            file, message="理算中断，已经完成的部分都在，没有重复支付。请点“继续”；再次出现时请联系运维人员。"
        )
        raise
    _finish(actor, file)
    return _get(number)


def _get(number: int) -> SettlementFile:
    return SettlementFile.objects.everywhere(reason=_WHY).select_related("organisation").get(pk=number)


def _set(file: SettlementFile, **values: Any) -> None:
    SettlementFile.objects.everywhere(reason=_WHY).filter(pk=file.pk).update(**values)


def _require_budget(file: SettlementFile) -> None:
    rows = Budget.objects.everywhere(reason=_WHY).filter(programme=PROGRAMME, year=file.year)
    if not rows.exists():
        raise Refused(f"还没有设立 {file.year} 年医疗互助的预算，不能理算。请财务人员在“预算和账目”里设立。")


@dataclass(frozen=True)
class Ahead:
    """The next persons' lines, and what they come to if nobody has decided anything since (`decided`)."""

    lines: Sequence[Line]
    more: bool
    ready: Future[Ready] | None = None
    decided: int = 0

    @property
    def last(self) -> int:
        return int(self.lines[-1][1])


_NOBODY = Ahead([], more=False)


def _decided() -> int:
    """The number of the newest decision, also of one that is not committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM rulebook_decision_id_seq")
        (number,) = cursor.fetchone()
    return int(number)


@transaction.atomic
def _chunk(
    actor: Actor, file: SettlementFile, present: Ahead | None, limit: int, thread: ThreadPoolExecutor
) -> Ahead:
    """Write the present persons of a file (the first ones without `present`); answers the next."""
    take_turn()
    if present is None:
        present = Ahead(*next_lines(file.pk, 0, limit))
    if not present.lines:
        return _NOBODY
    if present.ready is not None and present.decided == _decided():
        ready = present.ready.result()
    else:
        ready = prepare(read(_again(file, present)))
    following = _NOBODY
    if present.more:
        lines, more = next_lines(file.pk, present.last, limit)
        following = Ahead(lines, more, thread.submit(prepare, read(lines)))
    write(actor, ready, submitted_at=file.uploaded_at, label=f"医保结算 {file.number}")
    left = SettlementLine.objects.everywhere(reason=_WHY).waiting().filter(file=file)
    # Counted exactly at the end only: until then it tells how far the job is.
    done = file.rows if not following.lines else min(file.rows, file.done + len(present.lines))
    file.done = done
    _set(file, stage="逐人理算" if following.lines or left.exists() else "", done=done, message="")
    return replace(following, decided=_decided())


def _again(file: SettlementFile, present: Ahead) -> Sequence[Line]:
    """The same lines without those that somebody has settled meanwhile."""
    if present.ready is None:
        return present.lines
    after = int(present.lines[0][1]) - 1
    lines, _ = next_lines(file.pk, after, len(present.lines))
    return [line for line in lines if line[1] <= present.last]


def _corrections(actor: Actor, file: SettlementFile) -> None:
    """Lines that correct earlier ones, one by one: each changes the person's year from there on."""
    rows = SettlementLine.objects.everywhere(reason=_WHY).waiting()
    for pk in list(rows.filter(file=file).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            take_turn()
            correct(actor, pk)


@transaction.atomic
def _finish(actor: Actor, file: SettlementFile) -> None:
    queued, amount = waiting_of(file)
    state = State.ADJUDICATED if queued else State.PAID
    message = (
        f"预算已经用完，{queued} 笔共 {amount:,.2f} 元按先后排队，有了预算会自动支付。" if queued else ""
    )
    _set(file, state=state, stage="", done=file.rows, message=message, finished_at=timezone.now())
    lines = SettlementLine.objects.everywhere(reason=_WHY).filter(file=file)
    exceptions = lines.exceptions().count()
    journal(
        actor,
        "benefits.settlements_adjudicated",
        subject=file,
        paths=file.organisation.paths,
        detail={"rows": file.rows, "exceptions": exceptions, "queued": queued},
    )
    notify(
        file.uploaded_by_id, f"医保结算文件 {file.number} 已理算",
        f"{message}有 {exceptions} 笔需要人工处理。" if exceptions else message,
        page_of(file), file.organisation.path,
    )  # fmt: skip
