"""What the tree asks from the rooms above: the rules of a term, dated and by place, and what a superior remarks.

The values are scheme parameters, and schemes are read above this room; so a room above supplies them when Django is
ready (`organising.parameters`). Nothing is assumed here: with nothing supplied, asking fails and says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured

from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import Access
from unionhall.kit.periods import months_after

from .models import Organisation
from .rules import Remark


@dataclass(frozen=True)
class TermParameters:
    """`years(level)`: the lengths a union may choose. `remind_months_before`: how early the end turns amber."""

    years: Callable[[int], tuple[int, ...]]
    remind_months_before: int

    def soon(self, day: date) -> date:
        """The last end of a term that is announced on a day."""
        return months_after(day, self.remind_months_before)


class TermSupply(Protocol):
    """The parameters in force on a day in a division. Raises Refused where no version holds."""

    def __call__(self, on: date, division: str) -> TermParameters: ...


#: Which division prefixes have parameters of their own on a day; "" is everywhere else.
PlaceSupply = Callable[[date], Sequence[str]]
#: Remarks on unions by id, for what the actor may see of their figures; a fixed number of queries however many.
RemarkSupply = Callable[[Access, Iterable[Organisation], date], dict[int, list[Remark]]]

_terms: TermSupply | None = None
_places: PlaceSupply | None = None
_remarks: RemarkSupply | None = None


def supply_terms(terms: TermSupply, places: PlaceSupply) -> None:
    """Called by the room that reads the schemes. The last call holds: tests put their own."""
    global _terms, _places
    _terms, _places = terms, places


def supply_remarks(remarks: RemarkSupply) -> None:
    global _remarks
    _remarks = remarks


def terms(on: date, division: str) -> TermParameters:
    """The rules of a term on a day in a division. Refused: none hold; ImproperlyConfigured: none are supplied."""
    if _terms is None:
        raise ImproperlyConfigured("No room supplies the rules of terms: call parameters.supply_terms.")
    return _terms(on, division)


def soon(day: date, division: str) -> date:
    """The last end of a term that shows amber on a day; a day without rules (far in the past) announces nothing."""
    try:
        return terms(day, division).soon(day)
    except Refused:
        return day


def soon_by_place(day: date) -> list[tuple[str, date]]:
    """`soon` for every division prefix with rules of its own, the longest prefix first, everywhere else ("") last."""
    if _places is None:
        raise ImproperlyConfigured("No room supplies the rules of terms: call parameters.supply_terms.")
    prefixes = sorted({*_places(day), ""}, key=lambda prefix: (-len(prefix), prefix))
    return [(prefix, soon(day, prefix)) for prefix in prefixes]


def remarks(access: Access, organisations: Iterable[Organisation], day: date) -> dict[int, list[Remark]]:
    """What a superior would remark on, by union."""
    if _remarks is None:
        raise ImproperlyConfigured("No room supplies remarks: call parameters.supply_remarks.")
    return _remarks(access, organisations, day)
