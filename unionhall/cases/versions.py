"""The version of its scheme that a case was opened under: its states, moves and clocks stay what they were."""

from functools import lru_cache
from typing import cast

from unionhall.rulebook.models import SchemeUse
from unionhall.rulebook.reading import read_content

from .models import Case
from .schemes.base import CaseScheme, Move


@lru_cache(maxsize=256)
def scheme_by_digest(digest: str) -> CaseScheme:
    """What a digest stands for never changes, so it is read once by each process."""
    return cast(CaseScheme, read_content(SchemeUse.objects.get(pk=digest).content).parameters)


def scheme_of(case: Case) -> CaseScheme:
    return scheme_by_digest(case.scheme_id)


def state_label(case: Case) -> str:
    """What people call the state; its code where the version does not know it."""
    try:
        return scheme_of(case).state(case.state).label
    except LookupError:
        return case.state


def moves_of(case: Case) -> tuple[Move, ...]:
    """What may be done from where the case stands."""
    return scheme_of(case).moves_from(case.state)
