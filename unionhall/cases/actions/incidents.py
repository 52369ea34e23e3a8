"""Verbs of an incident as a whole: reported, told upward, graded anew, moved on, reviewed and closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify_many
from unionhall.records.models import Message

from .. import clocks, superiors
from ..models import Case, Channel, Incident
from ..rules.incidents import grade as grade_by_rule
from ..rules.incidents import judge_report
from ..schemes.incidents import IncidentScheme
from ..versions import scheme_of
from . import core
from .locking import lock, lock_open, words

__all__ = [
    "Facts",
    "close",
    "dismiss",
    "locked",
    "make_warning",
    "parameters_of",
    "regrade",
    "report",
    "report_warning",
    "tell_superiors",
]

KIND, HANDLE = "incident", "cases.incidents_handle"
#: Clocks that run from when it became known, not from when it was typed in.
SINCE_KNOWN = frozenset({"phone", "written", "on_site", "opinions", "assistance", "release"})


@dataclass(frozen=True)
class Facts:
    """What is told of an incident when it is reported."""

    occurred_at: datetime
    known_at: datetime
    place: str
    headcount: int
    deaths: int = 0
    triggers: tuple[str, ...] = ()
    #: When the superior was phoned, if that was before this was typed.
    phoned_at: datetime | None = None


def parameters_of(case: Case) -> IncidentScheme:
    found = scheme_of(case)
    assert isinstance(found, IncidentScheme)
    return found


def locked(actor: Actor, case: Case) -> tuple[Case, Incident]:
    """The open incident, locked, for an actor who may handle it."""
    fresh = lock_open(case.pk)
    actor.require(HANDLE, *fresh.organisation.paths)
    return fresh, fresh.incident


@transaction.atomic
def report(
    actor: Actor,
    *,
    organisation: Organisation,
    title: str,
    facts: Facts,
    statement: str = "",
    employer: Employer | None = None,
    division: str = "",
) -> Case:
    """首报: an incident is there. Graded by the table of the place; superiors are told, late or withheld or not."""
    actor.require(HANDLE, *organisation.paths)
    _check(facts)
    case = core.open_case(
        actor, kind=KIND, organisation=organisation, title=title, channel=Channel.UNION, statement=statement,
        employer=employer, division=division, headcount=facts.headcount,
        occurred_on=timezone.localdate(facts.occurred_at),
    )  # fmt: skip
    Incident.objects.create(
        case=case, occurred_at=facts.occurred_at, known_at=facts.known_at, place=facts.place.strip(),
    )  # fmt: skip
    return _reported(actor, lock(case.pk), facts)


@transaction.atomic
def report_warning(actor: Actor, case: Case, *, facts: Facts) -> Case:
    """A warning turned out to be an incident."""
    fresh, _ = locked(actor, case)
    _check(facts)
    return _reported(actor, fresh, facts)


def _check(facts: Facts) -> None:
    now = timezone.now()
    if facts.occurred_at > now:
        raise Refused("发生时间不能晚于现在，请核对。", field="occurred_at")
    if not facts.occurred_at <= facts.known_at <= now:
        raise Refused("知悉时间应在发生时间以后、现在以前，请核对。", field="known_at")
    if facts.phoned_at is not None and not facts.known_at <= facts.phoned_at <= now:
        raise Refused("电话报告时间应在知悉时间以后、现在以前，请核对。", field="phoned_at")
    if facts.headcount < 1:
        raise Refused("请填写参与人数。", field="headcount")


def _reported(actor: Actor, case: Case, facts: Facts) -> Case:
    incident, now = case.incident, timezone.now()
    scheme = parameters_of(case)
    graded = grade_by_rule(scheme, headcount=facts.headcount, deaths=facts.deaths, triggers=facts.triggers)
    case.headcount, case.grade = facts.headcount, graded.code
    case.occurred_on = timezone.localdate(facts.occurred_at)
    case.save(update_fields=["headcount", "grade", "occurred_on"])
    told = judge_report(
        occurred_at=facts.occurred_at,
        known_at=facts.known_at,
        reported_at=facts.phoned_at or now,
        phone_minutes=scheme.clock("phone").length(case.grade),
        withheld_minutes=scheme.withheld_minutes,
    )
    incident.occurred_at, incident.known_at = facts.occurred_at, facts.known_at
    incident.place, incident.deaths = facts.place.strip(), facts.deaths
    incident.triggers = list(facts.triggers)
    incident.reported_at, incident.withheld = facts.phoned_at or now, told.withheld
    incident.late_minutes, incident.gap_minutes = told.late_minutes, told.gap_minutes
    incident.save()
    case = core.move(actor, case, "report", opinion=f"{graded.because}。{'；'.join(told.words)}")
    _count_from(case, facts.known_at)
    if facts.phoned_at is not None:
        case = core.move(actor, case, "phoned", by_right=True, at=facts.phoned_at)
    label = scheme.grade_label(graded.code) or "未达分级标准"
    title = "群体性事件迟报、疑似瞒报" if told.words else "群体性事件首报"
    tell_superiors(
        case, title, f"{case.title}：{label}。{'；'.join(told.words)}", levels=3 if told.words else 2
    )
    return case


def _count_from(case: Case, known_at: datetime) -> None:
    """The clocks of the first hours run from when it became known."""
    calendar, rows = working_calendar(), [one for one in clocks.of(case) if one.code in SINCE_KNOWN]
    for row in rows:
        row.started_at = known_at
        row.due_at = clocks.due_of(row, calendar)
        row.save(update_fields=["started_at", "due_at"])
    case.due_at = clocks.first_due(case)
    case.save(update_fields=["due_at"])


def tell_superiors(case: Case, title: str, body: str, *, levels: int = 2, besides: Iterable[int] = ()) -> int:
    """A message to leaders and officers of rights work of the union and of those above it."""
    url = f"/desk/incidents/{case.number}/"
    accounts = superiors.accounts(case.organisation, levels=levels) - set(besides)
    return notify_many(
        Message(recipient_id=one, title=title, body=body, url=url, path=case.organisation.path)
        for one in sorted(accounts)
    )


@transaction.atomic
def make_warning(
    actor: Actor, *, organisation: Organisation, employer: Employer, title: str, cases: int, headcount: int
) -> Case:
    """A warning that the platform itself raises; `clusters` says when."""
    now = timezone.now()
    case = core.open_case(
        actor, kind=KIND, organisation=organisation, title=title, channel=Channel.UNION, employer=employer,
        headcount=headcount,
    )  # fmt: skip
    Incident.objects.create(
        case=case, origin=Incident.Origin.CLUSTER, occurred_at=now, known_at=now, place=employer.address[:120],
        cluster_cases=cases, cluster_headcount=headcount,
    )  # fmt: skip
    journal(
        actor, "cases.cluster_raised", subject=case, label=case.number, paths=organisation.paths,
        detail={"employer": employer.pk, "cases": cases, "headcount": headcount},
    )  # fmt: skip
    tell_superiors(case, "案件集中预警", f"{employer.name}：{cases} 件、{headcount} 人，请研判。")
    return case


@transaction.atomic
def dismiss(actor: Actor, case: Case, *, opinion: str) -> Case:
    """A warning is none. It comes again only when cases or people have grown by the scheme's share."""
    fresh, _ = locked(actor, case)
    return core.move(actor, fresh, "dismiss", opinion=opinion)


