"""Known devices: a signed cookie says which accounts once signed in on this browser.

It opens nothing. It only chooses whose tries are counted: the owner's device has its own, strangers share theirs.
The cookie names accounts by keyed marks, so that it tells nobody whose it is.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing as signed
from django.http import HttpRequest, HttpResponse

from unionhall.foundation.sealing import CODE, ring

from .models import Account

LIFE = timedelta(days=180)
#: A window's computer or a family's phone: the last few accounts, not a history.
ACCOUNTS = 8
_SALT = "unionhall.access.device"


@dataclass(frozen=True)
class Device:
    """A browser's own number and the marks of accounts that signed in on it."""

    number: str
    marks: tuple[str, ...] = ()

    def knows(self, account: Account | None) -> bool:
        return account is not None and _mark(account) in self.marks


def _mark(account: Account) -> str:
    """Ends when the password changes: a thief who once signed in is a stranger afterwards."""
    return ring().index(CODE, f"device:{account.pk}:{account.password}").hex()[:16]


def device_of(request: HttpRequest) -> Device | None:
    """The device that the cookie names; None for none, a forged or an old one."""
    try:
        number, *marks = signed.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=LIFE
        )
    except (signed.BadSignature, ValueError, TypeError):
        return None
    return Device(str(number), tuple(str(mark) for mark in marks))


def number_of(request: HttpRequest, account: Account | None) -> str:
    """The device's number when it knows the account, else "" (a stranger)."""
    device = device_of(request)
    return device.number if device is not None and device.knows(account) else ""


def remember(request: HttpRequest, account: Account) -> None:
    """The account has signed in here: `keep` writes it into the answer."""
    request.known_device = account  # type: ignore[attr-defined]


def keep(request: HttpRequest, response: HttpResponse) -> None:
    account = getattr(request, "known_device", None)
    if account is None:
        return
    device = device_of(request) or Device(secrets.token_hex(12))
    mark = _mark(account)
    marks = [mark, *(one for one in device.marks if one != mark)][:ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signed.dumps([device.number, *marks], salt=_SALT),
        max_age=LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
