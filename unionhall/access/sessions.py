"""Sessions in PostgreSQL: whose they are, on what device, since when; how they end.

Django's session engine (`SESSION_ENGINE`). A desk's session ends when nothing was asked of it for
`settings.DESK_IDLE`, every session after its absolute lifetime, and all others of an account when its password or
second factor changes.
"""

import hashlib
import ipaddress
from copy import deepcopy
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from unionhall.foundation.compiled import Compiled, Given

from .models import Account, SignInSession

#: Session keys: how the session was opened (one by a text code carries no desk grants), when, and what is shown of it.
SIGNED_IN_BY, STARTED, DEVICE, NETWORK = "signed_in_by", "started", "device", "network"
BY_CODE, BY_PASSWORD, BY_PROVIDER = "code", "password", "provider"
METHOD_LABELS = {BY_CODE: "短信验证码", BY_PASSWORD: "密码", BY_PROVIDER: "统一身份认证"}
#: The longest a session lives, however busy: a worker's phone, a desk's working day.
WORKER_LIFE, DESK_LIFE = timedelta(days=14), timedelta(hours=12)
#: `seen_at` is written at most this often.
TOUCH = timedelta(minutes=1)

_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "安卓"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("MicroMessenger", "微信"), ("AlipayClient", "支付宝"), ("DingTalk", "钉钉"), ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


_living = Compiled(
    lambda: SignInSession.objects.filter(key_digest=Given("key"), expires_at__gt=Given("now")).select_related(
        "account"
    )
)


@lru_cache(maxsize=2000)
def _opened(store: type[SessionBase], data: str) -> dict[str, Any]:
    """What the column says: the same text says the same, and opening it takes as long as reading the row."""
    return dict(store().decode(data))


class SessionStore(SessionBase):
    """Rows of SignInSession, found by the digest of the key; with each comes its account."""

    _account: Account | None = None

    @property
    def account(self) -> Account | None:
        """The account that the session was read with; None for a visitor's, and for one just opened."""
        self._get_session()  # type: ignore[attr-defined]
        return self._account

    def _rows(self, key: str | None = None) -> QuerySet[SignInSession]:
        return SignInSession.objects.filter(key_digest=digest_of_key(key or self.session_key or ""))

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        found = _living(key=digest_of_key(self.session_key), now=now) if self.session_key else []
        row = found[0] if found else None
        if row is None or _idle(row, now):
            if row is not None:
                row.delete()
            self._session_key = None
            return {}
        if row.account_id is not None and now - row.seen_at >= TOUCH:
            SignInSession.objects.filter(pk=row.pk).update(seen_at=now)
        self._account = row.account
        return deepcopy(_opened(type(self), row.data))

    def exists(self, session_key: str) -> bool:
        return self._rows(session_key).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = self._columns(data)
        if not must_create:
            if not self._rows().update(**values):
                raise UpdateError
            return
        try:
            with transaction.atomic():
                SignInSession.objects.create(key_digest=digest_of_key(self.session_key), **values)
        except IntegrityError as taken:
            raise CreateError from taken

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self._rows(key).delete()

    @classmethod
    def clear_expired(cls) -> None:
        forget_ended()

    def _columns(self, data: dict[str, Any]) -> dict[str, Any]:
        now, method = timezone.now(), data.get(SIGNED_IN_BY, "")
        started = _time(data.get(STARTED)) or now
        life = WORKER_LIFE if method == BY_CODE else DESK_LIFE
        account = data.get("_auth_user_id")
        return {
            "data": self.encode(data),
            "account_id": int(account) if account else None,
            "method": method,
            "device": data.get(DEVICE, ""),
            "address": data.get(NETWORK, ""),
            "started_at": started,
            "seen_at": now,
            "expires_at": min(self.get_expiry_date(), started + life),
        }


def digest_of_key(key: str) -> str:
    """The key is 160 random bits: a plain digest of it can't be undone."""
    return hashlib.sha256(key.encode()).hexdigest()


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone()) if seconds else None


def _idle(row: SignInSession, now: datetime) -> bool:
    return row.account_id is not None and row.method != BY_CODE and now - row.seen_at > settings.DESK_IDLE


def begin(request: HttpRequest, method: str) -> None:
    """Write into a session that was just opened how, when and on what it was opened."""
    request.session.update(
        {
            SIGNED_IN_BY: method,
            STARTED: int(timezone.now().timestamp()),
            DEVICE: device_words(request.headers.get("User-Agent", "")),
            NETWORK: network_words(client_address(request)),
        }
    )


def of(account: Account | int | None) -> QuerySet[SignInSession]:
    """An account's sessions that still live, latest first."""
    return SignInSession.objects.filter(account=account, expires_at__gt=timezone.now()).order_by(
        "-seen_at", "-pk"
    )


def end(account: Account | int, *, besides: SessionBase | None = None) -> int:
    """End an account's sessions, all or all `besides` one; answers how many."""
    rows = SignInSession.objects.filter(account=account)
    if besides is not None and besides.session_key:
        rows = rows.exclude(key_digest=digest_of_key(besides.session_key))
    return int(rows.delete()[0])


def forget_ended() -> int:
    return int(SignInSession.objects.filter(expires_at__lt=timezone.now()).delete()[0])


def client_address(request: HttpRequest) -> str:
    """Where the request comes from. Behind our own proxy the last entry is the one that it wrote."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or address
    return address


def network_of(address: str) -> str:
    """What is counted as one place: an IPv4 address, or the /64 that a household chooses IPv6 addresses from."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:45]
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def network_words(address: str) -> str:
    """`203.0.113.*`, `2001:db8:1:2:*`: enough to know one's own network, not the machine."""
    network = network_of(address)
    if "/" in network:
        return f"{network.partition('/')[0].rstrip(':')}:*"
    return f"{network.rpartition('.')[0]}.*" if network.count(".") == 3 else ""


def device_words(agent: str) -> str:
    """The browser and system in words, such as `Chrome · Windows`; what the browser says of itself, nothing more."""
    found = [next((label for sign, label in table if sign in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in found if part) or "未知设备"
