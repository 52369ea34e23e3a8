"""The operations of the interface, by what they are about."""

from __future__ import annotations

from typing import Any

from ..problems import ProblemOut

#: What any operation behind the gate may answer.
_ALWAYS = (400, 401, 403, 422, 429, 500)


def answers(good: dict[int, Any], *more: int) -> dict[int, Any]:
    """The declared responses of an operation: its good ones, the usual problems, and `more` problems."""
    return {**good, **dict.fromkeys(sorted({*_ALWAYS, *more}), ProblemOut)}
