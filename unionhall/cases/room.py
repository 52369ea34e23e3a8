"""The incident room as its pages show it: phases, clocks, who does what, the log, opinions by topic, releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.kit.workdays import Calendar

from .models import Case, CaseClock, IncidentRelease
from .rules.incidents import span
from .schemes.incidents import FOUR, IncidentScheme
from .versions import moves_of, scheme_of, state_label

#: Phases in the order in which they are passed.
PHASES = (
    "warning", "reported", "verified", "on_site", "opinions", "talks", "agreement", "resumption", "review", "closed",
)  # fmt: skip
#: Moves with a form of one text field; the others have pages of their own.
SIMPLE = ("dismiss", "verify", "arrive", "gather", "resume", "assess")
ORDER = ("phone", *FOUR, "update", "release", "judge", "review")
HANDLE, SIGN = "cases.incidents_handle", "cases.incidents_sign"
State = IncidentRelease.State
_RELEASE_TONES = {"draft": "warn", "checked": "warn", "signed": "info", "published": "ok", "dropped": "mute"}


def scheme(case: Case) -> IncidentScheme:
    found = scheme_of(case)
    assert isinstance(found, IncidentScheme)
    return found


def phases(case: Case) -> list[dict[str, str]]:
    """The stepper: passed, now, to come; with the day and hour of each."""
    labels = {one.code: one.label for one in scheme(case).states}
    if case.state == "dismissed":
        return [
            {"title": labels["warning"], "state": "done", "at": "", "note": ""},
            {"title": labels["dismissed"], "state": "done", "at": "", "note": ""},
        ]
    reached: dict[str, datetime] = {}
    for event in case.events.all():
        if event.after and event.after != event.before:
            reached[event.after] = event.at
    here = PHASES.index(case.state) if case.state in PHASES else 0
    steps = []
    for place, code in enumerate(PHASES):
        at = reached.get(code)
        state = "done" if place < here or not case.is_open else "now" if place == here else "todo"
        # A phase may be passed over: talks do not always lead to an agreement.
        note = "未经过" if state == "done" and at is None and code != "warning" else ""
        steps.append(
            {"title": labels.get(code, code), "state": state, "note": note,
             "at": f"{timezone.localtime(at):%m-%d %H:%M}" if at else ""}
        )  # fmt: skip
    return steps


def clock_tiles(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Each clock once, its newest run: how much is left or over, in words, or how it ended."""
    newest: dict[str, CaseClock] = {}
    for one in sorted(case.clocks.all(), key=lambda each: each.pk):
        # What was judged is judged once the incident is reported.
        if one.code != "judge" or case.state in ("warning", "dismissed"):
            newest[one.code] = one
    found = sorted(newest.values(), key=lambda one: ORDER.index(one.code) if one.code in ORDER else 99)
    return [_tile(one, now) for one in found]


