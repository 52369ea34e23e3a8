"""What the network asks from the rooms above: its standards, dated and by place.

The values are scheme parameters, and schemes are read above this room; so a room above supplies them when Django is
ready (`portal.parameters`). Nothing is assumed here: with nothing supplied, asking fails and says so.
"""

from datetime import date
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured

from .rules.standards import Standards


class StandardSupply(Protocol):
    """The standards in force on a day in a division. Raises Refused where no version holds."""

    def __call__(self, on: date, division: str) -> Standards: ...


_standards: StandardSupply | None = None


def supply_standards(standards: StandardSupply) -> None:
    """Called by the room that reads the schemes. The last call holds: tests put their own."""
    global _standards
    _standards = standards


def standards(on: date, division: str) -> Standards:
    """Refused: no version holds there; ImproperlyConfigured: none is supplied."""
    if _standards is None:
        raise ImproperlyConfigured(
            "No room supplies the network's standards: call parameters.supply_standards."
        )
    return _standards(on, division)
