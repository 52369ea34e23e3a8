"""Work that waits: made by the real actions, acting as the accounts of the demonstration."""

from __future__ import annotations

from datetime import date

from .accounts import Opened
from .province import Province

__all__ = ["leave_work"]


def leave_work(made: Province, opened: Opened, today: date, report: object) -> None:
    """Admissions, transfers, a founding, rosters, messages."""
