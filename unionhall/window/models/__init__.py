"""Nouns of the window, by file."""

from .halls import Counter, Hall, QueueKind, Ticket
from .intakes import Authorisation, HandOver, Intake, Reception
from .papers import PaperBatch, PaperRow

__all__ = [
    "Authorisation",
    "Counter",
    "Hall",
    "HandOver",
    "Intake",
    "PaperBatch",
    "PaperRow",
    "QueueKind",
    "Reception",
    "Ticket",
]
