"""What a domain says about a matter under review: its name, its facts, and what follows from each decision.

A domain registers its procedures in its own `procedures` module (imported when Django is ready); the mechanism
never knows a domain. Hooks run in the transaction of the decision: a Refused raised by one undoes the decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import Role
from unionhall.members import households
from unionhall.members.hands import Hands, hands
from unionhall.organisations.models import Organisation
from unionhall.records import attachments

from .models import Review

Hook = Callable[[Actor, Review], None]


def concerns(actor: Actor, review: Review) -> bool:
    """The default of `is_own`: the person concerned has the actor's account."""
    return actor.account_id is not None and actor.account_id == review.concerns_id


def nobody(review: Review) -> int | None:
    """The default of `about`: the matter concerns no person of the register."""
    return None


def household_of_concerned(review: Review) -> set[int]:
    """The default of `household`: who lives with the person the matter is about, himself included."""
    person = procedure(review.procedure).about(review)
    return households.of(person) if person is not None else set()


def conflicted(actor: Actor, review: Review) -> bool:
    """Whether the actor must keep out: he submitted the matter, it concerns him, or someone of his household."""
    return procedure(review.procedure).is_own(actor, review) or touches(hands(actor.access), review)


def touches(mine: Hands, review: Review) -> bool:
    """Whether the matter is this person's, under any of his accounts, or his household's."""
    rules = procedure(review.procedure)
    if mine.touch(review.submitted_by_id, review.concerns_id):
        return True
    if mine.person_id is None:
        return False
    return mine.person_id == rules.about(review) or mine.person_id in rules.household(review)


def own_page(review: Review) -> str:
    """The default of `url_for_submitter`: the matter among 我的办件."""
    return reverse("m_application", args=[review.number])


def nothing(actor: Actor, review: Review) -> None:
    """The default of optional hooks."""


def no_items(review: Review) -> Sequence["ReturnItem"]:
    """The default of `return_items`: the decider writes what is missing in his own words."""
    return ()


def never(review: Review) -> "Appeal | None":
    """The default of `appealable`: a refusal is final here."""
    return None


@dataclass(frozen=True)
class ReturnItem:
    """A ready-made thing to be completed: a stable code, and the words that the submitter reads."""

    code: str
    text: str


@dataclass(frozen=True)
class Appeal:
    """How a refusal is appealed: within how many working days, who decides it, within how many working days.

    `place` is where; without it the union above the one that refused. The nearest holder of `roles` from there up who
    has not decided before decides.
    """

    within: int = 10
    working_days: int = 10
    roles: tuple[Role, ...] = (Role.REVIEWER, Role.OFFICER)
    name: str = "上级复核"
    place: Organisation | None = None


@dataclass(frozen=True)
class Procedure:
    """A kind of matter.

    `facts(review)` gives (label, value) pairs, masked, at a cost that does not grow with their number.
    `may_approve(actor, review)` raises Refused while something is missing (a consent, say); asked at every step.
    `is_own` says whether the acting account is the person's the matter is about: he may carry it.
    `about` is that person, account or not: nobody decides on his own matter, whichever account he uses (`conflicted`).
    `household` are persons whose members keep out too; by default who shares a household with `about`.
    `return_items(review)`: ready-made items to tick when it is sent back, so that everything is told at once.
    `appealable(review)`: the terms of an appeal, from the scheme, say; None: there is none. `on_appealed` runs when one
    is raised; then, as after any decision, `on_approved` or (a second time) `on_refused`.
    `supplement_url(review)`: the domain's own page for completing the matter; without it a note and a file are asked.
    `papers`: the permission that the domain asks for its papers; what completes the matter is opened with it alone.
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
    household: Callable[[Review], set[int]] = household_of_concerned
    return_items: Callable[[Review], Sequence[ReturnItem]] = no_items
    appealable: Callable[[Review], Appeal | None] = never
    on_appealed: Hook | None = None
    url_for_submitter: Callable[[Review], str] = own_page
    supplement_url: Callable[[Review], str] | None = None
    papers: str = ""
    #: Labels of facts that are a person's name: whole only for those who may see the member register there.
    names: frozenset[str] = frozenset()

    @property
    def paper_purpose(self) -> str:
        """As what an attachment is kept that completes a matter of this kind."""
        return f"reviews.{self.code}"


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
        attachments.guard(procedure.paper_purpose)


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
