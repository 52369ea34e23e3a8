"""Unread messages, for every layout."""

from typing import Any

from django.db.models import Count, Window
from django.http import HttpRequest

from unionhall.foundation.compiled import Ask, Compiled, Reader
from unionhall.foundation.context import count_unread_with
from unionhall.foundation.navigation import Entry, ask_ahead, declare

from .models import Message

SHOWN = 3


def _mine() -> Any:
    return Message.objects.owned_by(Reader()).filter(read_at=None)


_counted = Compiled(lambda: _mine().order_by().values("recipient_id").values_list(Count("pk"), flat=True))
_newest = Compiled(lambda: _mine().annotate(unread=Window(Count("pk"))).order_by("-pk")[:SHOWN])


def unread(request: HttpRequest) -> int:
    """How many messages the reader has not opened; asked once a request, here or by `newest_unread`."""
    account: int | None = request.access.account_id  # type: ignore[attr-defined]
    if account is not None and not hasattr(request, "unread"):
        request.unread = sum(_count(request, account).get())  # type: ignore[attr-defined]
    return getattr(request, "unread", 0)


def _count(request: HttpRequest, account: int) -> Ask[int]:
    if not hasattr(request, "unread_asked"):
        request.unread_asked = _counted.ask(account=account)  # type: ignore[attr-defined]
    found: Ask[int] = request.unread_asked  # type: ignore[attr-defined]
    return found


def ahead(request: HttpRequest) -> list[Ask[Any]]:
    account: int | None = request.access.account_id  # type: ignore[attr-defined]
    return [] if account is None or hasattr(request, "unread") else [_count(request, account)]


def newest_unread(request: HttpRequest) -> list[Message]:
    """The newest of them, for a page that shows some: how many there are comes with them."""
    account: int | None = request.access.account_id  # type: ignore[attr-defined]
    found = newest_asked(request).get() if account is not None else []
    request.unread = found[0].unread if found else 0  # type: ignore[attr-defined]
    return found


def newest_asked(request: HttpRequest) -> Ask[Message]:
    """What `newest_unread` will ask, to be put together with other questions."""
    if not hasattr(request, "newest_asked"):
        request.newest_asked = _newest.ask(account=request.access.account_id)  # type: ignore[attr-defined]
    found: Ask[Message] = request.newest_asked  # type: ignore[attr-defined]
    return found


ask_ahead(ahead)
count_unread_with(unread)
declare(Entry("desk", "管理", "日志", "desk_journal", "history", "records.journal", 60))
