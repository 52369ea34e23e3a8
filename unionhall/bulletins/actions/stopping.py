"""Giving up a notice, or one row of it, for another reason than an objection."""

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from ..models import NoticeRow, PublicNotice
from ..purposes import purpose as purpose_of
from ..rules import unfit
from .objecting import end, end_if_done, moot, resume
from .publicising import lock, note

_WHY = "rows of a notice whose verb asks by itself who acts"


@transaction.atomic
def stop(actor: Actor, *, notice: PublicNotice, reason: str) -> PublicNotice:
    """End a notice before its time, with the reason that stands in public; the domain hears of each open row."""
    fresh = lock(notice)
    actor.require("bulletins.publish", *fresh.organisation.paths)
    reason = reason.strip()
    if not reason:
        raise Refused("请写明终止公示的原因，会公开显示。", field="reason")
    if not fresh.is_running:
        raise Refused(f"这个公示{fresh.get_state_display()}，不能终止。请刷新页面查看最新状态。")
    _check_reason(fresh, reason)
    now = timezone.now()
    purpose = purpose_of(fresh.purpose)
    hook = purpose.on_stopped or purpose.on_upheld
    rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=fresh, state=NoticeRow.State.OPEN)
    for row in rows.order_by("order"):
        row.notice = fresh
        row.state, row.closed_at, row.paused_on = NoticeRow.State.REMOVED, now, None
        row.save(update_fields=["state", "closed_at", "paused_on"])
        hook(actor, row)
    fresh.reason = reason[:300]
    end(fresh, PublicNotice.State.STOPPED, now)
    note(actor, "stopped", fresh, reason=reason)
    return fresh


def _check_reason(notice: PublicNotice, reason: str) -> None:
    """It stands beside the list: what the list may not show, it may not tell either."""
    rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=notice, person__isnull=False)
    if why := unfit(reason, whole_names=rows.order_by().values_list("person__name", flat=True)):
        raise Refused(f"终止原因{why}，会公开显示，不能这样写。请改写。", field="reason")


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
