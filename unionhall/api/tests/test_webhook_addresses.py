"""Where a webhook goes: never into the inside, and to the address that was looked at."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import override_settings

from tests.world import World
from unionhall.api.models import Endpoint
from unionhall.api.webhooks import addresses, delivering

from .clients import WHY
from .receiver import Receiver
from .webhooks import deliveries, listening, suspend


def resolving_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    def look_up(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("found", [("127.0.0.1",), ("114.114.114.114", "10.0.0.8")], ids=["inside", "mixed"])
def test_a_name_that_leads_inside_is_not_followed(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...]
) -> None:
    """However the name was resolved when it was entered: it is looked at when something is sent."""
    listening(world, there)
    Endpoint.objects.everywhere(reason=WHY).update(
        url=there.url.replace("http://127.0.0.1", "https://hooks.bank.example")
    )
    suspend(world)
    with override_settings(DEMO=False):
        resolving_to(monkeypatch, *found)
        assert delivering.run() == 0
    (one,) = deliveries()
    assert one.fault == "不是公网上的 https 地址，不推送"
    assert there.came == []


def test_an_address_of_the_demo_is_none_in_earnest(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening(world, there)
    suspend(world)
    with override_settings(DEMO=False):
        resolving_to(monkeypatch, "114.114.114.114")
        assert delivering.run() == 0
    assert [one.fault for one in deliveries()] == ["不是公网上的 https 地址，不推送"]


def test_what_was_looked_at_is_what_is_connected_to(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer of a turning name is never asked for; the receiver still reads its own name."""
    asked = []
    listening(world, there)
    Endpoint.objects.everywhere(reason=WHY).update(url=there.url.replace("127.0.0.1", "hooks.bank.example"))
    suspend(world)
    resolve = addresses.resolve

    async def counted(host: str, port: int) -> str:
        asked.append(host)
        return await resolve(host, port)

    monkeypatch.setattr(addresses, "resolve", counted)
    resolving_to(monkeypatch, "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    assert delivering.run() == 1
    assert asked == ["hooks.bank.example"]
    assert there.came[0].headers["host"].startswith("hooks.bank.example:")


def test_a_name_that_leads_nowhere(world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    listening(world, there)
    Endpoint.objects.everywhere(reason=WHY).update(url="https://nowhere.invalid/hook")

    def nowhere(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    suspend(world)
    assert delivering.run() == 0
    assert [one.fault for one in deliveries()] == ["找不到主机名"]
