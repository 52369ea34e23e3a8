"""What pages show of notices: tones, clocks, rows as the public and as officers see them."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.permissions import Role, carries
from unionhall.foundation.scope import Access
from unionhall.kit.workdays import Calendar, deadline_state
from unionhall.organisations.models import Organisation

from .models import NoticeRow, PublicNotice

#: After the end of a notice its list leaves the public page; the notice itself and its result stay (个保法 art. 19).
NAMES_DAYS = 30
TONES = {
    "draft": "mute", "publicised": "info", "suspended": "warn", "passed": "ok", "stopped": "mute", "open": "info",
    "removed": "mute", "upheld": "bad", "dismissed": "ok", "moot": "mute", "published": "ok", "withdrawn": "mute",
}  # fmt: skip
PAUSED = "核实异议"


def clock(notice: PublicNotice, today: date, calendar: Calendar) -> dict[str, Any]:
    """What `{% deadline %}` asks for; a notice counts down to its last day and is never overdue."""
    if not notice.is_running or notice.ends is None:
        return {"due": notice.ends, "days": None, "paused": "", "done": True}
    if notice.state == PublicNotice.State.SUSPENDED:
        return {"due": notice.ends, "days": None, "paused": PAUSED, "done": False}
    if today > notice.ends:
        return {"due": notice.ends, "days": None, "paused": "", "done": True}
    return {
        "due": notice.ends, "days": deadline_state(notice.ends, today, calendar).days, "paused": "", "done": False,
    }  # fmt: skip


def names_shown(notice: PublicNotice) -> bool:
    """Whether the list itself is still public."""
    closed = notice.closed_at
    return closed is None or timezone.now() < closed + timedelta(days=NAMES_DAYS)


def public_row(row: NoticeRow, notice: PublicNotice, today: date) -> dict[str, Any]:
    """A row for everybody: one that was taken off says so and nothing else."""
    if row.state == NoticeRow.State.REMOVED:
        return {"order": row.order, "name": "—", "unit": "", "values": [""] * len(notice.columns),
                "words": "已取消", "tone": "mute", "open": False}  # fmt: skip
    over = row.ends is not None and today > row.ends
    if row.state == NoticeRow.State.OPEN and row.paused_on is not None:
        words, tone = "暂停，核实异议", "warn"
    elif row.state == NoticeRow.State.OPEN and not over:
        words, tone = "公示中", "info"
    else:
        words, tone = "期满", "ok"
    open_ = row.state == NoticeRow.State.OPEN and (row.paused_on is not None or not over)
    return {"order": row.order, "name": row.name, "unit": row.unit, "values": row.values,
            "words": words, "tone": tone, "open": open_}  # fmt: skip


def tabs(current: str, access: Access) -> list[dict[str, Any]]:
    """The parts of the desk of notices that the reader may open."""
    parts = (
        ("desk_notices", "公示", "bulletins.view"),
        ("desk_objections", "异议", "bulletins.settle"),
        ("desk_bulletins", "公告信息", "bulletins.view"),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, permission in parts
        if access.prefixes(permission)
    ]


def public_tabs(current: str) -> list[dict[str, Any]]:
    parts = (
        ("public_notices", "公示"),
        ("public_announcements", "公告"),
        ("public_policies", "政策"),
        ("public_news", "工会要闻"),
    )
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in parts]


def places(access: Access) -> list[Organisation]:
    """Unions in whose name the reader publishes: those where he holds his office, not everything below."""
    found = {
        grant.organisation.pk: grant.organisation
        for grant in getattr(access, "grants", ())
        if carries("bulletins.publish", Role(grant.role), grant.line)
    }
    return sorted(found.values(), key=lambda one: str(one.path))
