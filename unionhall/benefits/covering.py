"""What pages show of cover: a person's covers and claims, their words and tones."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.members.models import Membership
from unionhall.rulebook.versions import Version

from .models import CoverClaim, CoverEnrolment
from .offering import Use
from .schemes.cover import TITLES, CoverScheme

_WHY = "a person's own covers and claims, or those that the caller has loaded under scope"
STANDINGS = {"listed": ("待生效", "info"), "effective": ("保障中", "ok"), "expired": ("已终止", "mute")}
STAGES = {
    "draft": "warn", "reviewing": "info", "approved": "ok", "rejected": "bad", "withdrawn": "mute", "paid": "ok",
    "closed": "mute",
}  # fmt: skip


def scheme_of(programme: str, on: date, division: str) -> Version[CoverScheme] | None:
    try:
        found: Version[CoverScheme] = rulebook.scheme(programme, on=on, division=division)
    except Refused:
        return None
    return found


def shown(one: CoverEnrolment, division: str) -> dict[str, Any]:
    """An enrolment as a card on the phone."""
    today = timezone.localdate()
    words, tone = STANDINGS[one.standing_on(today)]
    upper = one.period.upper
    version = scheme_of(one.programme, today, division)
    return {
        "row": one,
        "title": version.title if version else TITLES.get(one.programme, one.programme),
        "words": words,
        "tone": tone,
        "since": one.period.lower,
        "until": None if upper is None else upper - timedelta(days=1),
        "version": version,
        "assumed": version is not None and version.status == "assumed",
        "apply": reverse(f"m_apply_{one.programme}"),
    }


def covers_of(person_id: int, division: str) -> list[dict[str, Any]]:
    """A person's covers, those in force first."""
    rows = (
        CoverEnrolment.objects.everywhere(reason=_WHY).filter(person=person_id).order_by("programme", "-pk")
    )
    found = [shown(one, division) for one in rows if not one.period.isempty]
    order = list(TITLES)
    return sorted(found, key=lambda one: (one["tone"] == "mute", order.index(one["row"].programme)))


def claim_shown(claim: CoverClaim) -> dict[str, Any]:
    version = scheme_of(claim.programme, claim.event_on, claim.organisation.division)
    peril = version.parameters.peril(claim.peril) if version else None
    return {
        "claim": claim,
        "title": TITLES.get(claim.programme, claim.programme),
        "peril": peril.label if peril else claim.peril,
        "tone": STAGES[claim.stage],
        "words": claim.get_stage_display(),
        "amount": claim.decision.amount if claim.decision is not None else None,
    }


def claims_of(rows: Iterable[CoverClaim]) -> list[dict[str, Any]]:
    return [claim_shown(one) for one in rows]


def used(programme: str) -> Callable[[int, date], list[Use]]:
    """For an offering: since when it covers somebody, and claims under way. Two statements."""

    def found(person_id: int, on: date) -> list[Use]:
        url = reverse("m_cover")
        rows = CoverEnrolment.objects.everywhere(reason=_WHY).filter(person=person_id, programme=programme)
        uses = [Use(f"自 {one.period.lower:%Y-%m-%d} 起保障中", url) for one in rows.in_force(on)]
        claims = CoverClaim.objects.everywhere(reason=_WHY).filter(person=person_id, programme=programme)
        for one in claims.exclude(stage__in=CoverClaim.GONE).order_by("-pk")[:3]:
            own = reverse("m_cover_claim", args=[one.pk])
            under_way = one.stage not in (CoverClaim.Stage.PAID, CoverClaim.Stage.CLOSED)
            uses.append(Use(f"{one.event_on:%Y-%m-%d} 的理赔：{one.get_stage_display()}", own, under_way))
        return uses

    return found


def had(programme: str) -> Callable[[date], QuerySet[Any]]:
    """For an offering: whoever it covers on a day."""

    def rows(on: date) -> QuerySet[Any]:
        every = CoverEnrolment.objects.everywhere(reason="who has a cover needs no telling of it")
        return every.filter(programme=programme).in_force(on)

    return rows


def division_of(membership: Membership | None) -> str:
    return membership.organisation.division if membership is not None else ""
