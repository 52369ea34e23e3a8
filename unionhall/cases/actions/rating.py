"""A rating and what follows from it: a bad one opens the call back and the mending, whatever kind of case was rated."""

from __future__ import annotations

from unionhall.foundation.actors import Actor
from unionhall.records.actions import notify

from ..models import Case
from ..rules.appeals import RATINGS
from . import core

__all__ = ["settle", "tell_owner"]


def settle(actor: Actor, case: Case, *, rating: int, words: str, bad: bool) -> Case:
    """Make the move of the scheme; who has the case hears of a bad rating. The caller has asked who rates."""
    said = f"{RATINGS[rating]}{'：' + words if words else ''}"
    case = core.move(
        actor, case, "rate_badly" if bad else "rate_well", opinion=said, shown=True, by_right=True
    )
    if bad:
        tell_owner(case, f"职工评价“{RATINGS[rating]}”，请按时回访并整改")
    return case


def tell_owner(case: Case, title: str) -> None:
    if case.owner_id is not None:
        notify(
            case.owner_id, f"{case.number} {title}"[:100], case.title, f"/desk/cases/{case.number}/",
            path=case.organisation.path,
        )  # fmt: skip
