"""Parameters of visits: clocks, deadlines, targets of the year."""

from ..rules import visiting as _rules  # noqa: F401 — calculators that examples name
from . import words as _words  # noqa: F401 — declares what parameters are called
from .outreach import PROGRAMME, OutreachScheme, Target

__all__ = ["PROGRAMME", "OutreachScheme", "Target"]
