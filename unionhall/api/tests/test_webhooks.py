"""Pushing events: at least once, signed, tried again, given up; no receiver keeps another waiting."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from tests.world import World
from unionhall.api import actions
from unionhall.api.models import Client, Delivery, Endpoint
from unionhall.api.tokens import reference_of
from unionhall.api.webhooks import delivering, sending
from unionhall.foundation.errors import Refused
from unionhall.records import outbox
from unionhall.records.models import JournalEntry, Message

from .clients import WHY
from .receiver import Receiver
from .webhooks import deliveries, events, later, listening, suspend


def test_a_push_is_signed_and_names_the_member_by_the_clients_own_reference(
    world: World, there: Receiver
) -> None:
    endpoint, secret = listening(world, there)
    suspend(world)
    assert delivering.run() == 1
    (came,) = there.came
    told = came.verified(secret)
    (event,) = events()
    assert came.headers["webhook-id"] == event.key
    assert came.headers["user-agent"].startswith("UnionHall/")
    assert (told["type"], told["timestamp"]) == ("card.suspended", event.at.isoformat())
    assert told["data"] == {"member": reference_of(endpoint.client.reference_key, world.people["alpha_1"].pk)}
    with pytest.raises(WebhookVerificationError):
        came._replace(body=came.body.replace(b"suspended", b"restored")).verified(secret)
    assert [one.state for one in deliveries()] == ["delivered"]
    assert delivering.run() == 0
    assert len(there.came) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM api_endpoint")
        assert secret.encode() not in bytes(cursor.fetchone()[0]), "it stands sealed"


def test_it_is_tried_again_under_the_same_id(world: World, there: Receiver) -> None:
    endpoint, secret = listening(world, there)
    there.answers = [500, 302]
    suspend(world)
    assert delivering.run() == 0
    (first,) = deliveries()
    assert (first.state, first.attempts, first.status, first.fault) == ("waiting", 1, 500, "对方答复 500")
    wait = (first.next_at - timezone.now()).total_seconds()
    assert 20 < wait <= 36
    assert delivering.run() == 0, "not before its time"
    assert len(there.came) == 1
    later(seconds=40)
    assert delivering.run() == 0, "a redirect is not followed"
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    later(minutes=3)
    assert delivering.run() == 1
    assert len({(one.headers["webhook-id"], one.body) for one in there.came}) == 1
    assert [one.path for one in there.came] == ["/hook"] * 3
    there.came[-1].verified(secret)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_a_worker_that_dies_after_sending_sends_again(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening(world, there)
    suspend(world)

    def killed(*_: Any) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as dying:
        dying.setattr(delivering, "settle", killed)
        with pytest.raises(SystemExit):
            delivering.run()
    assert [one.state for one in deliveries()] == ["waiting"]
    assert delivering.run() == 0, "its lease still holds"
    later(minutes=3)
    assert delivering.run() == 1
    ids = [one.headers["webhook-id"] for one in there.came]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_dead_endpoint_is_given_up_stopped_and_told_of(world: World, there: Receiver) -> None:
    endpoint, _ = listening(world, there)
    Endpoint.objects.everywhere(reason=WHY).update(url="http://127.0.0.1:9/hook")
    suspend(world)
    start = timezone.now()
    delivering.fan_out()
    waits: list[timedelta] = []
    one: Delivery
    for _ in range(len(delivering.SCHEDULE) + 1):
        (one,) = delivering.claim()
        (outcome,) = delivering._sent([one])
        delivering.settle(outcome, now=start + sum(waits, timedelta()))
        (one,) = deliveries()
        assert one.fault == "连接失败"
        if one.state == "waiting":
            waits.append(one.next_at - start - sum(waits, timedelta()))
            later(days=2)
    assert one.state == "given_up"
    assert one.attempts == 8
    assert timedelta(hours=18) < sum(waits, timedelta()) < timedelta(hours=30)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is not None
    officer = world.accounts["province_officer"].pk
    (message,) = Message.objects.everywhere(reason=WHY).filter(recipient_id=officer)
    assert "推送已停止" in message.title
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="api.endpoint_disabled").count() == 1
    suspend(world, "alpha_2")
    delivering.run()
    assert len(deliveries()) == 1, "nothing is pushed to a stopped endpoint"
    there.came.clear()
    Endpoint.objects.everywhere(reason=WHY).update(url=there.url)
    actor = world.actor("province_officer")
    with pytest.raises(Refused, match="请先恢复"):
        actions.resend(actor, delivery=one)
    actions.enable_endpoint(actor, endpoint=endpoint)
    actions.resend(actor, delivery=one)
    assert delivering.run() == 1
    assert there.came[0].headers["webhook-id"] == one.event.key


def test_gone_stops_at_once(world: World, there: Receiver) -> None:
    endpoint, _ = listening(world, there)
    there.answers = [410]
    suspend(world)
    delivering.run()
    endpoint.refresh_from_db()
    assert "410" in endpoint.disabled_because
    assert [one.state for one in deliveries()] == ["given_up"]


def test_a_silent_receiver_is_left_at_its_deadline(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "DEADLINE", 0.1)
    listening(world, there)
    suspend(world)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        Endpoint.objects.everywhere(reason=WHY).update(url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert delivering.run() == 0
    assert [one.fault for one in deliveries()] == ["对方没有在限时内答复"]


def test_a_slow_receiver_keeps_nobody_waiting(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a few places in each round, and rests for the run once it failed."""
    post = sending._post

    async def slow_to_one(http: Any, parcel: sending.Parcel) -> int:
        if parcel.endpoint == slow.pk:
            raise TimeoutError
        return await post(http, parcel)

    monkeypatch.setattr(sending, "_post", slow_to_one)
    slow, _ = listening(world, there, "river_city")
    listening(world, there, "east")
    for number in range(8):
        outbox.publish("card.revoked", paths=world.unions["alpha"].paths, data={"person": number})
    assert delivering.run() == 8
    assert len({one.body for one in there.came}) == 8
    tried = [one for one in deliveries() if one.endpoint_id == slow.pk and one.attempts]
    assert len(tried) == delivering.EACH


