"""Searching open memberships by name: the words that the index knows, and the conditions that ask for them.

A membership copies its person's name and initials, so that one index can say who is called so in which county.
"""

from itertools import pairwise
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Lookup

from unionhall.foundation.fields import PathField

#: The length of a county's path: the words of a name carry it.
COUNTY = 12

Rows = TypeVar("Rows", bound=QuerySet[Any])


class Words(models.Func):
    """Of a name and a path: each character, each character with its county, each pair of neighbours.

    The function stands in the database (migration 0010); `words` says the same in Python.
    """

    function = "members_words"
    arity = 2
    output_field = ArrayField(models.TextField())


def words(text: str, path: str = "") -> list[str]:
    """The words that a name with this text in it must have; under a county's path, those of its county."""
    county = path[:COUNTY] if len(path) >= COUNTY else ""
    pairs = [one + two for one, two in pairwise(text)]
    return [*pairs, *(one + county for one in text)] if county or not pairs else pairs


@PathField.register_lookup
class Begins(Lookup):
    """`path__begins=prefix`: the same rows as `startswith`, in words that no index knows.

    A whole county's rows taken from an index, only to be intersected with a name's, cost more than the search.
    """

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"STRPOS({column}, %s) = 1", (*params, self.rhs)


def with_name(rows: Rows, text: str, path: str = "") -> Rows:
    """Memberships under the path with these characters in the name, by the index over its words."""
    rows = rows.alias(words=Words("name", "path")).filter(words__contains=words(text, path))
    return rows if len(text) == 1 else rows.filter(name__contains=text)


def walking(rows: Rows, text: str) -> Rows:
    """The same, or those with these initials, read one after the other in the order of the list: for a text that very
    many names have, in words that no index of names knows."""
    if text.isascii():
        return rows.alias(place=StrIndex("initials", Value(text.lower()))).filter(place=1)
    return rows.alias(place=StrIndex("name", Value(text))).filter(place__gt=0)


def initials_q(text: str, prefix: str = "") -> Q:
    """Initials that begin so. As a range: the planner knows its share from the histogram, that of LIKE it guesses."""
    first = text.lower()
    return Q(
        **{f"{prefix}initials__gte": first, f"{prefix}initials__lt": first[:-1] + chr(ord(first[-1]) + 1)}
    )
