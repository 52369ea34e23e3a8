"""Nouns of members: persons and their documents, memberships as periods, employment, posts, cards, roster batches."""

from .amendments import Amendment
from .cards import Card
from .desks import DeskIdentity
from .intake import Export, RosterBatch, RosterRow
from .memberships import Employment, Membership, Post
from .persons import Consent, Person
from .tallies import CellDelta, FlowDelta

__all__ = [
    "Amendment",
    "Card",
    "CellDelta",
    "Consent",
    "DeskIdentity",
    "Employment",
    "Export",
    "FlowDelta",
    "Membership",
    "Person",
    "Post",
    "RosterBatch",
    "RosterRow",
]
