"""What the tests of webhooks share: an endpoint that listens, what was published and pushed, time that passes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.api import actions
from unionhall.api.models import Delivery, Endpoint
from unionhall.foundation.actors import system_actor
from unionhall.members.actions import suspend_card
from unionhall.members.models import Card
from unionhall.records.models import OutboxEvent

from .clients import WHY, issued
from .receiver import Receiver

NOW = timezone.localdate


def listening(
    world: World, there: Receiver, union: str = "east", events: Any = None, **more: Any
) -> tuple[Endpoint, str]:
    client, _ = issued(world, union, **more)
    return actions.add_endpoint(
        world.actor("province_officer"),
        client=client,
        url=there.url,
        events=events or actions.receivable(client),
    )


def deliveries() -> list[Delivery]:
    return list(Delivery.objects.everywhere(reason=WHY).select_related("event").order_by("pk"))


def events() -> list[OutboxEvent]:
    return list(OutboxEvent.objects.everywhere(reason=WHY).order_by("pk"))


def later(**by: Any) -> None:
    """Let time pass for every push."""
    for one in deliveries():
        Delivery.objects.everywhere(reason=WHY).filter(pk=one.pk).update(
            next_at=one.next_at - timedelta(**by)
        )


def suspend(world: World, who: str = "alpha_1") -> None:
    suspend_card(system_actor(), card=Card.objects.everywhere(reason=WHY).get(person=world.people[who]))
