"""Nouns of cases, by kind."""

from .case import Case, CaseClock, CaseEvent, CaseFile, CaseLink, CaseParty, CaseQuerySet, CaseText, Channel

__all__ = [
    "Case",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseLink",
    "CaseParty",
    "CaseQuerySet",
    "CaseText",
    "Channel",
]
