"""A client and its calls, as tests make them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client as Browser

from tests.world import World
from unionhall.api import actions
from unionhall.api.models import Client
from unionhall.api.scopes import Scope

ALL = tuple(Scope)
WHY = "test"


def issued(
    world: World, union: str = "east", scopes: Iterable[str] = ALL, by: str = "province_officer", **more: Any
) -> tuple[Client, str]:
    """A client of a union's subtree and its token."""
    return actions.issue(
        world.actor(by), name=more.pop("name", f"江城银行 {union}"), organisation=world.unions[union],
        scopes=list(scopes), purpose="核对工会卡持卡人身份", **{"per_minute": 600} | more,
    )  # fmt: skip


class Caller:
    """Calls with a token; `raise_request_exception` off, so that a fault is answered as in production."""

    def __init__(self, token: str = "") -> None:
        self.browser = Browser(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.browser.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, key: str = "", **more: Any) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        if "data" not in more:
            more |= {"data": "" if body is None else json.dumps(body), "content_type": "application/json"}
        return self.browser.post(f"/api/v1{path}", headers=headers, **more)


def problem(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem that a response must be, in every particular."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = response.json()
    assert said["type"] == f"urn:unionhall:problem:{kind}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["trace"] == response.get("X-Request-ID", "")
    return said
