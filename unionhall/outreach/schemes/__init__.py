"""Parameters of visits: clocks, deadlines, targets of the year."""

from . import words as _words  # noqa: F401 — declares what parameters are called
from .outreach import PROGRAMME, OutreachScheme, Target

__all__ = ["PROGRAMME", "OutreachScheme", "Target"]
