"""What pages and papers of the window show of a person's matters: where they stand, who has them, by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from unionhall.benefits import entitlements
from unionhall.cases import kinds
from unionhall.cases.models import Case
from unionhall.cases.versions import state_label
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import Role
from unionhall.kit.workdays import deadline_state
from unionhall.members.models import Person
from unionhall.reviews.models import Review, ReviewEvent, ReviewStep
from unionhall.reviews.presenting import asked, clock
from unionhall.reviews.procedures import title_of

from . import matters
from .matters import Matter, Scene
from .models import Intake

_WHY = "the matters of the person who stands at the counter"
SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One matter in a few words."""

    number: str
    title: str
    state: str
    code: str
    handler: str
    due: date | None
    clock: Any
    at: datetime
    missing: Sequence[str] = ()
    is_open: bool = True
    may_complete: bool = False
    texts: Sequence[str] = field(default=())


def rows_of(person: Person) -> list[Row]:
    """The person's matters, open ones first; a fixed number of statements."""
    reviews = list(matters.reviews_of(person).order_by("-pk")[:SHOWN])
    steps = _steps([one.pk for one in reviews if one.is_open])
    returned = _returns([one.pk for one in reviews if one.state == Review.State.RETURNED])
    found = [of_review(one, steps.get(one.pk), returned.get(one.pk)) for one in reviews]
    found += [of_case(one) for one in matters.cases_of(person).order_by("-pk")[:SHOWN]]
    return sorted(found, key=lambda one: (not one.is_open, -one.at.timestamp()))[:SHOWN]


def _steps(ids: Iterable[int]) -> dict[int, ReviewStep]:
    rows = ReviewStep.objects.everywhere(reason=_WHY).filter(review__in=list(ids), is_current=True)
    return {one.review_id: one for one in rows.select_related("organisation")}


def _returns(ids: Iterable[int]) -> dict[int, ReviewEvent]:
    """The last return of each."""
    rows = ReviewEvent.objects.everywhere(reason=_WHY).filter(review__in=list(ids), verb="returned")
    return {one.review_id: one for one in rows.order_by("pk")}


def of_review(review: Review, step: ReviewStep | None, returned: ReviewEvent | None) -> Row:
    today = timezone.localdate()
    handler = f"{step.organisation.name}的{Role(step.role).label}" if step is not None else ""
    return Row(
        review.number, title_of(review.procedure), review.get_state_display(), review.state, handler,
        step.due_on if step is not None else None, clock(step, today, working_calendar()), review.submitted_at,
        missing=asked(returned) if returned is not None else (), is_open=review.is_open,
        may_complete=review.state == Review.State.RETURNED,
    )  # fmt: skip


@dataclass(frozen=True)
class _Clock:
    due: date | None
    days: int | None
    paused: str
    done: bool


def of_case(case: Case) -> Row:
    due = timezone.localdate(case.due_at) if case.due_at else None
    days = (
        deadline_state(due, timezone.localdate(), working_calendar()).days if due and case.is_open else None
    )
    owner = case.owner.display_name if case.owner_id and case.owner is not None else ""
    return Row(
        case.number, kinds.kind(case.kind).title, state_label(case), "doing" if case.is_open else "done",
        owner or case.organisation.name, due, _Clock(due, days, "", not case.is_open), case.opened_at,
        is_open=case.is_open,
    )  # fmt: skip


def handling(intake: Intake) -> Row | None:
    """Where a taken matter stands now; None for what was done at once or only waits for papers."""
    if intake.review is not None:
        steps = _steps([intake.review.pk])
        returned = _returns([intake.review.pk]) if intake.review.state == Review.State.RETURNED else {}
        return of_review(intake.review, steps.get(intake.review.pk), returned.get(intake.review.pk))
    return of_case(intake.case) if intake.case is not None else None


def progress_address(number: str, code: str = "") -> str:
    """What the receipt's QR code opens: 进度查询 of this number (of a case with its code), on any phone.

    Behind `#`: a phone keeps it to itself, no proxy writes the code down.
    """
    asked = {"number": number} | ({"code": code} if code else {})
    return f"{settings.SITE_ADDRESS}{reverse('public_progress')}#{urlencode(asked)}"


def qr(text: str) -> SafeString:
    """A QR code as SVG without styles."""
    svg = segno.make(text, error="m").svg_inline(omitsize=True, border=1)
    return mark_safe(svg)  # noqa: S308 — segno's own drawing of our own address


@dataclass(frozen=True)
class Offered:
    """A matter on the reception's page: whether it can be taken, and what the judge of entitlements says."""

    matter: Matter
    barred: str
    qualifies: bool | None
    amount: str = ""


def offered(scene: Scene) -> list[Offered]:
    """Every matter for the person at the counter, with the judge's word where there is a programme for it."""
    judged = {
        one.offering.programme: one
        for one in entitlements.judged(scene.person.pk, scene.union.division, scene.today)
    }
    found = []
    for one in matters.matters():
        said = judged.get(one.programme)
        found.append(
            Offered(one, one.barred(scene), said.verdict.met if said else None, said.amount if said else "")
        )
    return found


def could_get(scene: Scene) -> list[Any]:
    """What he qualifies for and has not had: the judge's own words."""
    return entitlements.recommended(scene.person.pk, scene.union.division, scene.today)
