"""What clients have not heard yet, on the operators' page and for Prometheus: stopped addresses, pushes that wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client as Browser
from django.utils import timezone

from tests.world import World
from unionhall.api.models import Client, Delivery, Endpoint
from unionhall.portal import health
from unionhall.records import outbox
from unionhall.records.models import OutboxEvent

SignIn = Callable[[str], Browser]
WHY = "what a test left"


def finding() -> health.Finding:
    return next(one for one in health.findings() if one.name == "事件推送")


def endpoint(world: World, name: str) -> Endpoint:
    client = Client.objects.create(
        name=name, organisation=world.unions["alpha"], scopes=[], purpose="测试", reference_key="k",
        created_by="测试",
    )  # fmt: skip
    return Endpoint.objects.create(client=client, url="https://example.com/", secret="s", events=[])


def event() -> OutboxEvent:
    return outbox.publish("card.suspended", paths=("/1/",), data={})


def waits(here: Endpoint, **ago: float) -> None:
    """An event that was handed out so long ago and that nobody took."""
    handed_out = event()
    handed_out.taken_at = timezone.now()
    handed_out.save()
    Delivery.objects.create(endpoint=here, event=handed_out, created_at=timezone.now() - timedelta(**ago))


def gauge(browser: Browser, name: str) -> float:
    found = re.search(rf"^unionhall_{name} (\S+)$", browser.get("/metrics").content.decode(), re.MULTILINE)
    assert found, name
    return float(found[1])


def test_nothing_waits(world: World) -> None:
    assert finding() == health.Finding("事件推送", True, "没有停止的地址，没有等待的推送")


def test_what_waits_is_told_and_becomes_a_matter_when_it_waits_long(signed_in: SignIn, world: World) -> None:
    here, browser = endpoint(world, "合作银行"), signed_in("operator")
    waits(here, minutes=5)
    told = finding()
    assert told.well
    assert told.seen == "1 条推送等待送达，最早一条生成于5分钟前"
    waits(here, hours=3)
    told = finding()
    assert not told.well
    assert "2 条推送等待送达" in told.seen
    assert "联系对方" in told.advice
    assert "2 条推送等待送达" in browser.get("/ops/").content.decode()
    assert 10_790 < gauge(browser, "delivery_oldest_seconds") < 10_900
    Delivery.objects.everywhere(reason=WHY).update(state="delivered")
    assert finding().well
    assert gauge(browser, "delivery_oldest_seconds") == 0


def test_a_stopped_address_is_told_until_it_is_resumed_or_its_client_ends(
    signed_in: SignIn, world: World
) -> None:
    here, browser = endpoint(world, "合作银行"), signed_in("operator")
    waits(here, hours=30)
    here.disabled_at = timezone.now()
    here.save()
    told = finding()
    assert not told.well
    assert told.seen == "1 个推送地址已停止，1 条推送压着没有发出"
    assert "恢复推送" in told.advice
    assert "1 个推送地址已停止" in browser.get("/ops/").content.decode()
    assert gauge(browser, "endpoints_stopped") == 1
    assert gauge(browser, "delivery_oldest_seconds") == 0, "it waits for a person, not for its receiver"
    Client.objects.everywhere(reason=WHY).update(valid_until=timezone.localdate())
    assert finding().well
    assert gauge(browser, "endpoints_stopped") == 0


def test_events_that_nobody_hands_out(world: World) -> None:
    made = event()
    assert finding().well
    OutboxEvent.objects.everywhere(reason=WHY).filter(pk=made.pk).update(
        at=timezone.now() - timedelta(minutes=20)
    )
    told = finding()
    assert not told.well
    assert told.seen == "1 个事件还没有分发，最早一个发生于20分钟前"
    assert "后台任务进程" in told.advice
