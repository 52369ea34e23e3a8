"""Figures of a union's subtree: its value, its breakdown, the unions below it, its course over months."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from unionhall.indicators import registry

from . import drilling
from .drilling import Below, Place

__all__ = ["Below", "breakdown", "by_child", "month_ends", "trend", "values"]


def values(codes: Iterable[str], where: Place) -> dict[str, int]:
    """Figures of the whole subtree, by code."""
    return registry.values(codes, where)


def breakdown(code: str, where: Place, by: str) -> list[tuple[str, int]]:
    """A figure by the values of one of its dimensions, in the dimension's order; "" is not known."""
    return registry.breakdown(code, where, by)


def by_child(codes: Iterable[str], where: Place) -> list[Below]:
    """Figures of every union directly below."""
    return drilling.by_child(codes, where)


def trend(codes: Iterable[str], where: Place, months: int = 13) -> list[tuple[date, dict[str, int]]]:
    """Figures at the ends of months; the last is the day that is looked at (today when none)."""
    wanted = list(codes)
    return [
        (day, values(wanted, drilling.place(where.organisation, where.access, day)))
        for day in month_ends(where.day or timezone.localdate(), months)
    ]


def month_ends(last: date, months: int) -> list[date]:
    """The last days of the months before, oldest first, and `last` itself: `months` days in all."""
    found = [last]
    first = last.replace(day=1)
    while len(found) < months:
        found.append(first - timedelta(days=1))
        first = found[-1].replace(day=1)
    return found[::-1]
