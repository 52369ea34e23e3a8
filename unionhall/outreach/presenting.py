"""What pages show of visits, problems, duties and contact points. The reader's right was asked before."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import Line, Role, carries
from unionhall.foundation.scope import Access
from unionhall.kit.workdays import deadline_state
from unionhall.organisations.models import Organisation

from .models import ContactPoint, ItemEvent, Visit, VisitDuty, VisitItem, VisitRating, VisitStop
from .rules.visiting import duty_light, hours_left

WHY = "parts of a visit or a problem that the reader may open"
VISIT = "outreach.visit"
VISIT_TONES = {"planned": "info", "done": "warn", "written": "ok", "cancelled": "mute"}
ITEM_TONES = {"open": "info", "reopened": "warn", "settled": "ok"}
LIGHT_TONES = {"green": "ok", "amber": "warn", "red": "bad"}
KINDS = {"employer": "企业", "person": "职工家庭", "union": "工会"}
TABS = (
    ("走访", "desk_visits"),
    ("必访任务", "desk_visit_duties"),
    ("走访问题", "desk_visit_items"),
    ("联系点", "desk_contacts"),
    ("困难企业", "desk_difficult_firms"),
    ("年度统计", "desk_visit_table"),
    ("会议文件", "desk_office"),
)


def tabs(current: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": reverse(name), "current": name == current} for label, name in TABS]


def own_unions(access: Access, permission: str = VISIT) -> list[Organisation]:
    """Unions in which the reader himself is a cadre, not all those below; the highest first."""
    grants: Sequence[Grant] = getattr(access, "grants", ())
    found = {
        grant.organisation_id: grant.organisation
        for grant in grants
        if carries(permission, Role(grant.role), Line(grant.line))
    }
    return sorted(found.values(), key=lambda one: (len(one.path), one.path))


def name_of(stop: VisitStop | ContactPoint, actor: Actor, paths: tuple[str, ...]) -> str:
    """A family's full name for whoever visits there, masked for others."""
    if stop.person is not None:
        return stop.person.name if actor.may(VISIT, *paths) else stop.person.masked_name
    return str((stop.employer or stop.union).name)  # type: ignore[union-attr]


def stops(visit: Visit, actor: Actor) -> list[dict[str, Any]]:
    rows = VisitStop.objects.everywhere(reason=WHY).filter(visit=visit)
    return [
        {
            "stop": one,
            "name": name_of(one, actor, visit.organisation.paths),
            "kind": KINDS[one.kind],
        }
        for one in rows.select_related("employer", "person", "union").order_by("pk")
    ]


class Clock:
    """Working days left, asked of one calendar for a whole page."""

    @cached_property
    def calendar(self) -> Any:
        return working_calendar()

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    def left(self, due: date) -> int:
        return deadline_state(due, self.today, self.calendar).days


def item_rows(items: Iterable[VisitItem]) -> list[dict[str, Any]]:
    """Items with their last rating (prefetched or asked in one query)."""
    clock, found = Clock(), list(items)
    ratings = VisitRating.objects.everywhere(reason=WHY).filter(item__in=found).order_by("round")
    last = {one.item_id: one for one in ratings}
    return [
        {
            "item": one,
            "tone": ITEM_TONES[one.state],
            "left": clock.left(one.due_on) if one.is_open else None,
            "rating": last.get(one.pk),
            "stars": "★" * last[one.pk].stars if one.pk in last else "",
        }
        for one in found
    ]


def duty_row(duty: VisitDuty, now: datetime) -> dict[str, Any]:
    """The light with words and number: hours left, late by, met, void."""
    state = duty.state
    if state == "void":
        words, tone = "已撤销", "mute"
    elif state == "met":
        words, tone = "按时走访", "ok"
    elif state == "late":
        words, tone = "逾期走访", "warn"
    else:
        hours = hours_left(duty.due_at, now)
        tone = LIGHT_TONES[duty_light(duty.due_at, now)]
        left = f"剩 {hours} 小时" if hours else "不到 1 小时"
        words = f"逾期 {_length(-hours)}" if hours < 0 else left
    waits = duty.urged_at is not None and duty.explained_at is None
    return {"duty": duty, "words": words, "tone": tone, "waits": waits}


def _length(hours: int) -> str:
    return f"{hours} 小时" if hours < 72 else f"{hours // 24} 天"


def trail(item: VisitItem, *, own: bool = False) -> list[dict[str, Any]]:
    """What happened, latest first; `own`: what whoever raised it may read."""
    rows = ItemEvent.objects.everywhere(reason=WHY).filter(item=item).order_by("-pk")
    if own:
        rows = rows.filter(shown=True)
    return [
        {
            "who": "工会" if own and one.actor_id else one.actor_name,
            "at": one.at,
            "what": one.what,
            "opinion": one.note,
            "tone": one.tone,
        }
        for one in rows
    ]


def photos(visit: Visit) -> list[dict[str, Any]]:
    rows = visit.photos.everywhere(reason=WHY).select_related("attachment").order_by("pk")
    return [
        {
            "name": one.attachment.name,
            "url": reverse("desk_visit_photo_open", args=[visit.pk, one.pk]),
            "size": one.attachment.size,
        }
        for one in rows
    ]
