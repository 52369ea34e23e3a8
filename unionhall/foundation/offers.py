"""Offers: a lower room's page leaves a named place, and an upper room puts a link there.

This is how "a roster row that belongs elsewhere leads to a transfer" crosses rooms without an upward import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Offer:
    """A link offered beside an object: label, address, icon, and whether it is the page's main act."""

    label: str
    url: str
    icon: str = "arrow-right"
    primary: bool = False


Maker = Callable[[HttpRequest, Any], list[Offer]]
_makers: dict[str, list[Maker]] = {}


def offer(place: str) -> Callable[[Maker], Maker]:
    """Decorate `maker(request, object) -> list[Offer]` to fill a place such as "membership.detail"."""

    def register(maker: Maker) -> Maker:
        _makers.setdefault(place, []).append(maker)
        return maker

    return register


def offers(place: str, request: HttpRequest, subject: Any) -> list[Offer]:
    return [found for maker in _makers.get(place, ()) for found in maker(request, subject)]
