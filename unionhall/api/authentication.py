"""The gate before every operation: token, quota, scope, then the size and kind of what is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from unionhall.access import signing
from unionhall.foundation import throttling
from unionhall.foundation.actors import Actor

from . import limits, tokens
from .access import ClientAccess, actor_of
from .models import Client, ClientToken
from .problems import Problem
from .scopes import Scope

#: Wrong tokens from one address: more is guessing. A right token is never refused for its neighbours' guesses.
BAD_TOKENS, BAD_TOKENS_WINDOW = 30, timedelta(minutes=10)
#: Bytes of a JSON body: ours are small.
JSON_BYTES = 64 * 1024
JSON, MULTIPART = "application/json", "multipart/form-data"
_USED_EVERY = timedelta(minutes=1)


class Call(HttpRequest):
    """A request that has passed the gate: whose it is, as whom it acts, what it may see."""

    auth: Client
    actor: Actor
    access: ClientAccess
    known: frozenset[str]


class Bearer(HttpBearer):
    """`auth=Bearer(Scope.X)`: the operation is for clients with that scope; `takes` is the body's media type."""

    openapi_bearerFormat = "uh_…"  # noqa: N815 — the key of the OpenAPI document
    openapi_description = "接入方的令牌，写在请求头 Authorization: Bearer 之后"

    def __init__(self, scope: Scope, *, takes: str = "", most: int = JSON_BYTES) -> None:
        super().__init__()
        self.scope, self.takes, self.most = scope, takes, most

    def __call__(self, request: HttpRequest) -> Any:
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer" or not token.strip():
            raise Problem("unauthorised", headers={"WWW-Authenticate": 'Bearer realm="unionhall"'})
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Client:
        client = _client_of(token)
        if client is None:
            raise _refused(request)
        taken = limits.take(client)
        request.taken = taken  # type: ignore[attr-defined]  # the middleware writes its headers
        if not taken.allowed:
            raise Problem(
                "rate-limited",
                f"每分钟最多 {taken.limit} 次。请 {taken.seconds} 秒后再试。",
                headers={"Retry-After": str(taken.seconds)},
            )
        if not client.has(self.scope):
            raise Problem(
                "scope-missing",
                f"此接口需要权限 {self.scope.value}（{self.scope.label}）。请联系开通接入方的工会。",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope.value}"'
                },
            )
        _check_parameters(request)
        self._check_body(request)
        actor = actor_of(client, getattr(request, "trace", ""))
        request.actor, request.access = actor, actor.access  # type: ignore[attr-defined]
        return client

    def _check_body(self, request: HttpRequest) -> None:
        """Before anything is read: a body that is too large or of another kind is refused by its headers."""
        if not self.takes:
            return
        if request.content_type != self.takes:
            raise Problem("unsupported-media-type", f"请求头 Content-Type 应为 {self.takes}。")
        text = request.META.get("CONTENT_LENGTH") or "0"
        length = int(text) if text.isascii() and text.isdigit() else 0
        if length > self.most:
            most = (
                f"{self.most // 1024 // 1024} MB" if self.most >= 1024 * 1024 else f"{self.most // 1024} KB"
            )
            raise Problem("too-large", f"请求体最大 {most}。")


def _check_parameters(request: HttpRequest) -> None:
    known: frozenset[str] = request.known  # type: ignore[attr-defined]  # application.only_declared
    if unknown := sorted(set(request.GET) - known):
        faults = [{"parameter": name, "detail": "没有这个参数，请删去或改正。"} for name in unknown[:20]]
        raise Problem("invalid", errors=faults)


def _client_of(token: str) -> Client | None:
    """The client of a token that is good now, with its organisation: one query."""
    prefix = tokens.prefix_of(token)
    if not prefix:
        return None
    rows = ClientToken.objects.everywhere(reason="whoever holds the token is its client").filter(
        prefix=prefix
    )
    found = rows.select_related("client__organisation").first()
    if found is None or not tokens.fits(token, found.key, found.digest):
        return None
    now = timezone.now()
    if not found.works_at(now) or not found.client.works_on(timezone.localdate(now)):
        return None
    if found.last_used_at is None or now - found.last_used_at > _USED_EVERY:
        rows.update(last_used_at=now)
    return found.client


def _refused(request: HttpRequest) -> Problem:
    """Unknown, expired and revoked tokens get one answer; guessing on is slowed down per address."""
    wait = throttling.take(
        "api.token", signing.address_digest(request), limit=BAD_TOKENS, per=BAD_TOKENS_WINDOW
    )
    if wait is not None:
        return Problem(
            "rate-limited",
            f"错误的令牌太多，请 {wait.seconds} 秒后再试。",
            headers={"Retry-After": str(wait.seconds)},
        )
    return Problem(
        "unauthorised", headers={"WWW-Authenticate": 'Bearer realm="unionhall", error="invalid_token"'}
    )
