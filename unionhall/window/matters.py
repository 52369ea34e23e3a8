"""The matters that a window takes. Each is a few lines in `kinds/`: what it asks, which papers, how it is filed.

A matter asks nothing that the register knows: its form is given the scene (the person, his membership, the window).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from unionhall.benefits.schemes.base import Paper
from unionhall.cases.models import Case
from unionhall.foundation.actors import Actor
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.reviews.models import Review

WHY = "the matters of the person who stands at the counter"


@dataclass(frozen=True)
class Scene:
    """Who stands at the counter, in which union, and where the counter is."""

    person: Person
    membership: Membership | None
    organisation: Organisation
    today: date
    #: Which variant of a matter: a kind of event, say.
    variant: str = ""

    @property
    def union(self) -> Organisation:
        """Where what concerns him is decided: his own union, or the window's for one who has none."""
        return self.membership.organisation if self.membership is not None else self.organisation


@dataclass(frozen=True)
class Filed:
    """What a matter was filed as; or `result`, in words, where it was done at once."""

    review: Review | None = None
    case: Case | None = None
    result: str = ""


Start = Callable[[Actor, Scene, dict[str, Any]], Filed]
MakeForm = Callable[..., forms.Form]


def no_papers(scene: Scene) -> Sequence[Paper]:
    return ()


def nothing_bars(scene: Scene) -> str:
    return ""


def no_consents(scene: Scene) -> Sequence[str]:
    return ()


def agreeing(*purposes: str) -> "Callable[[Scene], Sequence[str]]":
    """The same purposes whoever asks."""
    return lambda scene: purposes


def no_variants(scene: Scene) -> Sequence[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Matter:
    """A kind of matter.

    `form(*args, scene=, matter=, **kwargs)` asks; `start` files it through the domain's own action, with an actor who
    stands for the person. `papers` are brought on paper; `uploads`: the form itself takes them as files.
    `consents`: purposes that the person must have agreed to. `barred(scene)` says why it cannot be taken, "" if it can.
    `of`: conditions on Review (`reviews`) or Case (`cases`) that find the person's own matters of this kind.
    `programme` joins it with what the judge of entitlements says. `next_step`: what happens then, for the receipt.
    """

    code: str
    title: str
    icon: str
    form: MakeForm
    start: Start
    next_step: str
    hint: str = ""
    papers: Callable[[Scene], Sequence[Paper]] = no_papers
    uploads: bool = False
    consents: Callable[[Scene], Sequence[str]] = no_consents
    barred: Callable[[Scene], str] = nothing_bars
    variants: Callable[[Scene], Sequence[tuple[str, str]]] = no_variants
    reviews: Callable[[int], Q] | None = None
    case_kind: str = ""
    programme: str = ""
    #: What the person may fetch when it is granted; empty: nothing is handed over.
    hands_over: str = ""
    order: int = field(default=50)


_matters: dict[str, Matter] = {}


class UnknownMatter(LookupError):
    """No kind of matter has this code."""


def register(*found: Matter) -> None:
    """Said by the modules of `kinds` when Django is ready; a code is given once."""
    for one in found:
        if _matters.setdefault(one.code, one) is not one:
            raise ValueError(f"matter {one.code} is registered twice")


def matter(code: str) -> Matter:
    try:
        return _matters[code]
    except KeyError:
        raise UnknownMatter(code) from None


def matters() -> list[Matter]:
    return sorted(_matters.values(), key=lambda one: (one.order, one.code))


# What a person has ---------------------------------------------------------------------------------------------


def reviews_of(person: Person) -> Any:
    """Every matter under review that is this person's, by account or by the domain's own row. Not yet evaluated."""
    mine = Q(pk__in=[])
    if person.account_id is not None:
        mine |= Q(concerns_id=person.account_id) | Q(submitted_by_id=person.account_id)
    for one in _matters.values():
        if one.reviews is not None:
            mine |= one.reviews(person.pk)
    return Review.objects.everywhere(reason=WHY).filter(mine)


def cases_of(person: Person) -> Any:
    return Case.objects.everywhere(reason=WHY).filter(person=person)


def standing_against(one: Matter, person: Person, since: date) -> tuple[str, str]:
    """For a paper of a day: ("filed" | "decided" | "open" | "", number of the person's own matter that is there).

    A case that was opened since may be the same paper; one that was open already ("open") is likely another matter.
    """
    if one.reviews is not None:
        rows = Review.objects.everywhere(reason=WHY).filter(one.reviews(person.pk))
        if (open_one := rows.open().order_by("-pk").first()) is not None:
            return "filed", open_one.number
        done = rows.filter(state__in=["approved", "refused"], decided_at__date__gte=since)
        if (last := done.order_by("-pk").first()) is not None:
            return "decided", last.number
    if one.case_kind:
        cases = Case.objects.everywhere(reason=WHY).filter(person=person, kind=one.case_kind).order_by("-pk")
        if (fresh := cases.filter(opened_at__date__gte=since).first()) is not None:
            return ("decided" if fresh.closed_at else "filed"), fresh.number
        if (earlier := cases.filter(closed_at=None).first()) is not None:
            return "open", earlier.number
    return "", ""
