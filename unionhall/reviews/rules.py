"""Due dates, pauses and lights of a step: pure arithmetic over a working calendar. Today is always an argument."""

from dataclasses import dataclass
from datetime import date

from unionhall.kit.workdays import AMBER_DAYS, Calendar


def due_date(opened_on: date, working_days: int, calendar: Calendar) -> date:
    """The last day of a step opened on a day; the day of opening does not count (民法典 art. 201)."""
    if working_days < 1:
        raise ValueError("a step has at least one working day")
    return calendar.add_working_days(opened_on, working_days)


def resumed_due_date(due_on: date, paused_on: date, resumed_on: date, calendar: Calendar) -> date:
    """The due date after a pause: moved by the working days of the pause, so that as many days are left as before.

    A step that was overdue when paused is overdue by the same number of working days afterwards.
    """
    if resumed_on < paused_on:
        raise ValueError("a pause ends on or after the day it began")
    return calendar.add_working_days(due_on, calendar.working_days_between(paused_on, resumed_on))


@dataclass(frozen=True)
class LightBounds:
    """Where the lights change: red when due before `today`, green when due on `green_from` or later."""

    today: date
    green_from: date

    def light(self, due_on: date) -> str:
        """The same answer as kit's deadline_state, from two dates: so a whole table can be counted in SQL."""
        if due_on < self.today:
            return "red"
        return "green" if due_on >= self.green_from else "amber"


def light_bounds(today: date, calendar: Calendar) -> LightBounds:
    """Green means more than three working days left."""
    return LightBounds(today, calendar.add_working_days(today, AMBER_DAYS + 1))
