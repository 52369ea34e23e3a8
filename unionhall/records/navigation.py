"""Unread messages, for every layout."""

from typing import Any

from django.db.models import Count, Window
from django.http import HttpRequest

from unionhall.foundation.compiled import Compiled, Reader
from unionhall.foundation.context import count_unread_with
from unionhall.foundation.navigation import Entry, declare

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
        request.unread = sum(_counted(account=account))  # type: ignore[attr-defined]
    return getattr(request, "unread", 0)


def newest_unread(request: HttpRequest) -> list[Message]:
    """The newest of them, for a page that shows some: how many there are comes with them."""
    account: int | None = request.access.account_id  # type: ignore[attr-defined]
    found = _newest(account=account) if account is not None else []
    request.unread = found[0].unread if found else 0  # type: ignore[attr-defined]
    return found


count_unread_with(unread)
declare(Entry("desk", "管理", "日志", "desk_journal", "history", "records.journal", 60))
