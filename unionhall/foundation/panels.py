"""Panels: a lower room's page leaves a named place, and an upper room puts a part of a page there.

Like offers, which put links: this is how the figures of a union and its posts stand on the union's own page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """A template and what it is given (`panel.given` in the template)."""

    template: str
    given: Mapping[str, Any] = field(default_factory=dict)


#: `maker(request, subject, day)`; day None is today; None when there is nothing to show to this actor.
Maker = Callable[[HttpRequest, Any, date | None], Panel | None]
_makers: dict[str, list[Maker]] = {}


def panel(place: str) -> Callable[[Maker], Maker]:
    """Decorate a maker to fill a place such as "organisation.detail"."""

    def register(maker: Maker) -> Maker:
        _makers.setdefault(place, []).append(maker)
        return maker

    return register


def panels(place: str, request: HttpRequest, subject: Any, day: date | None = None) -> list[Panel]:
    found = (maker(request, subject, day) for maker in _makers.get(place, ()))
    return [one for one in found if one is not None]
