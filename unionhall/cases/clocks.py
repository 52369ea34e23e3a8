"""The clocks of a case: started, ended, paused and resumed by its moves; set anew when holidays change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from django.db.models import Min
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.kit.workdays import Calendar

from .models import Case, CaseClock
from .rules.clocks import Pauses, day_of, due, is_late, paused_days, taken
from .schemes.base import ClockRule, Unit

State = CaseClock.State


def _rows() -> ScopedQuerySet[CaseClock]:
    return CaseClock.objects.everywhere(reason="clocks follow the moves of their case, whoever makes them")


def of(case: Case) -> list[CaseClock]:
    """The clocks of a case that have not ended, the first due first."""
    return list(case.clocks.filter(ended_at=None).order_by("due_at", "pk"))


def due_of(clock: CaseClock, calendar: Calendar) -> datetime:
    """When it is due by what it holds; of one that is paused, as if it went on from the moment it was paused."""
    pauses = Pauses(clock.paused_days, clock.paused_seconds)
    zone = timezone.get_current_timezone()
    return due(clock.started_at, cast(Unit, clock.unit), clock.amount, calendar, zone, pauses)


def start(case: Case, rules: Iterable[ClockRule], now: datetime, calendar: Calendar) -> list[CaseClock]:
    """Begin these limits; one that runs already begins anew, and its former run no longer counts."""
    found = list(rules)
    if not found:
        return []
    end(case, [one.code for one in found], now, State.VOID)
    rows = []
    for rule in found:
        row = CaseClock(
            case=case,
            code=rule.code,
            label=rule.label,
            unit=rule.unit,
            amount=rule.length(case.grade),
            article=rule.article[:120],
            started_at=now,
        )
        row.due_at = due_of(row, calendar)
        rows.append(row)
    return CaseClock.objects.bulk_create(rows)


def end(case: Case, codes: Sequence[str] | None, now: datetime, state: State | None = None) -> int:
    """End these clocks (None: all): in time or late, as the moment says, or as `state`. Answers how many."""
    rows = case.clocks.filter(ended_at=None)
    found = list(rows if codes is None else rows.filter(code__in=codes))
    for row in found:
        late = row.state == State.RUNNING and is_late(row.due_at, now)
        row.state = state or (State.LATE if late else State.MET)
        row.ended_at = now
    _rows().bulk_update(found, ["state", "ended_at"])
    return len(found)


def pause(case: Case, codes: Sequence[str], now: datetime, reason: str) -> int:
    """Stop running clocks for a while; one that is overdue stays overdue."""
    rows = case.clocks.filter(state=State.RUNNING, code__in=codes, due_at__gte=now)
    return rows.update(state=State.PAUSED, paused_at=now, pause_reason=reason[:100])


def resume(case: Case, codes: Sequence[str], now: datetime, calendar: Calendar) -> int:
    """Let paused clocks go on with what was left of them."""
    zone = timezone.get_current_timezone()
    found = list(case.clocks.filter(state=State.PAUSED, code__in=codes))
    for row in found:
        assert row.paused_at is not None
        row.paused_seconds += taken(row.paused_at, now, cast(Unit, row.unit), zone)
        if row.unit == "working_days":
            row.pauses = [*row.pauses, day_of(row.paused_at, zone), day_of(now, zone)]
            row.paused_days = paused_days(row.pauses, calendar)
        row.state, row.paused_at, row.pause_reason = State.RUNNING, None, ""
        row.due_at = due_of(row, calendar)
    fields = ["paused_seconds", "pauses", "paused_days", "state", "paused_at", "pause_reason", "due_at"]
    _rows().bulk_update(found, fields)
    return len(found)


def regrade(case: Case, rules: Iterable[ClockRule], calendar: Calendar) -> None:
    """Open clocks take the length of the case's grade."""
    lengths = {rule.code: rule.length(case.grade) for rule in rules}
    found = [row for row in of(case) if lengths.get(row.code, row.amount) != row.amount]
    for row in found:
        row.amount = lengths[row.code]
        row.due_at = due_of(row, calendar)
    _rows().bulk_update(found, ["amount", "due_at"])


def count_from(case: Case, start: datetime, calendar: Calendar) -> None:
    """Open clocks in days run from an earlier moment; those in hours and minutes from when it became known."""
    found = [row for row in of(case) if row.unit in {"days", "working_days"}]
    for row in found:
        row.started_at = start
        row.due_at = due_of(row, calendar)
    _rows().bulk_update(found, ["started_at", "due_at"])


def first_due(case: Case) -> datetime | None:
    """The end of the running clock that ends first; None while none runs."""
    return cast(
        "datetime | None", case.clocks.filter(state=State.RUNNING).aggregate(first=Min("due_at"))["first"]
    )


def recompute(calendar: Calendar, *, since: date | None = None) -> int:
    """Every open clock in days after the calendar changed; set-based. See `recomputing`."""
    from .recomputing import recompute_all

    return recompute_all(calendar, since=since)


def lengthen(case: Case, code: str, by: int, calendar: Calendar) -> bool:
    """Add units to an open clock; False where none of this code is open."""
    found = case.clocks.filter(code=code, ended_at=None).first()
    if found is None:
        return False
    found.amount += by
    found.due_at = due_of(found, calendar)
    found.save(update_fields=["amount", "due_at"])
    return True
