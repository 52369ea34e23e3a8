"""Figures of visits, by noun."""

from . import contacts, duties, items, visits

__all__ = ["contacts", "duties", "items", "visits"]
