"""What the wall of an incident shows beside its room: what happened in one stream, shares of opinions, others open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.scope import Access

from . import room
from .models import Case

#: Lines of the stream and other incidents that 1080 pixels hold.
LINES, OTHERS = 12, 3


def given(case: Case, access: Access, found: dict[str, Any]) -> dict[str, Any]:
    """`found` is what the room's page has; one statement more."""
    return {
        "stream": stream(case, found["entries"]),
        "bars": bars(found["opinions"]),
        "others": others(case, access),
    }


def stream(case: Case, entries: Iterable[Any]) -> list[dict[str, Any]]:
    """Entries of the log and what was done in the case, the latest first."""
    lines: list[tuple[datetime, dict[str, Any]]] = [
        (
            one.at,
            {
                "kind": one.get_kind_display(), "place": one.place, "body": one.body,
                "people": one.headcount, "log": True,
            },
        )
        for one in entries
    ]  # fmt: skip
    lines += [
        (one.at, {"kind": one.label, "place": "", "body": one.opinion, "people": None, "log": False})
        for one in case.events.all()
    ]
    lines.sort(key=lambda line: line[0], reverse=True)
    today = timezone.localdate()
    return [one | {"at": at, "today": timezone.localtime(at).date() == today} for at, one in lines[:LINES]]


def bars(opinions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Topics with the part of the largest, in hundredths."""
    most = max((one["people"] for one in opinions), default=0) or 1
    return [one | {"width": one["people"] * 100 // most} for one in opinions[:6]]


def others(case: Case, access: Access) -> dict[str, Any]:
    """Other incidents that are open in the reader's area: how many, and those whose clocks run out first."""
    rows = Case.objects.visible_to(access).open().filter(kind="incident").exclude(pk=case.pk)
    rows = rows.select_related("organisation", "incident", "employer", "owner").order_by("due_at", "pk")
    found, now, calendar = list(rows[: OTHERS + 1]), timezone.now(), working_calendar()
    return {"rows": [room.row(one, now, calendar) for one in found[:OTHERS]], "more": len(found) > OTHERS}
