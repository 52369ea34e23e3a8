"""Every address as every persona: out of scope is 404, without the permission 403, not signed in a redirect.

An address whose view declares no permission fails, and so does one that asks for an object and has no sample.
"""

import re
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone
from django.views.generic import View

from tests.architecture.page_faults import faults
from tests.architecture.routes import Route, routes
from tests.architecture.samples import SAMPLES, Sample
from tests.world import World
from unionhall.access.grants import actor_for
from unionhall.access.models import Account, SignInSession
from unionhall.access.sessions import digest_of_key
from unionhall.foundation.permissions import EVERYONE, SIGNED_IN, permission
from unionhall.foundation.scope import Access
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


def allowed(view: Any, sample: Sample | None, persona: str, doors: "Doors") -> set[int]:
    """The answers that keep the promise."""
    code = view.permission
    if code == EVERYONE:
        return FINE | {404}
    if not persona:
        return {302}
    prefixes = () if code == SIGNED_IN else doors.prefixes(persona, code)
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


class Doors:
    """Lets the client in as one persona after another.

    Everybody's session is opened once; its row, which each test rolls back, is put in again by one statement.
    """

    _opened: ClassVar[dict[int, tuple[str, SignInSession]]] = {}
    _access: ClassVar[dict[int, Access]] = {}

    def __init__(self, client: Client, accounts: dict[str, Account]) -> None:
        self.client, self.accounts = client, accounts
        known = [self._opened[one.pk][1] for one in accounts.values() if one.pk in self._opened]
        for row in known:
            row.seen_at = timezone.now()
        SignInSession.objects.bulk_create(known)

    def come_in_as(self, persona: str) -> None:
        self.client.cookies.clear()
        if not persona:
            return
        account = self.accounts[persona]
        if account.pk not in self._opened:
            self.client.force_login(account, backend="unionhall.access.backends.DeskBackend")
            key = self.client.cookies[settings.SESSION_COOKIE_NAME].value
            self._opened[account.pk] = key, SignInSession.objects.get(key_digest=digest_of_key(key))
        self.client.cookies[settings.SESSION_COOKIE_NAME] = self._opened[account.pk][0]

    def prefixes(self, persona: str, code: str) -> tuple[str, ...]:
        """What the persona's grants give: no sample grants anybody anything, so they are read once."""
        account = self.accounts[persona]
        if account.pk not in self._access:
            self._access[account.pk] = actor_for(account).access
        return self._access[account.pk].prefixes(code)


@pytest.fixture
def doors(client: Client, world: World) -> Doors:
    return Doors(client, {persona: world.accounts[persona] for persona in PERSONAS if persona})


@pytest.mark.parametrize("route", ALL, ids=lambda route: route.name or route.text)
def test_every_persona(route: Route, world: World, client: Client, doors: Doors) -> None:
    make = SAMPLES.get(route.name)
    sample = make(world) if make else None
    address = reverse(route.name, kwargs=sample.kwargs if sample else None)
    for persona in PERSONAS:
        doors.come_in_as(persona)
        promise = allowed(route.view, sample, persona, doors)
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


def test_no_session_opens_the_interface(client: Client, doors: Doors) -> None:
    assert len(OPERATIONS) > 15
    for route in OPERATIONS:
        address = "/" + re.sub(r"<[^>]+>", "1", route.text)
        public = {"openapi-json": 200, "api-root": 404}.get(route.name)
        for persona in PERSONAS:
            doors.come_in_as(persona)
            found = client.get(address)
            if found.status_code == 405:
                found = client.post(address)
            if public:
                assert found.status_code == public
                continue
            assert found.status_code == 401, f"{address} as {persona}"
            assert found["Content-Type"] == "application/problem+json"