@transaction.atomic
def regrade(
    actor: Actor,
    case: Case,
    *,
    headcount: int,
    deaths: int,
    triggers: tuple[str, ...],
    because: str,
    grade: str | None = None,
) -> Case:
    """Another grade, for a reason. `grade` None: what the table says; another than that is somebody's judgement."""
    fresh, incident = locked(actor, case)
    because = words(because, "because", "请写明调整等级的理由。", 200)
    scheme = parameters_of(fresh)
    ruled = grade_by_rule(scheme, headcount=headcount, deaths=deaths, triggers=triggers)
    chosen = ruled.code if grade is None else grade
    if chosen and chosen not in {one.code for one in scheme.grades}:
        raise Refused("请选择一个等级。", field="grade")
    reached(fresh, incident, headcount, deaths, triggers)
    judged = "" if chosen == ruled.code else f"（按分级表为{scheme.grade_label(ruled.code) or '未分级'}）"
    fresh = core.regrade(actor, fresh, chosen, because=f"{because}{judged}")
    tell_superiors(
        fresh, "群体性事件调整等级", f"{fresh.title}：{scheme.grade_label(chosen) or '未分级'}。{because}"
    )
    return fresh


def reached(case: Case, incident: Incident, headcount: int, deaths: int, triggers: tuple[str, ...]) -> None:
    """The facts by which the table grades."""
    case.headcount = headcount
    case.save(update_fields=["headcount"])
    incident.deaths, incident.triggers = deaths, list(triggers)
    incident.save(update_fields=["deaths", "triggers"])


@transaction.atomic
def close(actor: Actor, case: Case, *, review: str) -> Case:
    """复盘 is written: what happened, what was done, what is to be better. Then it is closed."""
    fresh, incident = locked(actor, case)
    review = words(review, "review", "请写明复盘结论：经过、处置、教训和改进。", 4000)
    incident.review = review
    incident.save(update_fields=["review"])
    return core.move(actor, fresh, "close", opinion="已写复盘结论")