@pytest.mark.parametrize("end", [{"revoked_at": timezone.now()}, {"valid_until": timezone.localdate()}])
def test_nothing_more_goes_to_a_client_that_ended(world: World, there: Receiver, end: dict[str, Any]) -> None:
    endpoint, _ = listening(world, there)
    suspend(world)
    delivering.fan_out()
    Client.objects.everywhere(reason=WHY).filter(pk=endpoint.client_id).update(**end)
    assert len(deliveries()) == 1
    assert delivering.claim() == []


def test_who_fails_comes_last_and_with_one_push(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many hang, a round is over in time."""
    failing, well = listening(world, there, "river_city")[0], listening(world, there)[0]
    Endpoint.objects.everywhere(reason=WHY).filter(pk=failing.pk).update(failing_since=timezone.now())
    for number in range(3):
        outbox.publish("card.revoked", paths=world.unions["alpha"].paths, data={"person": number})
    delivering.fan_out()
    monkeypatch.setattr(delivering, "AT_MOST", 2)
    assert [one.endpoint_id for one in delivering.claim()] == [well.pk] * 2
    monkeypatch.setattr(delivering, "AT_MOST", 64)
    assert sorted(one.endpoint_id for one in delivering.claim()) == sorted([well.pk, failing.pk])


def test_a_secret_that_no_key_opens_stops_nobody_else(world: World, there: Receiver) -> None:
    broken, _ = listening(world, there, "river_city")
    listening(world, there)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_endpoint SET secret = %s WHERE id = %s", [b"\x01" * 40, broken.pk])
    suspend(world)
    assert delivering.run() == 1
    (one,) = (one for one in deliveries() if one.endpoint_id == broken.pk)
    assert (one.state, one.attempts) == ("waiting", 1)
    assert "签名密钥" in one.fault


def test_a_late_failure_takes_nothing_back(world: World, there: Receiver) -> None:
    """Its lease had ended, and another delivered it."""
    endpoint, _ = listening(world, there)
    suspend(world)
    delivering.run()
    (one,) = deliveries()
    delivering.settle(sending.Outcome(one.pk, endpoint.pk, fault="连接失败"))
    assert [one.state for one in deliveries()] == ["delivered"]
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_the_endpoint_is_locked_before_its_pushes(world: World, there: Receiver) -> None:
    """By all who lock both; in two orders they would wait for each other."""
    endpoint, _ = listening(world, there)
    suspend(world)
    delivering.fan_out()
    (one,) = deliveries()
    with CaptureQueriesContext(connection) as settling:
        delivering.settle(sending.Outcome(one.pk, endpoint.pk, fault="连接失败"))
    with CaptureQueriesContext(connection) as resending:
        actions.resend(world.actor("province_officer"), delivery=one)
    for seen in (settling, resending):
        locked = [
            each["sql"].split('FROM "')[1].split('"')[0] for each in seen if "FOR UPDATE" in each["sql"]
        ]
        assert locked.index("api_endpoint") < locked.index("api_delivery")


def test_two_workers_share_the_work(world: World, there: Receiver) -> None:
    listening(world, there)
    suspend(world)
    delivering.fan_out()
    assert len(delivering.claim()) == 1
    assert delivering.claim() == []


def test_the_test_event_goes_to_one_endpoint_only(world: World, there: Receiver) -> None:
    endpoint, secret = listening(world, there)
    listening(world, there, "river_city")
    actions.try_endpoint(world.actor("province_officer"), endpoint=endpoint)
    assert delivering.run() == 1
    assert there.came[0].verified(secret)["type"] == "endpoint.test"


def test_old_events_go(world: World, there: Receiver) -> None:
    listening(world, there)
    suspend(world)
    delivering.run()
    suspend(world, "alpha_2")
    assert delivering.forget() == 0
    assert delivering.forget(timezone.now() + timedelta(days=31), at_once=1) == 2, "all, however few at once"
    assert (events(), deliveries()) == ([], [])
