"""Verbs on households: write one down, add somebody, let somebody leave."""

import secrets
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.records.actions import journal

from .. import households
from ..models import Household, HouseholdMember, Person, Relation
from .persons import checked_name, paths_of, read_document

#: Letters and digits that cannot be taken for one another.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WHY = "an exact document, or the person's own household; the action asks the permission itself"


def _new_key() -> str:
    return "J" + "".join(secrets.choice(_ALPHABET) for _ in range(14))


def _require(actor: Actor, person: Person) -> None:
    if not actor.speaks_for(person.pk, person.account_id):
        actor.require("members.edit", *paths_of(person))


@transaction.atomic
def form_household(actor: Actor, *, person: Person, on: date | None = None) -> Household:
    """The person's household, written down where there is none yet. The person or an officer of his union may."""
    _require(actor, person)
    Person.objects.everywhere(reason=_WHY).select_for_update().get(pk=person.pk)
    present = households.home_of(person.pk)
    if present is not None:
        return present
    home = Household.objects.create(key=_new_key())
    HouseholdMember.objects.create(
        household=home,
        person=person,
        name=person.name,
        relation=Relation.SELF,
        id_type=person.id_type,
        id_number=person.id_number.reveal(),
        id_index=person.id_index,
        period=DateRange(on or timezone.localdate(), None),
    )
    journal(actor, "members.form_household", subject=person, paths=paths_of(person))
    return home


@transaction.atomic
def add_relative(
    actor: Actor,
    *,
    person: Person,
    name: str,
    relation: str,
    id_type: str,
    id_number: str,
    on: date | None = None,
) -> HouseholdMember:
    """Somebody joins the person's household. Adding the same one again puts name and relation right.

    Raises Refused when he stands in another household: an officer must let him leave there first.
    """
    home = households.lock(form_household(actor, person=person, on=on).key)
    today = on or timezone.localdate()
    document = read_document(id_type, id_number, timezone.localdate())
    if relation not in Relation.values or relation == Relation.SELF:
        raise Refused("请选择与本人的关系。", field="relation")
    clean, index = checked_name(name), identity_index(id_type, document.number)
    rows = HouseholdMember.objects.everywhere(reason=_WHY).current()
    known = rows.filter(household=home, id_index=index).first()
    if known is not None:
        if known.person_id != person.pk and (known.name, known.relation) != (clean, relation):
            known.name, known.relation = clean, relation
            known.save(update_fields=["name", "relation"])
        return known
    # Found or not, the answer is the same: nobody learns here whether a document is in the register.
    registered = Person.objects.everywhere(reason=_WHY).with_identity(id_type, document.number).first()
    try:
        with transaction.atomic():
            member = HouseholdMember.objects.create(
                household=home,
                person=registered,
                name=clean,
                relation=relation,
                id_type=id_type,
                id_number=document.number,
                id_index=index,
                period=DateRange(today, None),
            )
    except IntegrityError:
        raise Refused(
            f"{clean}已登记在另一户家庭里，不能重复登记。确实是一家人的，请联系所在工会核对后调整。",
            field="id_number",
        ) from None
    journal(actor, "members.add_relative", subject=person, paths=paths_of(person))
    return member


@transaction.atomic
def leave_household(
    actor: Actor, *, person: Person, member: HouseholdMember, reason: str, on: date | None = None
) -> None:
    """Somebody leaves the person's household: moved out, divorced, died, or written down by mistake."""
    _require(actor, person)
    if len(reason.strip()) < 4:
        raise Refused("请写明变动原因，至少 4 个字。", field="reason")
    home = households.lock(households.key_of(person.pk))
    today = on or timezone.localdate()
    rows = HouseholdMember.objects.everywhere(reason=_WHY).current().select_for_update()
    found = rows.filter(pk=member.pk, household=home).first()
    if found is None:
        raise Refused("这个人已经不在这户家庭里。")
    if found.person_id == person.pk:
        raise Refused("不能把本人移出自己的家庭。")
    if found.period.lower >= today:
        found.delete()
    else:
        found.period = DateRange(found.period.lower, today)
        found.save(update_fields=["period"])
    journal(actor, "members.leave_household", subject=person, paths=paths_of(person), reason=reason)
