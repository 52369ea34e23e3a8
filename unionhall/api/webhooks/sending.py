"""One round of pushes, side by side, each with a deadline of its own. Signed as Standard Webhooks says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from django.conf import settings
from standardwebhooks import Webhook

from unionhall import __version__

from . import addresses

__all__ = ["Outcome", "Parcel", "send_all"]

#: Seconds for one push in all, the look-up of the name included.
DEADLINE = 10.0
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes where: `key` stays the same however often it is sent."""

    delivery: int
    endpoint: int
    url: str
    secret: str
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel: the receiver's status, or why there is none."""

    delivery: int
    endpoint: int
    status: int | None = None
    fault: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Pinned(httpx.AsyncHTTPTransport):
    """Connects to the address that was looked at, under the name that was asked for: nothing turns in between."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # An address entered in demo mode is no address in earnest.
        if request.url.scheme != "https" and not settings.DEMO:
            raise addresses.NotPublic(request.url.scheme)
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await addresses.resolve(host, port)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return await super().handle_async_request(request)


def send_all(parcels: Sequence[Parcel]) -> list[Outcome]:
    """Send them all; never raises for a receiver's sake. In a thread of its own, for a caller's loop is not ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _round(parcels)).result()


async def _round(parcels: Sequence[Parcel]) -> list[Outcome]:
    places = asyncio.Semaphore(AT_ONCE)
    # No proxy and no .netrc from the environment; redirects would lead past the look at the address.
    async with httpx.AsyncClient(transport=Pinned(), trust_env=False, follow_redirects=False) as http:
        return list(await asyncio.gather(*(_send(http, places, parcel) for parcel in parcels)))


async def _send(http: httpx.AsyncClient, places: asyncio.Semaphore, parcel: Parcel) -> Outcome:
    async with places:
        try:
            async with asyncio.timeout(DEADLINE):
                status = await _post(http, parcel)
        except (Exception, asyncio.CancelledError) as failure:
            return Outcome(parcel.delivery, parcel.endpoint, fault=_said(failure))
    fault = "" if 200 <= status < 300 else f"对方答复 {status}"
    return Outcome(parcel.delivery, parcel.endpoint, status, fault)


async def _post(http: httpx.AsyncClient, parcel: Parcel) -> int:
    now = datetime.now(UTC)
    signature = Webhook(parcel.secret).sign(parcel.key, now, parcel.body)
    headers = {
        "content-type": "application/json",
        "user-agent": f"UnionHall/{__version__}",
        "webhook-id": parcel.key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    # The answer's status is all that counts: its body is not read.
    async with http.stream("POST", parcel.url, content=parcel.body.encode(), headers=headers) as response:
        return response.status_code


def _said(failure: BaseException) -> str:
    """Why, without anything the receiver wrote."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "对方证书无效"
        cause = cause.__cause__ or cause.__context__
    if isinstance(failure, addresses.NotPublic):
        return "不是公网上的 https 地址，不推送"
    if isinstance(failure, addresses.Unresolved):
        return "找不到主机名"
    if isinstance(failure, (TimeoutError, httpx.TimeoutException)):
        return "对方没有在限时内答复"
    return "连接失败"
