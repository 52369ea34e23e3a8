"""A message to many members at once: one statement, one journal entry with the digest of who was told."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.records.actions import digest_of, journal
from unionhall.records.models import Message

from ..models import Membership
from ..models.memberships import MembershipQuerySet

SHOWN = 50
BATCH = 2000


@dataclass(frozen=True)
class Sent:
    """How many were told, how many could not be, and the first of those: (person id, masked name)."""

    told: int
    missed: int
    examples: list[tuple[int, str]]


@transaction.atomic
def message_members(
    actor: Actor, *, memberships: MembershipQuerySet, title: str, body: str, path: str = ""
) -> Sent:
    """Write to the accounts of these members; who has never signed in is reported. `memberships` is in scope."""
    if not actor.access.prefixes("members.message"):
        actor.require("members.message")
    if not title.strip():
        raise Refused("请填写标题。", field="title")
    title, body = hide_numbers(title), hide_numbers(body)
    rows = (
        memberships.filter(person__account__isnull=False)
        .order_by("pk")
        .values_list("pk", "person__account_id")
    )
    told: list[tuple[int, int]] = []
    waiting: list[Message] = []
    for membership_id, account_id in rows.iterator(chunk_size=BATCH):
        told.append((membership_id, account_id))
        waiting.append(Message(recipient_id=account_id, title=title, body=body, path=path))
        if len(waiting) == BATCH:
            Message.objects.bulk_create(waiting)
            waiting.clear()
    Message.objects.bulk_create(waiting)
    silent = memberships.filter(person__account__isnull=True).select_related("person")
    examples = [(row.person_id, row.person.masked_name) for row in silent.order_by("pk")[:SHOWN]]
    missed = silent.count() if len(examples) == SHOWN else len(examples)
    journal(
        actor,
        "members.message",
        label=title,
        paths=(path,) if path else (),
        detail={"told": len(told), "missed": missed, "model": Membership._meta.label_lower},
        digest=digest_of(list(told)),
    )
    return Sent(len(told), missed, examples)
