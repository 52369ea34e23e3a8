"""Verbs on a card: issue, suspend, restore, replace, revoke."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from ..following import card_changed, facts_changed
from ..models import Card, Membership, Person
from ..numbers import next_card_number


def issue_card(actor: Actor, *, person: Person, on: date, division: str, paths: tuple[str, ...] = ()) -> Card:
    """The card of a member in force: the one there is (it follows the person), or a new one. Called by `admit`."""
    rows = Card.objects.everywhere(reason="one card per person, wherever they stand")
    present = rows.filter(person=person).exclude(status=Card.Status.REVOKED).first()
    if present is not None:
        return present
    card = Card.objects.create(person=person, number=next_card_number(division), issued_on=on)
    journal(actor, "members.issue_card", subject=person, paths=paths, detail={"card": card.pk})
    card_changed(actor, person.pk, paths)
    return card


def _held(actor: Actor, card: Card) -> tuple[Card, Membership | None, tuple[str, ...]]:
    """The locked card, its person's open membership and paths; the holder and the union's keepers may act on it."""
    rows = Card.objects.everywhere(reason="the card to change; permission is asked on the person's union")
    found = rows.select_for_update(of=("self",)).select_related("person").get(pk=card.pk)
    memberships = Membership.objects.everywhere(reason="where the holder stands").current()
    present = memberships.filter(person=found.person).select_related("organisation").first()
    paths = tuple(path for path in (present.path, present.second_path) if path) if present else ()
    if actor.account_id is None or found.person.account_id != actor.account_id:
        actor.require("members.edit", *paths)
    return found, present, paths


def _set(actor: Actor, card: Card, status: str, verb: str, reason: str) -> Card:
    found, _, paths = _held(actor, card)
    if found.status == Card.Status.REVOKED:
        raise Refused("这张会员卡已经注销，不能再办理。")
    if found.status == status:
        raise Refused(f"会员卡已经是“{found.get_status_display()}”状态。")
    found.status = status
    found.save(update_fields=["status"])
    journal(actor, verb, subject=found.person, paths=paths, reason=reason, detail={"card": found.pk})
    facts_changed(found.person)
    card.status = status
    return found


@transaction.atomic
def suspend_card(actor: Actor, *, card: Card, reason: str = "") -> Card:
    """挂失: codes of the card are refused until it is restored or replaced."""
    return _set(actor, card, Card.Status.SUSPENDED, "members.suspend_card", reason)


@transaction.atomic
def restore_card(actor: Actor, *, card: Card, reason: str = "") -> Card:
    """解除挂失: the card was found."""
    return _set(actor, card, Card.Status.ACTIVE, "members.restore_card", reason)


@transaction.atomic
def replace_card(actor: Actor, *, card: Card, reason: str = "") -> Card:
    """换发: the old number is revoked and a new one issued; codes of the old card never work again."""
    found, present, paths = _held(actor, card)
    if found.status == Card.Status.REVOKED:
        raise Refused("这张会员卡已经注销，请查看现在的会员卡。")
    if present is None:
        raise Refused("持卡人目前没有会籍，不能换发会员卡。")
    _revoke(found)
    card.status = found.status
    number = next_card_number(present.organisation.division)
    fresh = Card.objects.create(person=found.person, number=number, issued_on=timezone.localdate())
    detail = {"old": found.pk, "new": fresh.pk}
    journal(actor, "members.replace_card", subject=found.person, paths=paths, reason=reason, detail=detail)
    return fresh


def _revoke(card: Card) -> None:
    card.status, card.revoked_at = Card.Status.REVOKED, timezone.now()
    card.save(update_fields=["status", "revoked_at"])


@transaction.atomic
def revoke_card(actor: Actor, *, card: Card, reason: str) -> Card:
    """注销 without a new one."""
    found, _, paths = _held(actor, card)
    if found.status == Card.Status.REVOKED:
        raise Refused("这张会员卡已经注销。")
    _revoke(found)
    card.status = found.status
    journal(
        actor,
        "members.revoke_card",
        subject=found.person,
        paths=paths,
        reason=reason,
        detail={"card": found.pk},
    )
    card_changed(actor, found.person_id, paths)
    return found


def revoke_cards_of(actor: Actor, person: Person, *, paths: tuple[str, ...]) -> int:
    """Revoke whatever card is in force when a membership ends. Called by `end`, inside its transaction."""
    rows = Card.objects.everywhere(reason="the card goes with the membership")
    count = rows.filter(person=person).exclude(status=Card.Status.REVOKED).update(
        status=Card.Status.REVOKED, revoked_at=timezone.now()
    )  # fmt: skip
    if count:
        journal(actor, "members.revoke_card", subject=person, paths=paths, detail={"count": count})
        card_changed(actor, person.pk, paths)
    return count
