"""Nouns of visits."""

from .contacts import ContactPoint, DifficultFirm
from .duties import Trouble, VisitDuty
from .items import ItemEvent, RatingCheck, VisitItem, VisitRating
from .office import OfficeMonth
from .visits import Visit, Visitor, VisitPhoto, VisitStop

__all__ = [
    "ContactPoint",
    "DifficultFirm",
    "ItemEvent",
    "OfficeMonth",
    "RatingCheck",
    "Trouble",
    "Visit",
    "VisitDuty",
    "VisitItem",
    "VisitPhoto",
    "VisitRating",
    "VisitStop",
    "Visitor",
]
