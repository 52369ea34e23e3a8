"""Taking a roster batch back, or giving it up before it was committed."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations import tree
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import tallying
from ..models import RosterBatch, RosterRow
from . import committing, undoing
from .batches import NO_SPACE, State, ask_job, batch_for, locked, put
from .keeping import is_full
from .limits import undo_until
from .progress import Progress

__all__ = ["ask_undo", "discard", "forget", "undo"]


def ask_undo(actor: Actor, *, batch: RosterBatch, reason: str, queue: bool = True) -> RosterBatch:
    """Take the whole batch back; the reason goes into the journal."""
    actor.require("members.intake", *batch.paths)
    reason = hide_numbers(reason)
    if not reason.strip():
        raise Refused("请写明撤销的原因。", "reason")
    with transaction.atomic():
        batch = locked(batch)
        if batch.state != State.COMMITTED or batch.committed_at is None:
            raise Refused("只有已入库的批次可以撤销。")
        until = undo_until(batch)
        if batch.cleared_at is not None or until is None or timezone.now() > until:
            days = (until - batch.committed_at).days if until else 0
            raise Refused(f"入库已超过 {days} 天，不能整批撤销。请逐人办理会籍变动。")
        batch.state, batch.stage, batch.done = State.UNDOING, "排队中", 0
        batch.save()
        journal(actor, "members.intake_undo_asked", subject=batch, paths=batch.paths, reason=reason)
        if queue:
            ask_job("undo_roster", batch, actor, reason=reason)
    return batch


def undo(number: int, actor: Actor, *, reason: str) -> RosterBatch:
    """Do what `ask_undo` asked for. One transaction; running it again is harmless."""
    batch = batch_for(number)
    if batch.state != State.UNDOING:
        return batch
    try:
        with Progress(batch.pk) as progress:
            _take_back(batch, actor, reason, progress)
    except (OSError, DatabaseError) as failure:
        if not is_full(failure):
            raise
        put(
            batch,
            state=State.COMMITTED,
            stage="",
            message=NO_SPACE.format("撤销").replace("继续", "撤销整批"),
        )
    return batch_for(number)


@transaction.atomic
def _take_back(batch: RosterBatch, actor: Actor, reason: str, progress: Progress) -> None:
    with connection.cursor() as cursor:
        cursor.execute(committing.LOCK)
    tree.keep_still()
    batch.refresh_from_db()
    if batch.state != State.UNDOING or batch.committed_at is None:
        return
    progress.tell("撤销入库", 0, batch.rows)
    now = timezone.now()
    with tallying.of_batch_undone(batch):
        result = undoing.take_back(batch, now, timezone.localdate(batch.committed_at))
    batch.counts = batch.counts | {f"undo_{key}": value for key, value in result.items()}
    batch.state, batch.stage, batch.done, batch.undone_at = State.UNDONE, "", batch.rows, now
    journal(
        actor, "members.intake_undone", subject=batch, paths=batch.paths, reason=reason, detail=result,
        digest=committing.digest(batch),
    )  # fmt: skip
    batch.save()


@transaction.atomic
def discard(actor: Actor, *, batch: RosterBatch) -> RosterBatch:
    """Give a batch up before it was committed: its staged rows and its file go."""
    actor.require("members.intake", *batch.paths)
    batch = locked(batch)
    if batch.state not in (State.UPLOADED, State.READY):
        raise Refused(f"这批名册{batch.get_state_display()}，不能放弃。")
    RosterRow.objects.everywhere(reason="rows of this very batch").filter(batch=batch).delete()
    stored = [item for item in (batch.file, batch.error_file) if item is not None]
    batch.file = batch.error_file = None
    batch.state = State.DISCARDED
    batch.save()
    journal(actor, "members.intake_discarded", subject=batch, paths=batch.paths)
    for item in stored:
        attachments.remove(item)
    return batch


@transaction.atomic
def forget(batch: RosterBatch) -> None:
    """Leave no trace of a batch that was only tried (a dry run): rows, files and the batch itself go."""
    RosterRow.objects.everywhere(reason="rows of this very batch").filter(batch=batch).delete()
    stored = [item for item in (batch.file, batch.error_file) if item is not None]
    batch.delete()
    for item in stored:
        attachments.remove(item)
