"""Hardship relief among what a worker can get: the file that is asked for, and the aids that come with it."""

from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse

from unionhall.kit.money import yuan
from unionhall.ledger.models import Payment
from unionhall.members import households
from unionhall.members.models import HouseholdMember, Person

from ..models import Aid, HardshipFile
from ..offering import Category, Offering, Use, offer
from ..schemes.relief import PROGRAMME

_WHY = "the reader's own household"


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


def aid_used(programme: str) -> Any:
    """The year's aids of one programme to the reader himself."""

    def used(person_id: int, on: date) -> list[Use]:
        rows = Aid.objects.everywhere(reason=_WHY).filter(
            person=person_id, programme=programme, year=on.year, revoked_at=None
        )
        return [
            Use(
                f"{on.year} 年 {yuan(one.amount)} 元",
                reverse("m_relief_file"),
                under_way=one.payment is None or one.payment.state != Payment.State.PAID,
            )
            for one in rows.select_related("payment").order_by("-pk")[:5]
        ]

    return used


def aid_had(programme: str) -> Any:
    def had(on: date) -> QuerySet[Any]:
        why = "who had it this year is not told of it"
        return Aid.objects.everywhere(reason=why).filter(programme=programme, year=on.year, revoked_at=None)

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
