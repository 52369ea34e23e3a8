"""Rosters hold people's numbers: what they were needed for ends, and then file and staged rows go."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import system_actor
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..models import RosterBatch, RosterRow
from .limits import limits, undo_until

__all__ = ["clear_ended"]

State = RosterBatch.State
_ENDED = (State.COMMITTED, State.UNDONE, State.REFUSED, State.DISCARDED)
_WAITING = (State.UPLOADED, State.READY)
NOT_CONFIRMED = "上传后一直没有确认入库，已到保存期限，名册文件和核对结果已自动清除。需要时请重新上传。"


def clear_ended(now: datetime | None = None) -> int:
    """Clear batches that ended longer ago than they are kept, and those nobody ever confirmed; answers how many.

    What stays: the batch's line with its counts, and the journal entry with the digest of its rows.
    """
    now = now or timezone.now()
    rows = RosterBatch.objects.everywhere(reason="the platform clears what has served its purpose").filter(
        cleared_at=None, state__in=[*_ENDED, *_WAITING]
    )
    due = [batch.pk for batch in rows.select_related("organisation").iterator() if now >= _keep_until(batch)]
    return sum(_cleared(number, now) for number in due)


@transaction.atomic
def _cleared(number: int, now: datetime) -> bool:
    rows = RosterBatch.objects.everywhere(reason="the batch at hand, locked")
    batch = (
        rows.select_for_update(of=("self",), skip_locked=True)
        .select_related("organisation", "file", "error_file")
        .filter(pk=number, cleared_at=None, state__in=[*_ENDED, *_WAITING])
        .first()
    )
    if batch is None or now < _keep_until(batch):
        return False
    staged = RosterRow.objects.everywhere(reason="rows of this very batch").filter(batch=batch)
    count = staged._raw_delete(staged.db)
    stored = [item for item in (batch.file, batch.error_file) if item is not None]
    batch.file = batch.error_file = None
    batch.cleared_at = now
    if batch.state in _WAITING:
        batch.state, batch.stage, batch.message = State.DISCARDED, "", NOT_CONFIRMED
    batch.save()
    journal(
        system_actor(), "members.intake_cleared", subject=batch, paths=batch.paths,
        detail={"rows": count, "files": len(stored)},
    )  # fmt: skip
    for item in stored:
        attachments.remove(item)
    return True


def _keep_until(batch: RosterBatch) -> datetime:
    ended = batch.undone_at or batch.committed_at or batch.checked_at or batch.created_at
    found = limits(timezone.localdate(ended), batch.organisation.division)
    keep = ended + timedelta(days=found.keep_days)
    undo = undo_until(batch) if batch.state == State.COMMITTED else None
    return max(keep, undo) if undo else keep
