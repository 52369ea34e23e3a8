"""Giving up a notice, or one row of it, for another reason than an objection."""

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from ..models import NoticeRow, PublicNotice
from ..purposes import purpose as purpose_of
from .objecting import end, end_if_done, moot, resume
from .publicising import lock, note

_WHY = "rows of a notice whose verb asks by itself who acts"


@transaction.atomic
def stop(
    actor: Actor, *, notice: PublicNotice, why: PublicNotice.Stopping | str, reason: str
) -> PublicNotice:
    """End a notice before its time; the domain hears of each open row.

    `why` stands in public; `reason` tells more, in the journal alone: it may name people and what ails them.
    """
    fresh = lock(notice)
    actor.require("bulletins.publish", *fresh.organisation.paths)
    reason = reason.strip()
    if not reason:
        raise Refused("请写明终止公示的情况，记入日志。", field="reason")
    if not fresh.is_running:
        raise Refused(f"这个公示{fresh.get_state_display()}，不能终止。请刷新页面查看最新状态。")
    now = timezone.now()
    purpose = purpose_of(fresh.purpose)
    hook = purpose.on_stopped or purpose.on_upheld
    rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=fresh, state=NoticeRow.State.OPEN)
    for row in rows.order_by("order"):
        row.notice = fresh
        row.state, row.closed_at, row.paused_on = NoticeRow.State.REMOVED, now, None
        row.save(update_fields=["state", "closed_at", "paused_on"])
        hook(actor, row)
    fresh.reason = PublicNotice.Stopping(why).label
    end(fresh, PublicNotice.State.STOPPED, now)
    note(actor, "stopped", fresh, reason=reason, why=str(why))
    return fresh


@transaction.atomic
def withdraw_row(actor: Actor, *, notice: PublicNotice, key: str, reason: str) -> None:
    """Take one matter off the list because its domain says so (the applicant withdrew, say); no hook is called.

    A row that has ended, or is not there, is left as it is.
    """
    fresh = lock(notice)
    rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=fresh, key=key, state=NoticeRow.State.OPEN)
    row = rows.first()
    if row is None:
        return
    now = timezone.now()
    row.state, row.closed_at, row.paused_on = NoticeRow.State.REMOVED, now, None
    row.save(update_fields=["state", "closed_at", "paused_on"])
    moot(fresh, row, "这一行已经撤下，不再公示。", now)
    note(actor, "row_withdrawn", fresh, reason=reason, row=row.order)
    if fresh.is_running:
        resume(fresh, timezone.localdate(now))
        end_if_done(fresh, now)
