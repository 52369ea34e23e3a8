"""A case as pages show it: light, clocks in words, what happened, where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.kit.workdays import Calendar, deadline_state
from unionhall.records.previews import kind_of

from . import kinds
from .models import Case, CaseClock, CaseEvent, CaseFile
from .schemes.base import UNIT_LABELS
from .versions import moves_of, scheme_of, state_label

HOUR = 3600


@dataclass(frozen=True)
class Light:
    """What `{% deadline %}` asks for; `days` counts hours where the limit is one of hours."""

    due: date | datetime | None
    days: int | None
    paused: str = ""
    done: bool = False
    unit: str = "个工作日"


def light(case: Case, now: datetime, calendar: Calendar) -> Light:
    """The clock that ends first; of a closed case none, of one without a running clock the reason."""
    if not case.is_open:
        return Light(None, None, done=True)
    if case.due_at is None:
        return Light(None, None, paused="没有在计时的时限")
    return _light(case.due_at, now, calendar)


def _light(due_at: datetime, now: datetime, calendar: Calendar, *, short: bool = False) -> Light:
    left = (due_at - now).total_seconds()
    due, today = timezone.localdate(due_at), timezone.localdate(now)
    if short or (left < 0 and due == today):
        return Light(due, int(left // HOUR), unit="小时")
    return Light(due, deadline_state(due, today, calendar).days)


def clock_rows(clocks: Iterable[CaseClock], now: datetime, calendar: Calendar) -> list[dict[str, Any]]:
    """Every clock of a case, those that run first: length, authority, light or how it ended, what pauses took."""
    rows = []
    for one in sorted(clocks, key=lambda each: (each.ended_at is not None, each.due_at)):
        if one.ended_at is not None:
            shown = Light(timezone.localdate(one.due_at), None, done=True)
        elif one.state == CaseClock.State.PAUSED and one.paused_at is not None:
            since = f"自 {timezone.localdate(one.paused_at):%m-%d} 起暂停：{one.pause_reason}"
            shown = Light(timezone.localdate(one.due_at), None, paused=since)
        else:
            shown = _light(one.due_at, now, calendar, short=one.unit in ("minutes", "hours"))
        rows.append(
            {
                "label": one.label,
                "length": f"{one.amount} {UNIT_LABELS.get(one.unit, one.unit)}",
                "article": one.article,
                "light": shown,
                "due_at": one.due_at,
                "ended": one.get_state_display() if one.ended_at is not None else "",
                "tone": {"met": "ok", "late": "bad"}.get(one.state, "mute"),
                "paused": _taken(one),
            }
        )
    return rows


def _taken(clock: CaseClock) -> str:
    """What pauses took so far, in words."""
    if clock.unit == "working_days":
        return f"已扣除暂停 {clock.paused_days} 个工作日" if clock.paused_days else ""
    if not clock.paused_seconds:
        return ""
    if clock.unit == "days":
        return f"已扣除暂停 {clock.paused_seconds // 86_400} 天"
    return f"已扣除暂停 {clock.paused_seconds // 60} 分钟"


_TONES = {"opened": "info", "answer": "ok", "handed_over": "warn", "assigned": "info", "rate_badly": "bad"}


def timeline(events: Iterable[CaseEvent], case: Case, *, for_worker: bool = False) -> list[dict[str, Any]]:
    """Entries for `{% timeline %}`. The worker reads what is shown to him, and unions instead of names."""
    entries = []
    for event in events:
        if for_worker and not (event.shown or event.before != event.after):
            continue
        own = event.actor_id is not None and event.actor_id == case.filed_by_id
        who = ("本人" if own else "工会") if for_worker else event.actor_name
        entries.append(
            {
                "who": who,
                "at": event.at,
                "what": event.label,
                "opinion": event.opinion if event.shown or not for_worker else "",
                "tone": _TONES.get(event.verb, "mute"),
            }
        )
    return entries


def stepper(case: Case, events: Sequence[CaseEvent]) -> list[dict[str, Any]]:
    """States passed, each with its day; where the case stands; the end, while it is open."""
    scheme = scheme_of(case)
    turns = [one for one in events if one.after and one.after != one.before]
    passed = [(one.after, timezone.localdate(one.at)) for one in turns]
    labels = {one.code: one.label for one in scheme.states}
    steps = [
        {"title": labels.get(code, code), "state": "done", "at": f"{day:%m-%d}", "note": ""}
        for code, day in passed[-6:]
    ]
    if steps:
        steps[-1]["state"] = "now" if case.is_open else "done"
    if case.is_open:
        steps.append({"title": "办结", "state": "todo", "at": "", "note": ""})
    return steps


def facts(case: Case) -> list[tuple[str, object]]:
    """What every kind shows, then what the kind adds."""
    rules = kinds.kind(case.kind)
    rows: list[tuple[str, object]] = [
        ("编号", case.number),
        ("来源", case.get_channel_display()),
        ("登记时间", f"{timezone.localtime(case.opened_at):%Y-%m-%d %H:%M}"),
        ("办理工会", case.organisation.name),
        ("承办人", case.owner.display_name if case.owner else "还没有分派"),
        ("提交人", case.filed_by or ("匿名" if case.is_anonymous else "")),
    ]
    more: list[tuple[str, object]] = [
        ("分派理由", case.owner_because),
        ("事由", rules.causes.get(case.cause, case.cause)),
        ("用人单位", case.employer.name if case.employer else ""),
        ("涉及人数", f"{case.headcount} 人" if case.headcount > 1 else ""),
        ("涉及金额", f"{case.amount:,.2f} 元" if case.amount is not None else ""),
        ("发生日期", f"{case.occurred_on}" if case.occurred_on else ""),
        ("办结时间", f"{timezone.localtime(case.closed_at):%Y-%m-%d %H:%M}" if case.closed_at else ""),
    ]
    return [*rows, *[one for one in more if one[1]], *rules.facts(case)]


def files(
    found: Iterable[CaseFile], address: Callable[[CaseFile], str], *, for_worker: bool = False
) -> list[dict[str, Any]]:
    """Papers with what to show of them: a picture, a player, the pages of a PDF, or only a link to keep it."""
    rows = []
    for one in found:
        if for_worker and not one.shown:
            continue
        kind, url = kind_of(one.attachment), address(one)
        rows.append(
            {
                "label": one.label,
                "name": one.attachment.name,
                "size": one.attachment.size,
                "at": one.at,
                "url": url,
                "look_url": f"{url}?look=1" if kind in ("picture", "pdf") else "",
                "show_url": f"{url}?show=1" if kind else "",
                "kind": kind,
                "made": bool(one.template),
            }
        )
    return rows


def row(case: Case, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """One line of the list."""
    rules = kinds.kind(case.kind)
    scheme_grades = getattr(scheme_of(case), "grades", {})
    labels = scheme_grades if isinstance(scheme_grades, dict) else {}
    return {
        "case": case,
        "kind": rules.title,
        "state": state_label(case),
        "tone": "mute" if not case.is_open else "info",
        "grade": labels.get(case.grade, case.grade),
        "cause": rules.causes.get(case.cause, ""),
        "owner": case.owner.display_name if case.owner else "",
        "light": light(case, now, calendar),
    }


def desk_moves(case: Case) -> list[tuple[str, str, bool]]:
    """(code, label, whether an opinion is asked) of what a handler may do now with the general form."""
    general = kinds.kind(case.kind).desk_moves
    return [(one.code, one.label, one.asks) for one in moves_of(case) if one.code in general]


def first_promise(case: Case) -> date | None:
    """The day by which the one who filed hears whether it is dealt with: the end of the first clock."""
    return timezone.localdate(case.due_at) if case.due_at is not None else None


def for_filer(case: Case) -> dict[str, Any]:
    """What whoever filed a case reads of it: state, what happened, answers and own words; no names of the desk."""
    events = list(case.events.order_by("id"))
    texts = [one for one in case.texts.order_by("id") if one.shown]
    now, states = timezone.now(), scheme_of(case).states
    return {
        "state": state_label(case),
        "kind_title": kinds.kind(case.kind).title,
        "light": light(case, now, working_calendar()),
        "stepper": stepper(case, events),
        "timeline": timeline(events, case, for_worker=True),
        "texts": texts,
        "asked": _last_opinion(events, "ask") if case.state == "waiting" else "",
        "may_rate": kinds.kind(case.kind).rated and case.state == "answered",
        "may_add": case.is_open and any(one.code == case.state and not one.closed for one in states),
        "may_withdraw": any(one.code == "withdraw" for one in moves_of(case)),
    }


def _last_opinion(events: Sequence[CaseEvent], verb: str) -> str:
    return next((one.opinion for one in reversed(events) if one.verb == verb), "")
