"""Hardship relief among what a worker can get: the file that is asked for, and the aids that come with it."""

from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.kit.money import yuan
from unionhall.ledger import reading
from unionhall.ledger.models import Payment
from unionhall.members import households
from unionhall.members.models import HouseholdMember, Person

from ..models import Aid, HardshipFile
from ..offering import Category, Offering, Use, offer
from ..schemes.relief import PROGRAMME

_WHY = "the reader's own household"
_HAD = "the reader's own aids, and who had one this year and is not told of it"


def file_used(person_id: int, on: date) -> list[Use]:
    """The household's open file, whoever of it applied."""
    key = households.key_of(person_id)
    rows = HardshipFile.objects.everywhere(reason=_WHY).filter(stage__in=HardshipFile.OPEN)
    rows = rows.filter(household__key=key) if key else rows.filter(person=person_id)
    return [
        Use(one.get_stage_display(), reverse("m_relief_file"), under_way=one.is_under_way) for one in rows[:1]
    ]


def files_had(on: date) -> QuerySet[Any]:
    """Everybody of the households that have an open file or application: by the register and by the document."""
    why = "whose household has a file or has applied is not told of it"
    files = HardshipFile.objects.everywhere(reason=why).filter(stage__in=HardshipFile.OPEN)
    places = HouseholdMember.objects.everywhere(reason=why).current()
    places = places.filter(household__in=files.values("household"))
    # Three questions and not one with OR: each of them can be asked of everyone by hashing.
    having = Person.objects.everywhere(reason=why).filter(
        Exists(files.filter(person=OuterRef("pk")))
        | Exists(places.filter(person=OuterRef("pk")))
        | Exists(places.filter(person=None, id_index=OuterRef("id_index")))
    )
    return having.annotate(person_id=F("pk"))


def _had(programme: str, year: int) -> ScopedQuerySet[Aid]:
    """A year's aids of one programme: granted, or revoked while their money is out."""
    rows = Aid.objects.everywhere(reason=_HAD).filter(programme=programme, year=year)
    return rows.filter(Q(revoked_at=None) | Q(payment__in=reading.given_up_but_out().values("pk")))


def aid_used(programme: str) -> Any:
    """The year's aids of one programme to the reader himself."""

    def used(person_id: int, on: date) -> list[Use]:
        rows = _had(programme, on.year).filter(person=person_id).select_related("payment").order_by("-pk")
        return [_use(one) for one in rows[:5]]

    return used


def _use(one: Aid) -> Use:
    words, url = f"{one.year} 年 {yuan(one.amount)} 元", reverse("m_relief_file")
    if one.revoked_at is not None:
        return Use(f"{words}，已撤销，需要退回", url)
    return Use(words, url, under_way=one.payment is None or one.payment.state != Payment.State.PAID)


def aid_had(programme: str) -> Any:
    def had(on: date) -> QuerySet[Any]:
        return _had(programme, on.year)

    return had


_ICONS = {
    "living_aid": "home",
    "medical_relief": "stethoscope",
    "school_aid": "school",
    "job_aid": "briefcase",
    "warmth": "gift",
    "temporary_aid": "first-aid-kit",
}
offer(
    Offering(
        PROGRAMME,
        Category.RELIEF,
        "heart-handshake",
        apply="m_relief",
        used=file_used,
        had=files_had,
        desk="desk_relief",
        looked_into=True,
    ),
    Offering(
        "illness_relief",
        Category.RELIEF,
        "stethoscope",
        apply="m_relief",
        used=file_used,
        had=files_had,
        desk="desk_relief",
    ),
    *(
        Offering(
            code,
            Category.RELIEF,
            icon,
            automatic="建档后由工会按情况发放，不用另外申请",
            used=aid_used(code),
            had=aid_had(code),
            desk="desk_relief",
        )
        for code, icon in _ICONS.items()
    ),
)
