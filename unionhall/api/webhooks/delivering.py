"""From the outbox to the endpoints: at least once, under one id, until it is taken or a day has passed.

A push is claimed by putting its next try off, committed, and only then sent: whoever dies in between leaves a push that
comes due again. Rows that another worker holds are skipped.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import system_actor
from unionhall.kit.sm import SealBroken
from unionhall.records.actions import journal, notify
from unionhall.records.models import OutboxEvent

from .. import tokens
from ..events import EVENTS, Places, places_of, told_to
from ..models import Client, Delivery, Endpoint
from . import sending
from .sending import Outcome, Parcel

__all__ = ["SCHEDULE", "deliver_due", "fan_out", "forget", "run"]

#: Waits after the first try, the second …: eight tries in about a day.
SCHEDULE = [
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30),
    timedelta(hours=2), timedelta(hours=6), timedelta(hours=15),
]  # fmt: skip
#: A claimed push comes due again after this, unless its outcome is written first.
LEASE = timedelta(minutes=2)
#: An endpoint that took nothing for this long when a push is given up is stopped.
STOPPED_AFTER = timedelta(hours=20)
KEPT = timedelta(days=30)
EACH = 5
#: Pushes of a round: should all hang, they are over (four times the deadline) before their leases end.
AT_MOST = 64
_EVENTS_AT_ONCE = 500
_WHY = "the platform pushes to all clients; each event was matched with a client's scopes and subtree"


def run(seconds: float = 20) -> int:
    """Hand out new events and push what is due, for at most about `seconds`; answers how many were taken."""
    while fan_out() == _EVENTS_AT_ONCE:
        pass
    return deliver_due(seconds)


@transaction.atomic
def fan_out() -> int:
    """Match events that nobody has looked at with endpoints; answers how many events."""
    rows = OutboxEvent.objects.everywhere(reason=_WHY).filter(taken_at=None).order_by("pk")
    events = list(rows.select_for_update(skip_locked=True)[:_EVENTS_AT_ONCE])
    if not events:
        return 0
    endpoints = _listening()
    wanted = [
        Delivery(endpoint=endpoint, event=event)
        for event in events
        for endpoint in endpoints
        if concerns(endpoint.client, event) and event.type in endpoint.events
    ]
    Delivery.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=1000)
    mine = OutboxEvent.objects.everywhere(reason=_WHY).filter(pk__in=[event.pk for event in events])
    mine.update(taken_at=timezone.now())
    return len(events)


def _listening() -> list[Endpoint]:
    today = timezone.localdate()
    rows = Endpoint.objects.everywhere(reason=_WHY).filter(disabled_at=None, client__revoked_at=None)
    alive = rows.filter(client__valid_from__lte=today).filter(
        Q(client__valid_until=None) | Q(client__valid_until__gt=today)
    )
    return list(alive.select_related("client__organisation"))


def concerns(client: Client, event: OutboxEvent) -> bool:
    """Whether a client may hear of an event: it has the scope, and the event stands in its part of the tree."""
    kind = EVENTS.get(event.type)
    if kind is None or not client.has(kind.scope):
        return False
    return any(path.startswith(own) for own in client.organisation.paths for path in event.paths)


def deliver_due(seconds: float = 20) -> int:
    """Push what is due, a few per endpoint and round; an endpoint that failed rests until the next run."""
    end, failed, taken = time.monotonic() + seconds, set[int](), 0
    while time.monotonic() < end and (claimed := claim(skip=failed)):
        for outcome in _sent(claimed):
            settle(outcome)
            taken += outcome.taken
            if not outcome.taken:
                failed.add(outcome.endpoint)
    return taken


def _sent(claimed: Sequence[Delivery]) -> list[Outcome]:
    """What became of each; one whose secret no key opens is not sent, and stops no other."""
    parcels, broken = [], []
    places = places_of([one.event for one in claimed])
    for one in claimed:
        try:
            parcels.append(_parcel(one, places))
        except SealBroken:
            broken.append(
                Outcome(one.pk, one.endpoint_id, fault="本站解不开这个地址的签名密钥，请删除后重新登记")
            )
    return [*broken, *(sending.send_all(parcels) if parcels else [])]


# Those that fail come last and with one push each: however many hang, they hold up nobody who answers.
_CLAIM = """
WITH due AS (
    SELECT waiting.id FROM api_endpoint AS endpoint JOIN api_client AS client ON client.id = endpoint.client_id
    CROSS JOIN LATERAL (
        SELECT id, next_at FROM api_delivery
        WHERE endpoint_id = endpoint.id AND state = 'waiting' AND next_at <= clock_timestamp()
        ORDER BY next_at, id LIMIT CASE WHEN endpoint.failing_since IS NULL THEN %(each)s ELSE 1 END
        FOR UPDATE SKIP LOCKED
    ) AS waiting
    WHERE endpoint.disabled_at IS NULL AND NOT endpoint.id = ANY(%(skip)s) AND client.revoked_at IS NULL
        AND client.valid_from <= %(today)s AND (client.valid_until IS NULL OR client.valid_until > %(today)s)
    ORDER BY endpoint.failing_since IS NOT NULL, waiting.next_at, waiting.id LIMIT %(most)s
)
UPDATE api_delivery SET next_at = clock_timestamp() + %(lease)s, attempts = attempts + 1, tried_at = clock_timestamp()
WHERE id IN (SELECT id FROM due) RETURNING id
"""


def claim(skip: set[int] | None = None) -> list[Delivery]:
    """Take up to EACH due pushes per endpoint, so that a slow one keeps nobody waiting. One statement."""
    given: dict[str, Any] = {
        "each": EACH, "most": AT_MOST, "lease": LEASE, "skip": sorted(skip or ()), "today": timezone.localdate()
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, given)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    rows = Delivery.objects.everywhere(reason=_WHY).filter(pk__in=ids).order_by("pk")
    return list(rows.select_related("endpoint__client__organisation", "event"))


def _parcel(delivery: Delivery, places: Places) -> Parcel:
    endpoint, event = delivery.endpoint, delivery.event
    return Parcel(
        delivery.pk,
        endpoint.pk,
        endpoint.url,
        endpoint.secret.reveal(),
        event.key,
        body_of(event, endpoint.client, places),
    )


def body_of(event: OutboxEvent, client: Client, places: Places) -> str:
    """The same text at every try while unions stay where they are (`places`); a person stands in it as this client's
    own reference."""
    data = told_to(client, event, places)
    if (person := data.pop("person", None)) is not None:
        data = {"member": tokens.reference_of(client.reference_key, person)} | data
    said = {"type": event.type, "timestamp": event.at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


@transaction.atomic
def settle(outcome: Outcome, now: datetime | None = None) -> None:
    """Write down what became of a push, and what that means for its endpoint."""
    now = now or timezone.now()
    # The endpoint is locked before its pushes, here and in api.actions.
    endpoints = Endpoint.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    endpoint = endpoints.select_related("client__organisation").filter(pk=outcome.endpoint).first()
    rows = Delivery.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    delivery = rows.filter(pk=outcome.delivery).first()
    if delivery is None or endpoint is None or delivery.state == Delivery.State.DELIVERED:
        return  # removed meanwhile, or sent by another when our lease had ended
    delivery.status, delivery.fault = outcome.status, outcome.fault[:120]
    if outcome.taken:
        delivery.state, endpoint.failing_since = Delivery.State.DELIVERED, None
    else:
        endpoint.failing_since = endpoint.failing_since or now
        _put_off(delivery, now)
        if outcome.status == 410:
            delivery.state = Delivery.State.GIVEN_UP
            stop(endpoint, "对方答复 410：这个地址已经取消", now)
        elif delivery.state == Delivery.State.GIVEN_UP and now - endpoint.failing_since >= STOPPED_AFTER:
            stop(endpoint, f"一天之内没有一次推送成功，最近一次：{outcome.fault}", now)
    delivery.save(update_fields=["state", "status", "fault", "next_at"])
    endpoint.save(update_fields=["failing_since", "disabled_at", "disabled_because"])


def _put_off(delivery: Delivery, now: datetime) -> None:
    """The next try, a little sooner or later than planned so that not all come back at once; or none."""
    if delivery.attempts > len(SCHEDULE):
        delivery.state = Delivery.State.GIVEN_UP
        return
    wait = SCHEDULE[max(delivery.attempts, 1) - 1]
    delivery.next_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311 — nothing secret


def stop(endpoint: Endpoint, because: str, now: datetime) -> None:
    """Push nothing more there, and tell whoever opened the client."""
    endpoint.disabled_at, endpoint.disabled_because = now, because[:200]
    client = endpoint.client
    journal(
        system_actor("事件推送"), "api.endpoint_disabled", subject=endpoint, label=client.name,
        paths=client.organisation.paths, reason=because,
    )  # fmt: skip
    notify(
        client.created_by_id, f"接入方“{client.name}”的事件推送已停止", f"{because}。请联系对方修好后恢复推送。",
        f"/desk/clients/endpoints/{endpoint.pk}/", client.organisation.path,
    )  # fmt: skip


def forget(now: datetime | None = None, at_once: int = 10_000) -> int:
    """Remove all old events and their pushes; answers how many events. What still waits goes with them."""
    before, gone = (now or timezone.now()) - KEPT, 0
    while removed := _forget(before, at_once):
        gone += removed
    return gone


def _forget(before: datetime, at_once: int) -> int:
    rows = OutboxEvent.objects.everywhere(reason=_WHY).filter(at__lt=before)
    old = list(rows.order_by("pk").values_list("pk", flat=True)[:at_once])
    Delivery.objects.everywhere(reason=_WHY).filter(event__in=old).delete()
    return OutboxEvent.objects.everywhere(reason=_WHY).filter(pk__in=old).delete()[0]
