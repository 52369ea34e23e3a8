"""What a domain says about a matter under review: its name, its facts, and what follows from each decision.

A domain registers its procedures in its own `procedures` module (imported when Django is ready); the mechanism
never knows a domain. Hooks run in the transaction of the decision: a Refused raised by one undoes the decision.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.members.hands import hands

from .models import Review

Hook = Callable[[Actor, Review], None]


def concerns(actor: Actor, review: Review) -> bool:
    """The default of `is_own`: the person concerned has the actor's account."""
    return actor.account_id is not None and actor.account_id == review.concerns_id


def nobody(review: Review) -> int | None:
    """The default of `about`: the matter concerns no person of the register."""
    return None


def conflicted(actor: Actor, review: Review) -> bool:
    """Whether the actor must keep out: he, under any of his accounts, submitted the matter or is concerned by it."""
    rules = procedure(review.procedure)
    mine = hands(actor.access)
    return (
        mine.touch(review.submitted_by_id, review.concerns_id)
        or rules.is_own(actor, review)
        or (mine.person_id is not None and mine.person_id == rules.about(review))
    )


def own_page(review: Review) -> str:
    """The default of `url_for_submitter`: the matter among 我的办件."""
    return reverse("m_application", args=[review.number])


def nothing(actor: Actor, review: Review) -> None:
    """The default of optional hooks."""


@dataclass(frozen=True)
class Procedure:
    """A kind of matter.

    `facts(review)` gives (label, value) pairs, masked, at a cost that does not grow with their number.
    `may_approve(actor, review)` raises Refused while something is missing (a consent, say); asked at every step.
    `is_own` says whether the acting account is the person's the matter is about: he may carry it.
    `about` is that person, account or not: nobody decides on his own matter, whichever account he uses (`conflicted`).
    `supplement_url(review)`: the domain's own page for completing the matter; without it a note and a file are asked.
    """

    code: str
    title: str
    prefix: str
    on_approved: Hook
    on_refused: Hook
    facts: Callable[[Review], list[tuple[str, str]]]
    on_returned: Hook | None = None
    on_withdrawn: Hook | None = None
    may_approve: Hook = nothing
    about: Callable[[Review], int | None] = nobody
    is_own: Callable[[Actor, Review], bool] = concerns
    url_for_submitter: Callable[[Review], str] = own_page
    supplement_url: Callable[[Review], str] | None = None
    #: Labels of facts that are a person's name: whole only for those who may see the member register there.
    names: frozenset[str] = frozenset()


_procedures: dict[str, Procedure] = {}


class UnknownProcedure(LookupError):
    """A review names a procedure that no room registers: a spelling mistake, never a refusal."""


def register(*procedures: Procedure) -> None:
    """Called by each domain's `procedures` module. Codes and prefixes are unique."""
    for procedure in procedures:
        clash = next((known for known in _procedures.values() if known.prefix == procedure.prefix), None)
        if procedure.code in _procedures or clash is not None:
            raise ValueError(f"procedure {procedure.code} or prefix {procedure.prefix} is registered twice")
        _procedures[procedure.code] = procedure


def procedure(code: str) -> Procedure:
    try:
        return _procedures[code]
    except KeyError:
        raise UnknownProcedure(code) from None


def procedures() -> list[Procedure]:
    return sorted(_procedures.values(), key=lambda item: item.code)


def title_of(code: str) -> str:
    """The Chinese name of a procedure; the code itself for one that is no longer registered."""
    found = _procedures.get(code)
    return found.title if found is not None else code
