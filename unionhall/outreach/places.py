"""The part of the tree that visits are counted for: a subtree in a year, through someone's eyes."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import NoAccess
from unionhall.foundation.scope import Access
from unionhall.organisations.subtrees import Subtree

__all__ = ["Place", "days_of"]


@dataclass(frozen=True)
class Place(Subtree):
    """The `where` of the room's figures. `year` 0 is the one of `day`, or this one."""

    access: Access = field(default_factory=NoAccess)
    year: int = 0


def days_of(where: Any) -> tuple[date, date]:
    """What a year's figures count: from the first of January to the day asked for, today or the year's end."""
    today = timezone.localdate()
    year = getattr(where, "year", 0)
    if year:
        return date(year, 1, 1), min(date(year, 12, 31), today)
    last = where.day or today
    return date(last.year, 1, 1), last
