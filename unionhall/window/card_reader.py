"""The ID-card reader at the counter: a program on the clerk's own machine answers the browser (docs/card-reader.md).

Nothing of ours talks to it but the page's script, and only where UNIONHALL_CARD_READER says where it is.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from unionhall.foundation.headers import CONTENT_POLICY

LOCAL = {"localhost", "127.0.0.1", "::1"}
#: Where the demonstration serves its own reader.
MOCK = "/window/card-reader/"


def address() -> str:
    """Where the page asks for a card; empty where there is no reader."""
    return str(settings.CARD_READER)


def origin() -> str:
    """What the content policy must let through; empty when it is our own address, or none."""
    parts = urlsplit(address())
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def policy() -> str:
    """The content policy of pages that read cards."""
    allowed = origin()
    found = CONTENT_POLICY.replace(
        "connect-src 'self'", f"connect-src 'self' {allowed}" if allowed else "connect-src 'self'"
    )
    return found + "; upgrade-insecure-requests" if settings.SESSION_COOKIE_SECURE else found


def check() -> None:
    """Only a program on the clerk's own machine may be named: numbers of documents go nowhere else."""
    parts = urlsplit(address())
    if not address() or (settings.DEMO and address() == MOCK):
        return
    if parts.scheme not in {"http", "https"} or parts.hostname not in LOCAL:
        raise ImproperlyConfigured(
            "UNIONHALL_CARD_READER 必须是本机地址，例如 http://127.0.0.1:18080/card。读卡程序装在窗口电脑上。"
        )
