"""Half-open periods of days, anniversaries and ages.

A `Period` matches PostgreSQL's daterange: the start counts, the end does not, no end means still running.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

__all__ = ["Period", "age_on", "as_of", "has_overlap", "months_after", "years_after"]

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, not including, `end`. ValueError when it would hold no day."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} … {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    @property
    def bounds(self) -> tuple[date, date | None]:
        """(start, end) as a date range field takes them."""
        return self.start, self.end

    @property
    def days(self) -> int | None:
        """Number of days; None while it is running."""
        return None if self.end is None else (self.end - self.start).days

    def overlaps(self, other: Period) -> bool:
        """True when at least one day is in both."""
        return self.intersection(other) is not None

    def intersection(self, other: Period) -> Period | None:
        """The days in both, or None."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return None if end is not None and end <= start else Period(start, end)

    def closed_on(self, day: date) -> Period:
        """The same period ending on `day` (which no longer counts), never later than it already ended."""
        return Period(self.start, day if self.end is None else min(day, self.end))


def as_of(day: date, placed: Iterable[tuple[Period, Thing]]) -> Thing | None:
    """What was in force on a day among (period, thing) pairs; the first found, None when nothing was."""
    return next((thing for period, thing in placed if day in period), None)


def has_overlap(periods: Iterable[Period]) -> bool:
    """True when any two of the periods share a day."""
    ordered = sorted(periods, key=lambda period: period.start)
    return any(earlier.overlaps(later) for earlier, later in pairwise(ordered))


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, else the last of that month. Source: 民法典 art. 202."""
    month_index = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_after(day: date, years: int) -> date:
    """The corresponding day so many years later; 29 February becomes 28 February."""
    return months_after(day, years * 12)


def age_on(birth: date, day: date) -> int:
    """Full years of age (周岁), reached on the birthday. ValueError before birth."""
    if day < birth:
        raise ValueError(f"{day} is before the birth on {birth}")
    years = day.year - birth.year
    return years if years_after(birth, years) <= day else years - 1
