"""Registering a member by hand: the person, the membership, the employment, in one go."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.organisations.models import Organisation

from .. import tallying
from ..following import facts_changed
from ..models import Employment, Membership, Person
from .memberships import admit
from .persons import checked_name, read_document, register_person


@transaction.atomic
def register_member(
    actor: Actor,
    *,
    organisation: Organisation,
    on: date,
    work_unit: str = "",
    occupation: str = "",
    form: str = "1",
    **particulars: Any,
) -> Membership:
    """Admit someone whose papers lie on the desk; a person already registered (not a member) is taken up.

    Raises Refused as `register_person` and `admit` do, and when a registered document bears another name.
    """
    actor.require("members.standing", *organisation.paths)
    document = read_document(particulars["id_type"], particulars["id_number"], timezone.localdate())
    rows = Person.objects.everywhere(reason="one person, one document, in the whole federation")
    known = rows.filter(id_index=identity_index(particulars["id_type"], document.number)).first()
    if known is None:
        known = register_person(actor, **particulars)
    elif known.name != checked_name(particulars["name"]):
        raise Refused("该证件号码登记的姓名与填写的不一致，请对照证件核对。", field="name")
    membership = admit(actor, person=known, organisation=organisation, on=on)
    jobs = Employment.objects.everywhere(reason="the new member's own employment")
    if not jobs.filter(person=known, period__upper_inf=True).exists():
        latest = jobs.filter(person=known).aggregate(last=Max("ended"))["last"]
        since = max(on, latest) if latest is not None else on
        with tallying.of_person(known.pk):
            Employment.objects.create(
                person=known, period=(since, None), follows=latest,
                work_unit=work_unit or organisation.name.removesuffix("工会委员会"), occupation=occupation, form=form,
            )  # fmt: skip
        facts_changed(known)
    return membership
