"""Messages at the desk: one's own, newest first; opening one marks it read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Detail, List, Requires

from ..models import Message


class Messages(List):
    model = Message
    permission = SIGNED_IN
    mine = True
    template_name = "records/messages.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "title": row.title,
                "body": row.body,
                "at": row.created_at,
                "url": reverse("desk_message", args=[row.pk]),
                "unread": row.read_at is None,
            }
            for row in rows
        ]


class ReadMessage(Detail):
    """The message; a link of ours leads on to what it is about."""

    model = Message
    permission = SIGNED_IN
    mine = True
    template_name = "records/message.html"

    def context(self) -> dict[str, Any]:
        message: Message = self.object
        if message.read_at is None:
            rows = Message.objects.owned_by(self.access).filter(pk=message.pk, read_at=None)
            rows.update(read_at=timezone.now())
        return {"link": message.url if url_has_allowed_host_and_scheme(message.url, None) else ""}


class ReadAll(Requires):
    """全部标为已读."""

    permission = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponse:
        Message.objects.owned_by(self.access).filter(read_at=None).update(read_at=timezone.now())
        return redirect("desk_messages")
