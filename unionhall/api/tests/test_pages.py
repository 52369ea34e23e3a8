"""The desk's pages of clients and endpoints, and the documentation for people."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.world import World
from unionhall.api import actions
from unionhall.api.models import Client, Delivery, Endpoint
from unionhall.api.problems import KINDS
from unionhall.api.webhooks import delivering
from unionhall.records import outbox
from unionhall.records.models import JournalEntry

from .clients import WHY, Caller, issued

SignedIn = Callable[[str], Browser]


def form(world: World, **more: Any) -> dict[str, Any]:
    return {
        "name": "江城银行工会卡系统", "organisation": world.unions["east"].code, "purpose": "核对持卡人身份",
        "scopes": ["organisations:read", "cards:verify"], "per_minute": "60",
    } | more  # fmt: skip


def secret_in(page: str) -> str:
    found = re.search(r'<b class="token">([^<]+)</b>', page)
    assert found is not None
    return found[1]


def test_from_opening_to_revoking(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("river_officer")
    wrong = browser.post(reverse("desk_client_new"), form(world, organisation=world.unions["delta"].code))
    assert wrong.status_code == 422
    assert "不在您的管理范围内" in wrong.content.decode()
    opened = browser.post(reverse("desk_client_new"), form(world))
    assert opened.status_code == 200
    page = opened.content.decode()
    token = secret_in(page)
    assert "只显示这一次" in page
    assert opened["Cache-Control"] == "no-store"
    assert Caller(token).get("/organisations").status_code == 200
    client = Client.objects.everywhere(reason=WHY).get()
    assert client.created_by_id == world.accounts["river_officer"].pk
    detail = browser.get(reverse("desk_client", args=[client.pk])).content.decode()
    assert token not in detail
    assert "核验会员卡" in detail
    assert client.name in browser.get(reverse("desk_clients")).content.decode()
    assert "没有符合条件" in browser.get(reverse("desk_clients"), {"q": "没有"}).content.decode()
    renewed = browser.post(reverse("desk_client_rotate", args=[client.pk]), {"overlap_hours": "0"})
    assert Caller(token).get("/organisations").status_code == 401
    fresh = secret_in(renewed.content.decode())
    assert Caller(fresh).get("/organisations").status_code == 200
    without = browser.post(reverse("desk_client_revoke", args=[client.pk]), {"reason": ""})
    assert without.status_code == 422
    done = browser.post(reverse("desk_client_revoke", args=[client.pk]), {"reason": "合作到期"})
    assert done.status_code == 302
    assert Caller(fresh).get("/organisations").status_code == 401
    ended = browser.get(done["Location"]).content.decode()
    assert "已停用" in ended
    assert "更换令牌" not in ended
    actions_done = JournalEntry.objects.everywhere(reason=WHY).filter(action__startswith="api.")
    assert [one.action for one in actions_done.order_by("pk")] == ["api.issue", "api.rotate", "api.revoke"]


def test_an_endpoint_and_its_deliveries(world: World, signed_in: SignedIn) -> None:
    client, _ = issued(world)
    browser = signed_in("province_officer")
    new = reverse("desk_endpoint_new", args=[client.pk])
    assert "membership.moved" in browser.get(new).content.decode()
    inside = browser.post(new, {"url": "https://192.168.1.5/hook", "events": ["card.revoked"]})
    assert inside.status_code == 422
    assert "内部网络" in inside.content.decode()
    made = browser.post(new, {"url": "https://hooks.bank.example/u", "events": ["card.revoked"]})
    secret = secret_in(made.content.decode())
    endpoint = Endpoint.objects.everywhere(reason=WHY).get()
    assert endpoint.secret.reveal() == secret
    there = reverse("desk_endpoint", args=[endpoint.pk])
    assert "还没有推送过" in browser.get(there).content.decode()
    changed = {"url": "https://hooks.bank.example/v", "events": ["card.revoked", "card.suspended"]}
    assert browser.post(reverse("desk_endpoint_edit", args=[endpoint.pk]), changed).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.url.endswith("/v")
    assert browser.post(reverse("desk_endpoint_test", args=[endpoint.pk])).status_code == 302
    outbox.publish("card.revoked", paths=world.unions["alpha"].paths, data={"person": 1})
    delivering.fan_out()
    Delivery.objects.everywhere(reason=WHY).update(state="given_up", fault="连接失败", attempts=8)
    page = browser.get(there).content.decode()
    assert "推送测试" in page
    assert "未送达" in page
    assert "连接失败" in page
    one = Delivery.objects.everywhere(reason=WHY).earliest("pk")
    assert browser.post(reverse("desk_delivery_resend", args=[one.pk])).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("waiting", 0)
    assert browser.post(reverse("desk_endpoint_enable", args=[endpoint.pk])).status_code == 422
    gone = browser.post(reverse("desk_endpoint_remove", args=[endpoint.pk]))
    assert gone["Location"] == reverse("desk_client", args=[client.pk])
    assert not Delivery.objects.everywhere(reason=WHY).exists()


def test_who_may_look_and_who_may_act(world: World, signed_in: SignedIn) -> None:
    client, _ = issued(world)
    detail = reverse("desk_client", args=[client.pk])
    assert signed_in("auditor").get(detail).status_code == 200
    assert "更换令牌" not in signed_in("auditor").get(detail).content.decode()
    assert signed_in("auditor").get(reverse("desk_client_new")).status_code == 403
    for who in ("chair_alpha", "river_rights", "leader"):
        assert signed_in(who).get(detail).status_code == 403
    assert signed_in("pier_officer").get(detail).status_code == 404


def test_the_list_costs_the_same_for_one_and_three(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("province_officer")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("desk_clients")).status_code == 200
        return len(captured)

    issued(world)
    cost()  # what is asked once a minute
    one = cost()
    issued(world, "pier")
    issued(world, "west")
    assert cost() == one


def test_the_documentation_tells_everything(world: World, client: Browser) -> None:
    page = client.get(reverse("api_docs")).content.decode()
    for said in ("/api/v1/members/status", "id_number", "Idempotency-Key", "membership.moved", "会员代号"):
        assert said in page
    assert all(kind.title in page for kind in KINDS.values())
    assert not re.findall(r'(?:src|href)="https?://(?!www\.standardwebhooks\.com)', page)
    document = client.get("/api/v1/openapi.json")
    assert document.json()["openapi"].startswith("3.1")
    assert reverse("api:openapi-json") in page


def test_actions_ask_again(world: World) -> None:
    """A view that forgot to ask is not the last gate."""
    import pytest

    from unionhall.foundation.actors import NotAllowed
    from unionhall.foundation.errors import Refused

    event = outbox.publish("card.revoked", paths=world.unions["alpha"].paths, data={})
    client, _ = issued(world)
    endpoint, _ = actions.add_endpoint(
        world.actor("province_officer"),
        client=client,
        url="https://hooks.bank.example/",
        events=["card.revoked"],
    )
    operator = world.actor("operator")  # manages clients, and may not read members
    for act in (
        lambda: actions.rotate(operator, client=client, overlap_hours=0),
        lambda: actions.add_endpoint(operator, client=client, url=endpoint.url, events=["card.revoked"]),
        lambda: actions.change_endpoint(
            operator, endpoint=endpoint, url=endpoint.url, events=["card.revoked"]
        ),
        lambda: actions.enable_endpoint(operator, endpoint=endpoint),
        lambda: actions.resend(operator, delivery=Delivery.objects.create(endpoint=endpoint, event=event)),
    ):
        with pytest.raises(Refused, match="全部权限"):
            act()
    other = world.actor("gorge_officer")
    for refused in (
        lambda: actions.rotate(other, client=client, overlap_hours=0),
        lambda: actions.revoke(other, client=client, reason="不该可以"),
        lambda: actions.add_endpoint(other, client=client, url="https://a.example/", events=["card.revoked"]),
        lambda: actions.remove_endpoint(other, endpoint=endpoint),
        lambda: actions.try_endpoint(other, endpoint=endpoint),
    ):
        with pytest.raises(NotAllowed):
            refused()
