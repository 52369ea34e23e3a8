"""For how long a roster may be taken back, and how long its file and staged rows are kept: scheme parameters.

Schemes are read above this room, so a room above supplies them when Django is ready (`organising.parameters`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from ..models import RosterBatch

__all__ = ["Limits", "limits", "supply", "undo_until"]


@dataclass(frozen=True)
class Limits:
    """`undo_days`: from the commit on; `keep_days`: from the batch's end on, never shorter than the undo."""

    undo_days: int
    keep_days: int


_supplied: Callable[[date, str], Limits] | None = None


def supply(found: Callable[[date, str], Limits]) -> None:
    """Called by the room that reads the schemes. The last call holds: tests put their own."""
    global _supplied
    _supplied = found


def limits(on: date, division: str) -> Limits:
    """What holds on a day in a division. Refused: no version does; ImproperlyConfigured: nothing is supplied."""
    if _supplied is None:
        raise ImproperlyConfigured(
            "No room supplies the limits of rosters: call members.intake.limits.supply."
        )
    return _supplied(on, division)


def undo_until(batch: RosterBatch) -> datetime | None:
    """The end of the time in which a committed batch may be taken back; the rule of the day of its commit holds."""
    if batch.committed_at is None:
        return None
    found = limits(timezone.localdate(batch.committed_at), batch.organisation.division)
    return batch.committed_at + timedelta(days=found.undo_days)
