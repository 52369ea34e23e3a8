"""Words in case texts: every single character and every pair of neighbours is kept beside a text and indexed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import BooleanField, Count, OuterRef, Q, Subquery, Value

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.kit.text import to_half_width

from .models import Case, CaseQuerySet, CaseText

#: What separates words and stands in none.
_GAPS = re.compile(r"[\W_]+")
#: A text is found by what stands in its first part; the index stays small where somebody pastes a book.
INDEXED = 4_000
LONGEST = 60
#: Words are frequent that stand in `OFTEN` of so many newest texts, or in more than `NAMED` of all: then a page is soon
#: full when the list itself is read in its order. Fewer cases are named one by one.
NEWEST, OFTEN = 500, 10
NAMED = 2_000


def _runs(text: str) -> list[str]:
    return [run for run in _GAPS.split(to_half_width(text).lower()) if run]


def words_of(text: str) -> list[str]:
    """Every character and every pair of neighbours, each once, in order."""
    found: dict[str, None] = {}
    for run in _runs(text[:INDEXED]):
        for place, character in enumerate(run):
            found[character] = None
            if place + 1 < len(run):
                found[run[place : place + 2]] = None
    return list(found)


def wanted(words: str) -> list[str]:
    """What a text must hold to be found: the pairs of each run asked for, or its only character."""
    found: dict[str, None] = {}
    for run in _runs(words[:LONGEST]):
        for pair in [run[place : place + 2] for place in range(len(run) - 1)] or [run]:
            found[pair] = None
    return list(found)


def _texts() -> ScopedQuerySet[CaseText]:
    return CaseText.objects.everywhere(reason="narrows cases that the reader may see")


@dataclass(frozen=True)
class Hits:
    """What a search found: the cases themselves, or that its words stand in too many to name them."""

    pairs: list[str]
    #: Cases in whose texts all the words stand; with `frequent` only the one whose number was given.
    cases: list[int]
    frequent: bool = False

    def among(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Those of the cases that are meant. Frequent words are looked for in each case, in the order of the list."""
        if not self.pairs:
            return cases
        if not self.frequent:
            return cases.filter(pk__in=self.cases)
        # A value, not EXISTS: PostgreSQL would look up every text of these words before it reads the first case.
        texts = _texts().filter(case=OuterRef("pk"), words__contains=self.pairs).order_by()
        said = Q(Subquery(texts.values(found=Value(True))[:1], output_field=BooleanField()))
        return cases.filter(said | Q(pk__in=self.cases) if self.cases else said)


def look_up(words: str) -> Hits:
    """The cases whose number is given, or in one of whose texts all the words stand; without anybody's scope.

    Words that are met often among the newest texts, or that stand in more than `NAMED` of them, are frequent.
    """
    pairs = wanted(words)
    if not pairs:
        return Hits([], [])
    numbered = Case.objects.everywhere(reason="narrows cases that the reader may see")
    found = list(numbered.filter(number=words.strip().upper()).values_list("pk", flat=True))
    newest = _texts().order_by("-pk")[:NEWEST]
    if newest.aggregate(met=Count("pk", filter=Q(words__contains=pairs)))["met"] >= OFTEN:
        return Hits(pairs, found, frequent=True)
    keys = list(
        _texts().filter(words__contains=pairs).order_by().values_list("case_id", flat=True)[: NAMED + 1]
    )
    if len(keys) > NAMED:
        return Hits(pairs, found, frequent=True)
    return Hits(pairs, sorted({*found, *keys}))
