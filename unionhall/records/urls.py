"""Addresses of the pages of records."""

from django.urls import URLPattern, path

from .views import files, journal, messages

desk: list[URLPattern] = [
    path("journal/", journal.Journal.as_view(), name="desk_journal"),
    path("attachments/<int:pk>/", files.Download.as_view(), name="desk_attachment"),
    path("messages/", messages.Messages.as_view(), name="desk_messages"),
    path("messages/read/", messages.ReadAll.as_view(), name="desk_messages_read"),
    path("messages/<int:pk>/", messages.ReadMessage.as_view(), name="desk_message"),
]
