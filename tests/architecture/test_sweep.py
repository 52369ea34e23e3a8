"""Every address as every persona: out of scope is 404, without the permission 403, not signed in a redirect.

An address whose view declares no permission fails, and so does one that asks for an object and has no sample.
"""

import re
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.views.generic import View

from tests.architecture.page_faults import faults
from tests.architecture.routes import Route, routes
from tests.architecture.samples import SAMPLES, Sample
from tests.world import World
from unionhall.access.models import Account
from unionhall.foundation.permissions import EVERYONE, SIGNED_IN, permission
from unionhall.foundation.views import Requires

PERSONAS = [
    "",  # nobody
    "worker_alpha",
    "worker_outside",
    "chair_alpha",
    "officer_alpha",
    "chair_beta",
    "chair_delta",
    "transport_officer",
    "east_officer",
    "river_officer",
    "river_rights",
    "gorge_officer",
    "clerk",
    "reviewer",
    "leader",
    "auditor",
    "operator",
    "lawyer",
    "merchant",
    "insurer",
    "agency",
    "mediator",
]
FINE = {200, 204, 302, 303, 405, 409, 410, 422}
EVERY = routes()
#: Operations of the interface: a token opens them, never a session. Each scope is asked in unionhall/api/tests.
OPERATIONS = [route for route in EVERY if route.text.startswith("api/v1/") and route.view is None]
ALL = [route for route in EVERY if route not in OPERATIONS]


def undeclared(found: list[Route]) -> list[str]:
    """Addresses that say nothing about whom they are for, or need a sample object and have none."""
    wrong = []
    for route in found:
        code = getattr(route.view, "permission", None)
        if not (isinstance(route.view, type) and issubclass(route.view, Requires)) or not code:
            wrong.append(f"{route.text}: no permission declared")
            continue
        if code not in (EVERYONE, SIGNED_IN):
            permission(code)
        if route.arguments and route.name not in SAMPLES:
            wrong.append(f"{route.text} ({route.name}): no sample object")
    return wrong


def test_every_address_declares_its_permission() -> None:
    assert undeclared(ALL) == []


def test_an_undeclared_address_is_caught() -> None:
    class Open(View):
        def get(self, request: Any) -> HttpResponse:
            return HttpResponse()

    pattern = path("open/", Open.as_view(), name="open")
    route = Route("open", pattern.callback.view_class, (), "open/")  # type: ignore[attr-defined]
    assert undeclared([route]) == ["open/: no permission declared"]


def allowed(view: Any, sample: Sample | None, persona: str, world: World) -> set[int]:
    """The answers that keep the promise."""
    code = view.permission
    if code == EVERYONE:
        return FINE | {404}
    if not persona:
        return {302}
    access = world.actor(persona).access
    prefixes = () if code == SIGNED_IN else access.prefixes(code)
    if code != SIGNED_IN and not prefixes:
        return {403}
    if sample is not None and sample.owner:
        return FINE if persona == sample.owner else {404}
    if code == SIGNED_IN:
        return FINE | {404}
    if sample is None or not sample.paths:
        return FINE | ({404} if sample and sample.nothing else set())
    seen = any(place.startswith(prefix) for place in sample.paths for prefix in prefixes)
    return FINE if seen else {sample.elsewhere}


_cookies: dict[int, str] = {}


def _come_in_as(client: Client, account: Account | None) -> None:
    """Sign in once per account and keep the cookie: with sessions in cookies no request writes one."""
    client.cookies.clear()
    if account is None:
        return
    if account.pk not in _cookies:
        client.force_login(account, backend="unionhall.access.backends.DeskBackend")
        _cookies[account.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.cookies[settings.SESSION_COOKIE_NAME] = _cookies[account.pk]


@pytest.fixture
def sessions_in_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SESSION_ENGINE", "django.contrib.sessions.backends.signed_cookies")


@pytest.mark.usefixtures("sessions_in_cookies")
@pytest.mark.parametrize("route", ALL, ids=lambda route: route.name or route.text)
def test_every_persona(route: Route, world: World, client: Client) -> None:
    make = SAMPLES.get(route.name)
    sample = make(world) if make else None
    address = reverse(route.name, kwargs=sample.kwargs if sample else None)
    for persona in PERSONAS:
        _come_in_as(client, world.accounts.get(persona))
        promise = allowed(route.view, sample, persona, world)
        response = client.get(address)
        status = response.status_code
        assert status in promise or status == 405, (
            f"GET {address} as {persona or 'nobody'}: {status}, not in {promise}"
        )
        assert faults(response, signed_in=bool(persona)) == [], f"GET {address} as {persona or 'nobody'}"
        if not promise & {200}:  # whoever is refused the page is refused the deed
            status = client.post(address, {}).status_code
            assert status in promise | {405}, (
                f"POST {address} as {persona or 'nobody'}: {status}, not in {promise}"
            )


@pytest.mark.usefixtures("sessions_in_cookies")
def test_no_session_opens_the_interface(world: World, client: Client) -> None:
    assert len(OPERATIONS) > 15
    for route in OPERATIONS:
        address = "/" + re.sub(r"<[^>]+>", "1", route.text)
        public = {"openapi-json": 200, "api-root": 404}.get(route.name)
        for persona in PERSONAS:
            _come_in_as(client, world.accounts.get(persona))
            found = client.get(address)
            if found.status_code == 405:
                found = client.post(address)
            if public:
                assert found.status_code == public
                continue
            assert found.status_code == 401, f"{address} as {persona}"
            assert found["Content-Type"] == "application/problem+json"
