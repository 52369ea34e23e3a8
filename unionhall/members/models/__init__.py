"""Nouns of members: persons, households, memberships as periods, employment, posts, cards, roster batches."""

from .amendments import Amendment
from .cards import Card
from .desks import DeskIdentity
from .households import Household, HouseholdMember, Relation
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
    "Household",
    "HouseholdMember",
    "Membership",
    "Person",
    "Post",
    "Relation",
    "RosterBatch",
    "RosterRow",
]
