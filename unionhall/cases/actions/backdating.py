"""A paper that was handed in before it was entered: the case's clocks run from the paper's day."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.records.actions import journal
from unionhall.reviews.actions.submitting import PAPERS_WAIT

from .. import clocks
from ..models import Case
from ..versions import scheme_of
from .locking import lock_open, note


@transaction.atomic
def count_case_from(actor: Actor, case: Case, *, day: date) -> Case:
    """Limits in days count from the paper's day; who opened the case, and when, stays as it was.

    Only while it stands where it was opened; whether the actor may is asked by who opens it. Raises Refused for a day
    to come, or one more than `PAPERS_WAIT` days ago.
    """
    fresh, today = lock_open(case.pk), timezone.localdate()
    if not today - PAPERS_WAIT <= day <= today:
        raise Refused(f"材料日期应在最近 {PAPERS_WAIT.days} 天内，不能晚于今天。", field="paper_on")
    if fresh.state != scheme_of(fresh).states[0].code:
        raise Refused("这件案件已经有人办理，不能再改计时日期。")
    clocks.count_from(fresh, timezone.make_aware(datetime.combine(day, time(9))), working_calendar())
    fresh.due_at = clocks.first_due(fresh)
    fresh.save(update_fields=["due_at"])
    note(
        actor,
        fresh,
        "counted_from",
        "补录材料",
        opinion=f"材料日期 {day:%Y-%m-%d}，时限从这一天计算",
        shown=True,
    )
    journal(
        actor, "cases.counted_from", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail={"day": f"{day:%Y-%m-%d}"},
    )  # fmt: skip
    return fresh
