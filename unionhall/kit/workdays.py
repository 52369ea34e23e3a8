"""Working days over an editable holiday table, and the traffic light of a deadline.

The State Council publishes each year's holidays late in the year before, so nothing here assumes them: the
calendar is given a table, which `published_days` can seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, NamedTuple

__all__ = ["AMBER_DAYS", "Calendar", "DeadlineState", "PublishedDay", "deadline_state", "published_days"]

AMBER_DAYS = 3
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_LONGEST_WAIT = 3660


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday, except what `holidays` says: True a make-up working day, False a day off."""

    holidays: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """True when offices are open on that day."""
        return self.holidays.get(day, day.weekday() < _SATURDAY)

    def add_working_days(self, start: date, days: int) -> date:
        """The day on which `days` working days after `start` have run; the starting day does not count.

        Negative counts backwards; 0 answers `start` itself. Source: 民法典 art. 201, 民事诉讼法 art. 85.
        ValueError when the table leaves ten years without enough working days.
        """
        step, remaining, day = (_ONE_DAY if days > 0 else -_ONE_DAY), abs(days), start
        for _ in range(_LONGEST_WAIT + 7 * abs(days)):
            if not remaining:
                return day
            day += step
            remaining -= self.is_working_day(day)
        raise ValueError("the holiday table has no working days left to count")

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        span = range(1, (end - start).days + 1)
        return sum(self.is_working_day(start + timedelta(days=offset)) for offset in span)

    def next_working_day(self, day: date) -> date:
        """`day` itself when offices are open, else the next day they are (民法典 art. 203)."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)


class DeadlineState(NamedTuple):
    """Colour and working days left; overdue is negative, and its first day already counts as −1."""

    colour: Literal["green", "amber", "red"]
    days: int


def deadline_state(due: date, today: date, calendar: Calendar) -> DeadlineState:
    """Green: more than three working days left; amber: three or fewer (0 = due today); red: overdue."""
    if today > due:
        return DeadlineState("red", -max(1, calendar.working_days_between(due, today)))
    left = calendar.working_days_between(today, due)
    return DeadlineState("green" if left > AMBER_DAYS else "amber", left)


class PublishedDay(NamedTuple):
    """One exception to Monday–Friday, for seeding a holiday table."""

    day: date
    is_workday: bool
    name: str


_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


def published_days() -> Iterator[PublishedDay]:
    """Every day off and make-up working day that the installed `chinesecalendar` knows, oldest first."""
    from chinese_calendar import constants

    days_off: Mapping[date, str] = constants.holidays
    makeup_days: Mapping[date, str] = constants.workdays
    for day in sorted({*days_off, *makeup_days}):
        is_workday = day in makeup_days
        key = makeup_days[day] if is_workday else days_off[day]
        name = _NAMES.get(key, key)
        yield PublishedDay(day, is_workday, f"{name}调休上班" if is_workday else name)
