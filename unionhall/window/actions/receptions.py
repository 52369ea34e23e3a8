"""Receiving somebody at the counter: for as long as it lasts the clerk acts in his place."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members import consents, households
from unionhall.members.actions import register_person
from unionhall.members.hands import hands
from unionhall.members.models import Person
from unionhall.records.actions import journal

from ..models import Authorisation, Reception, Ticket
from ..places import SERVE, counter_of, organisation_of

_WHY = "a clerk's own receptions"
OVER = "这次接待已经结束。要继续办理，请重新查找来访人。"


def keep_out(actor: Actor, person: Person) -> None:
    """Nobody serves himself or his household at his own counter (Refused)."""
    mine = hands(actor.access)
    if mine.touch(person.account_id, person=person.pk):
        raise Refused("这是您本人，不能在自己的窗口办理。请用手机办理，或请同事接待。")
    if mine.person_id is not None and mine.person_id in households.of(person.pk):
        raise Refused("这是您的家庭成员，请由同事接待。")


@transaction.atomic
def receive(actor: Actor, *, person: Person, found_by: str) -> Reception:
    """Open a reception; the number called at the counter belongs to it. A live one of today is taken up again."""
    counter = counter_of(actor)
    organisation = organisation_of(actor, counter)
    actor.require(SERVE, *organisation.paths)
    keep_out(actor, person)
    rows = Reception.objects.everywhere(reason=_WHY).filter(account_id=actor.account_id or 0, closed_at=None)
    for present in rows.filter(person=person).order_by("-pk")[:1]:
        if present.is_live:
            return present
    rows.update(closed_at=timezone.now())  # one at a time at a counter
    ticket = None
    if counter is not None:
        called = Ticket.objects.everywhere(reason=_WHY).filter(counter=counter, state=Ticket.State.CALLED)
        ticket = called.filter(reception=None).first()
    made = Reception.objects.create(
        organisation=organisation, hall=counter.hall if counter is not None else None, ticket=ticket, person=person,
        found_by=found_by, account_id=actor.account_id or 0, account_name=actor.name[:80],
    )  # fmt: skip
    journal(
        actor, "window.received", subject=person, paths=organisation.paths,
        detail={"reception": made.pk, "found_by": found_by},
    )  # fmt: skip
    return made


@transaction.atomic
def register(actor: Actor, *, name: str, id_type: str, id_number: str, phone: str, agreed: bool) -> Reception:
    """Register somebody who is not in the register, with his consents read to him, and receive him."""
    if not agreed:
        raise Refused("本人不同意登记个人信息的，不能办理需要实名的事项。", field="agreed")
    person = register_person(actor, name=name, id_type=id_type, id_number=id_number, phone=phone or None)
    there = receive(actor, person=person, found_by=Reception.Found.REGISTERED)
    standing = in_place_of(actor, there)
    for purpose in consents.PURPOSES:
        consents.give(standing, person=person, purpose=purpose)
    return there


def hold(actor: Actor, reception: Reception) -> Reception:
    """The reception, locked; Refused unless it is the actor's own and still lasts."""
    rows = Reception.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    fresh = rows.select_related("person", "organisation", "hall", "authorisation").get(pk=reception.pk)
    if fresh.account_id != actor.account_id:
        raise NotAllowed(SERVE)
    actor.require(SERVE, *fresh.organisation.paths)
    if not fresh.is_live:
        raise Refused(OVER)
    return fresh


def in_place_of(actor: Actor, reception: Reception) -> Actor:
    """The clerk as the voice of the person he received: every own act hears it, the journal writes for whom."""
    fresh = hold(actor, reception)
    keep_out(actor, fresh.person)
    require_agent(actor, fresh)
    return replace(actor, stands_for=fresh.person_id)


def require_agent(actor: Actor, reception: Reception) -> None:
    """Whoever acts for the person still may, and is not the clerk himself (Refused)."""
    given = reception.authorisation
    if given is None:
        return
    still = Authorisation.objects.everywhere(reason=_WHY).in_force(timezone.localdate())
    if not still.filter(pk=given.pk).exists():
        raise Refused("代办授权已经终止或到期，不能再代办。")
    keep_out_as_agent(actor, bytes(given.id_index))


def keep_out_as_agent(actor: Actor, id_index: bytes) -> None:
    """A clerk is nobody's agent at his own counter: he would be on both sides of it."""
    mine = hands(actor.access).person_id
    rows = Person.objects.everywhere(reason="whether the agent is the clerk himself")
    if mine is not None and rows.filter(pk=mine, id_index=id_index).exists():
        raise Refused("代办人是您本人，不能在自己的窗口代办。请同事接待。", field="id_number")


@transaction.atomic
def close(actor: Actor, *, reception: Reception) -> None:
    """The person leaves; his number is done."""
    fresh = hold(actor, reception)
    now = timezone.now()
    fresh.closed_at = now
    fresh.save(update_fields=["closed_at"])
    if fresh.ticket_id is not None:
        rows = Ticket.objects.everywhere(reason=_WHY)
        rows.filter(pk=fresh.ticket_id, state=Ticket.State.CALLED).update(
            state=Ticket.State.DONE, ended_at=now
        )
    journal(
        actor, "window.receptions_closed", subject=fresh.person, paths=fresh.organisation.paths,
        detail={"reception": fresh.pk},
    )  # fmt: skip
