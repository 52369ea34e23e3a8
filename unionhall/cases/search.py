"""Words in case texts: every single character and every pair of neighbours is kept beside a text and indexed."""

from __future__ import annotations

import re

from django.db.models import Exists, OuterRef, Q

from unionhall.kit.text import to_half_width

from .models import CaseQuerySet, CaseText

#: What separates words and stands in none.
_GAPS = re.compile(r"[\W_]+")
#: A text is found by what stands in its first part; the index stays small where somebody pastes a book.
INDEXED = 4_000
LONGEST = 60


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


def find(cases: CaseQuerySet, words: str) -> CaseQuerySet:
    """Those of the cases whose number is given, or in one of whose texts all the words stand."""
    pairs = wanted(words)
    if not pairs:
        return cases
    texts = CaseText.objects.everywhere(reason="texts of cases that the given queryset admits")
    held = Exists(texts.filter(case=OuterRef("pk"), words__contains=pairs))
    return cases.filter(Q(number=words.strip().upper()) | held)
