"""Acts of the outbox: a client that listens, cards that change, the worker that pushes, messages to many."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from django.db import connection

WHY = "faults"
#: The queue of what is done each minute, and so of pushing.
QUEUE = "clock"


def listen(url: str) -> int:
    """An endpoint of the whole province; it hears nothing of what happened before. Answers how many cards there are."""
    from unionhall.api import actions
    from unionhall.api.scopes import Scope
    from unionhall.api.webhooks import delivering
    from unionhall.foundation.actors import system_actor
    from unionhall.members.models import Card
    from unionhall.organisations.models import Organisation

    while delivering.fan_out():
        pass
    root = Organisation.objects.everywhere(reason=WHY).active().order_by("path")[0]
    client, _ = actions.issue(
        system_actor(),
        name="合作银行",
        organisation=root,
        scopes=list(Scope),
        purpose="核对持卡人",
        per_minute=60,
    )
    actions.add_endpoint(system_actor(), client=client, url=url, events=actions.receivable(client))
    return Card.objects.everywhere(reason=WHY).filter(status="active").count()


def suspend_cards(number: int) -> list[str]:
    """Suspend so many cards and put the push into the queue, as each minute does; answers the keys of the events."""
    from procrastinate.exceptions import AlreadyEnqueued

    from unionhall.api.tasks import push_events
    from unionhall.foundation.actors import system_actor
    from unionhall.members.actions import suspend_card
    from unionhall.members.models import Card
    from unionhall.records.models import OutboxEvent

    for card in Card.objects.everywhere(reason=WHY).filter(status="active").order_by("pk")[:number]:
        suspend_card(system_actor(), card=card)
    with suppress(AlreadyEnqueued):  # a minute has begun meanwhile, and put it there
        push_events.defer(timestamp=0)
    fresh = OutboxEvent.objects.everywhere(reason=WHY).filter(taken_at=None)
    return list(fresh.order_by("pk").values_list("key", flat=True))


def work() -> None:
    """The job worker, as `unionhall work --queue clock --once` runs it: whatever is due, pushing first."""
    from procrastinate.contrib.django import app

    from unionhall.foundation.jobs import worker_connector

    async def run(connected: Any) -> None:
        async with connected.open_async():
            await connected.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)

    with app.replace_connector(worker_connector()) as connected:
        asyncio.run(run(connected))


def some_minutes_pass() -> None:
    """Leases end, heartbeats stop, the next push is due; then the clock's own job sees to what a dead worker held."""
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    from unionhall.api.tasks import push_events
    from unionhall.foundation.jobs import worker_connector
    from unionhall.foundation.tasks import retry_stalled

    async def run(connected: Any) -> None:
        async with connected.open_async():
            await retry_stalled(0)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_delivery SET next_at = now() WHERE state = 'waiting'")
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    with suppress(AlreadyEnqueued):
        push_events.defer(timestamp=0)
    with app.replace_connector(worker_connector()) as connected:
        asyncio.run(run(connected))


def pushed() -> dict[str, int]:
    """Deliveries by state, and jobs that push by theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*) FROM api_delivery GROUP BY 1 UNION ALL "
            "SELECT status::text, count(*) FROM procrastinate_jobs WHERE task_name = 'api.push_events' GROUP BY 1"
        )
        return dict(cursor.fetchall())


def tell_everybody() -> None:
    """A message to all members that have an account, as the desk's page does."""
    from unionhall.foundation.actors import system_actor
    from unionhall.members.actions.messages import message_members
    from unionhall.members.models import Membership

    everyone = Membership.objects.everywhere(reason=WHY).current()
    message_members(system_actor(), memberships=everyone, title="停水通知", body="明天上午停水。")


def told() -> tuple[int, int]:
    """How many journal entries tell of it, and how many messages there are."""
    from unionhall.records.models import JournalEntry, Message

    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.message")
    return entries.count(), Message.objects.everywhere(reason=WHY).filter(title="停水通知").count()
