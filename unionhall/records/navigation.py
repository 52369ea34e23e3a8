"""Unread messages, for every layout."""

from django.http import HttpRequest

from unionhall.foundation.context import count_unread_with
from unionhall.foundation.navigation import Entry, declare

from .models import Message


def unread(request: HttpRequest) -> int:
    access = request.access  # type: ignore[attr-defined]
    return Message.objects.owned_by(access).filter(read_at=None).count()


count_unread_with(unread)
declare(Entry("desk", "管理", "日志", "desk_journal", "history", "records.journal", 60))
