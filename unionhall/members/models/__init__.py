"""Nouns of members: persons and their documents, memberships as periods, employment, posts, cards, roster batches."""

from .amendments import Amendment
from .cards import Card
from .intake import Export, RosterBatch, RosterRow
from .memberships import Employment, Membership, Post
from .persons import Consent, Person

__all__ = [
    "Amendment",
    "Card",
    "Consent",
    "Employment",
    "Export",
    "Membership",
    "Person",
    "Post",
    "RosterBatch",
    "RosterRow",
]
