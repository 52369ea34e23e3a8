"""进度查询 for matters that are no reviews: rooms above answer for their own numbers, where a code is given with it."""

from collections.abc import Callable
from typing import Any

#: `(number, code)` → what the page shows: number, procedure, state, code, clock, submitted_at, decided_at; or None.
LookUp = Callable[[str, str], dict[str, Any] | None]
_look_ups: list[LookUp] = []


def register(look_up: LookUp) -> LookUp:
    """Usable as a decorator; said by a room's `procedures`."""
    if look_up not in _look_ups:
        _look_ups.append(look_up)
    return look_up


def look_up(number: str, code: str) -> dict[str, Any] | None:
    """The first that knows the number and accepts the code."""
    found = (one(number, code) for one in _look_ups)
    return next((one for one in found if one is not None), None)
