"""Counting how far benefits reach: one scan of the register for all programmes, and sums of what was told and paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.ledger.models import Payment
from unionhall.members.models import Membership
from unionhall.members.tallying import hashing
from unionhall.records.actions import journal
from unionhall.rulebook.eligibility import codes_of, condition_of
from unionhall.rulebook.population import people, under

from ..entitlements import in_force
from ..models import Reach, Told
from ..offering import offerings

_WHY = "counts by union; scope is asked where they are shown"
_ORGANISATION = "person__memberships__organisation_id"
_OPEN = {"person__memberships__period__upper_inf": True}
FIGURES = ("qualifying", "told", "applied", "paid")

#: Union and programme → qualifying, told, applied, paid.
Counts = dict[tuple[int, str], dict[str, int]]


@transaction.atomic
def reckon(actor: Actor, *, on: date) -> int:
    """Count every union's own members by programme and figure; answers how many rows stand. Journalled."""
    actor.require("benefits.tell", "")
    counts: Counts = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    with hashing("256MB"):
        _qualifying(counts, on)
    programmes = {one.programme for one in offerings()}
    _add(counts, "told", _told())
    _add(counts, "paid", _paid())
    for one in offerings():
        if one.had is not None:
            _add(counts, "applied", _having(one.programme, one.had(on).values("person_id")))
    at = timezone.now()
    rows = (
        Reach(organisation_id=organisation, programme=programme, counted_at=at, **figures)
        for (organisation, programme), figures in counts.items()
        if programme in programmes
    )
    standing = Reach.objects.bulk_create(
        rows,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["organisation", "programme"],
        update_fields=[*FIGURES, "counted_at"],
    )
    Reach.objects.everywhere(reason=_WHY).filter(counted_at__lt=at).delete()
    journal(
        actor, "benefits.reckoned", label="惠及情况", detail={"rows": len(standing), "on": on.isoformat()}
    )
    return len(standing)


def _qualifying(counts: Counts, on: date) -> None:
    versions = [version for held in in_force(on).values() for version in held]
    if not versions:
        return
    wanted = {
        f"n_{number}": Count("pk", filter=condition_of(version, on, versions))
        for number, version in enumerate(versions)
    }
    rows = people(on, under(""), codes_of(versions)).values(place=F("membership__organisation_id"))
    for row in rows.annotate(**wanted).order_by().iterator(chunk_size=2_000):
        for number, version in enumerate(versions):
            if row[f"n_{number}"]:
                counts[row["place"], version.programme]["qualifying"] += row[f"n_{number}"]


def _add(counts: Counts, figure: str, rows: Iterable[tuple[Any, str, int]]) -> None:
    for organisation, programme, count in rows:
        counts[organisation, programme][figure] += count


def _told() -> Iterable[tuple[Any, str, int]]:
    rows = Told.objects.everywhere(reason=_WHY).filter(**_OPEN)
    return rows.order_by().values_list(_ORGANISATION, "programme").annotate(count=Count("pk")).iterator()


def _paid() -> Iterable[tuple[Any, str, int]]:
    rows = Payment.objects.everywhere(reason=_WHY).filter(state=Payment.State.PAID, **_OPEN)
    by = rows.order_by().values_list(_ORGANISATION, "budget__programme")
    return by.annotate(count=Count("person", distinct=True)).iterator()


def _having(programme: str, persons: Any) -> Iterable[tuple[Any, str, int]]:
    rows = Membership.objects.everywhere(reason=_WHY).current().filter(person__in=persons)
    for organisation, count in (
        rows.order_by().values_list("organisation").annotate(count=Count("pk")).iterator()
    ):
        yield organisation, programme, count