def _tile(one: CaseClock, now: datetime) -> dict[str, Any]:
    due = timezone.localtime(one.due_at)
    if one.ended_at is not None:
        tone = {"met": "ok", "late": "bad"}.get(one.state, "mute")
        words = one.get_state_display()
        left = f"{timezone.localtime(one.ended_at):%m-%d %H:%M}" if one.state != "void" else ""
    else:
        minutes = int((one.due_at - now).total_seconds() // 60)
        words = f"还剩 {_short(minutes)}" if minutes >= 0 else f"超时 {_short(-minutes)}"
        tone, left = ("bad" if minutes < 0 else "warn" if minutes <= 30 else "info"), ""
    return {
        "label": one.label, "words": words, "tone": tone, "at": left, "due": due, "article": one.article,
        "hot": tone == "bad" and one.ended_at is None, "four": one.code in FOUR,
    }  # fmt: skip


def _short(minutes: int) -> str:
    """As `span`, without blanks: it stands in a narrow tile."""
    return span(minutes).replace(" ", "").replace("分钟", "分")


def duties(case: Case) -> list[dict[str, Any]]:
    """Every role with who holds it, and who held it."""
    rows = list(case.duties.select_related("account").order_by("-since"))
    found = []
    for code, label in scheme(case).words("roles").items():
        held = [one for one in rows if one.role == code]
        now = next((one for one in held if one.until is None), None)
        found.append(
            {"label": label, "now": now, "former": [one for one in held if one.until is not None][:3]}
        )
    return found


def opinions(case: Case) -> list[dict[str, Any]]:
    """Grouped by topic, the topic of most people first."""
    labels = scheme(case).words("topics")
    groups: dict[str, dict[str, Any]] = {}
    for one in case.opinions.all():
        group = groups.setdefault(
            one.topic, {"label": labels.get(one.topic, one.topic), "people": 0, "rows": []}
        )
        group["people"] += one.people
        group["rows"].append(one)
    return sorted(groups.values(), key=lambda group: -group["people"])


def releases(case: Case, actor: Actor) -> list[dict[str, Any]]:
    """With the steps each has behind it, and the verb that comes next for this reader."""
    handle, signs = (actor.may(code, *case.organisation.paths) for code in (HANDLE, SIGN))
    rows = list(case.releases.select_related("corrects", "bulletin"))
    corrected = {one.corrects_id for one in rows if one.state != State.DROPPED}
    found = []
    for one in rows:
        verbs = []
        if handle and one.state == State.DRAFT:
            verbs.append(("check", "核实无误"))
        if signs and one.state == State.CHECKED:
            verbs.append(("sign", "签发"))
        if handle and one.state == State.SIGNED:
            verbs.append(("publish", "发布"))
        if handle and one.state == State.PUBLISHED and one.pk not in corrected:
            verbs.append(("correct", "更正"))
        if handle and one.state in {State.DRAFT, State.CHECKED, State.SIGNED}:
            verbs.append(("drop", "作废"))
        found.append(
            {"release": one, "tone": _RELEASE_TONES[one.state], "verbs": verbs, "trail": _trail(one)}
        )
    return found


def _trail(one: IncidentRelease) -> str:
    parts = [f"拟稿 {one.drafted_by}"]
    parts += [f"核实 {one.checked_by}"] if one.checked_by else []
    parts += [f"签发 {one.signed_by}"] if one.signed_by else []
    parts += [f"发布 {timezone.localtime(one.published_at):%m-%d %H:%M}"] if one.published_at else []
    return " · ".join(parts)


def flags(case: Case) -> list[str]:
    """What superiors have to see at once: reported late, perhaps withheld, clocks that ended late."""
    incident, found = case.incident, []
    if incident.late_minutes:
        found.append(f"首报迟报 {span(incident.late_minutes)}")
    if incident.withheld:
        found.append(f"发生 {span(incident.gap_minutes)}后才首次报告，疑似瞒报、漏报")
    late = sorted({one.label for one in case.clocks.all() if one.state == CaseClock.State.LATE})
    if late:
        found.append(f"超时完成：{'、'.join(late)}")
    return found


def moves(case: Case) -> list[tuple[str, str]]:
    """Phases that a handler may go to now, by (code, label)."""
    return [(one.code, one.label) for one in moves_of(case) if one.code in SIMPLE]


def row(case: Case, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """One line of the list."""
    from .presenting import light

    incident = case.incident
    return {
        "case": case, "incident": incident, "state": state_label(case), "grade": scheme(case).grade_label(case.grade),
        "light": light(case, now, calendar), "flags": flags_short(incident),
        "tone": "mute" if not case.is_open else "warn" if case.state == "warning" else "bad",
    }  # fmt: skip


def flags_short(incident: Any) -> list[str]:
    return [word for word, met in (("迟报", incident.late_minutes), ("疑似瞒报", incident.withheld)) if met]


def given(case: Case, actor: Actor) -> dict[str, Any]:
    """Everything of the room's page."""
    now, handle = timezone.now(), actor.may(HANDLE, *case.organisation.paths)
    rows, state = clock_tiles(case, now), case.state
    live = case.is_open and state != "warning"
    return {
        "steps": phases(case), "clocks": rows, "flags": flags(case), "duties": duties(case),
        "entries": list(case.entries.select_related("photo")[:100]), "opinions": opinions(case),
        "talks": list(case.talks.all()), "settlement": getattr(case, "settlement", None),
        "releases": releases(case, actor), "state": state_label(case), "grade": scheme(case).grade_label(case.grade),
        "moves": moves(case) if handle and case.is_open else [], "incident": case.incident, "as_of": now,
        "may": {
            "handle": handle and case.is_open, "report": handle and state == "warning", "log": handle and live,
            "talk": handle and state in ("opinions", "talks"), "agree": handle and state == "talks",
            "close": handle and state == "review", "release": handle and live,
            "performed": handle and case.is_open and getattr(case, "settlement", None) is not None,
        },
    }  # fmt: skip
