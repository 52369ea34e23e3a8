"""When a time limit ends. Pure: the moment it began, its length and unit, the calendar, what pauses have taken.

Minutes and hours run round the clock. Days and working days are counted from the day after the beginning (民法典
art. 201) and end with the last moment of their last day; where the last of a number of days is a day off, the next
working day is the last (art. 203). A pause gives back what was left when it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from unionhall.kit.workdays import Calendar

from ..schemes.base import Unit

__all__ = ["Pauses", "day_of", "due", "end_of", "is_late", "paused_days", "taken"]

_SHORT: dict[str, timedelta] = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}
_END = time(23, 59, 59, 999999)


@dataclass(frozen=True)
class Pauses:
    """What pauses that are over have taken: working days of a clock in working days, else seconds."""

    days: int = 0
    seconds: int = 0


NONE = Pauses()


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day on which a moment falls where people look at the calendar."""
    return moment.astimezone(zone).date()


def end_of(day: date, zone: tzinfo) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day, _END, tzinfo=zone)


def due(
    started_at: datetime,
    unit: Unit,
    amount: int,
    calendar: Calendar,
    zone: tzinfo,
    pauses: Pauses = NONE,
) -> datetime:
    """The last moment of a limit of `amount` units that began at `started_at`."""
    if unit in _SHORT:
        return started_at + _SHORT[unit] * amount + timedelta(seconds=pauses.seconds)
    first = day_of(started_at, zone)
    if unit == "days":
        last = first + timedelta(days=amount, seconds=pauses.seconds)
        return end_of(calendar.next_working_day(last), zone)
    return end_of(calendar.add_working_days(first, amount + pauses.days), zone)


def paused_days(pauses: Sequence[date], calendar: Calendar) -> int:
    """Working days that pauses took, given as the days on which each began and ended, in turn.

    The day on which a pause begins is still used up, the day on which it ends is not.
    """
    return sum(
        calendar.working_days_between(begun, ended)
        for begun, ended in zip(pauses[::2], pauses[1::2], strict=False)
        if ended > begun
    )


def taken(paused_at: datetime, resumed_at: datetime, unit: Unit, zone: tzinfo) -> int:
    """The seconds that one pause took; of a clock in days whole days, of one in working days none (they are days)."""
    if unit in _SHORT:
        return max(0, int((resumed_at - paused_at).total_seconds()))
    if unit == "days":
        return max(0, (day_of(resumed_at, zone) - day_of(paused_at, zone)).days) * 86_400
    return 0


def is_late(due_at: datetime, ended_at: datetime) -> bool:
    """Whether what ended then is overdue. The last moment itself is in time."""
    return ended_at > due_at
