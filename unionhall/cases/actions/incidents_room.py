"""Verbs in the room: who does what, the log, opinions of workers, talks, the agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.records import attachments
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from ..models import (
    Case,
    IncidentAgreement,
    IncidentDuty,
    IncidentEntry,
    IncidentOpinion,
    IncidentTalk,
)
from ..rules.incidents import grade as grade_by_rule
from . import core
from .assigning import may_own
from .incidents import locked, parameters_of, tell_superiors
from .locking import words

__all__ = ["Where", "agree", "answer", "collect", "hold_talk", "log", "performed", "stand_in"]
PURPOSE = "cases.incident_photo"
#: What a line of the log does to the clocks.
MOVES = {"phone": "phoned", "written": "wrote", "update": "update", "support": "assist"}
Kind = IncidentEntry.Kind


@dataclass(frozen=True)
class Where:
    """Where somebody stood: in words, and by his phone if he let it say so."""

    place: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@transaction.atomic
def stand_in(actor: Actor, case: Case, *, role: str, account: Account) -> IncidentDuty:
    """Give a role in the room to an account, from now on; whoever held it before is relieved."""
    fresh, _ = locked(actor, case)
    labels = parameters_of(fresh).words("roles")
    if role not in labels:
        raise Refused("请选择岗位。", field="role")
    if not may_own(account, fresh):
        raise Refused(
            f"{account.display_name}在这里没有处置群体性事件的权限，请选择其他人。", field="account"
        )
    now = timezone.now()
    fresh.duties.filter(role=role, until=None).update(until=now)
    duty = IncidentDuty.objects.create(case=fresh, role=role, account=account, since=now)
    _note(actor, fresh, "incident_duty", {"role": role, "account": account.pk})
    if account.pk != actor.account_id:
        notify(
            account.pk, f"请您担任{labels[role]}", f"{fresh.title}（{fresh.number}）",
            f"/desk/incidents/{fresh.number}/", path=fresh.organisation.path,
        )  # fmt: skip
    return duty


@transaction.atomic
def log(
    actor: Actor,
    case: Case,
    *,
    kind: str,
    body: str,
    where: Where | None = None,
    headcount: int | None = None,
    at: datetime | None = None,
    photo: Upload | None = None,
) -> IncidentEntry:
    """One line of the log. A report by phone, in writing or 续报 ends its clock; a greater headcount grades anew."""
    fresh, incident = locked(actor, case)
    body, now = words(body, "body", "请写明情况。", 2000), timezone.now()
    moment = at or now
    if moment > now:
        raise Refused("时间不能晚于现在。", field="at")
    there = where or Where()
    entry = IncidentEntry.objects.create(
        case=fresh, kind=Kind(kind), at=moment, place=there.place.strip()[:120], latitude=there.latitude,
        longitude=there.longitude, body=hide_numbers(body), headcount=headcount,
        photo=_keep(actor, fresh, photo), actor_id=actor.account_id, actor_name=actor.name[:80],
    )  # fmt: skip
    _note(actor, fresh, "incident_logged", {"entry": entry.pk, "kind": kind})
    if (move := MOVES.get(kind)) is not None and move in {
        one.code for one in parameters_of(fresh).moves_from(fresh.state)
    }:
        # What was done is judged by when it was done; nothing ends before it began.
        fresh = core.move(
            actor, fresh, move, opinion=body[:500], by_right=True, at=max(moment, incident.known_at)
        )
    if kind in {Kind.PHONE, Kind.WRITTEN, Kind.UPDATE}:
        tell_superiors(
            fresh, f"群体性事件{entry.get_kind_display()}", f"{fresh.title}：{entry.body[:200]}",
            besides=[actor.account_id] if actor.account_id else [],
        )  # fmt: skip
    if headcount is not None and headcount > fresh.headcount:
        _grown(actor, fresh, headcount)
    return entry


def _grown(actor: Actor, case: Case, headcount: int) -> None:
    """More people than was thought: graver at once, by the table. Milder only by somebody's decision."""
    incident, scheme = case.incident, parameters_of(case)
    case.headcount = headcount
    case.save(update_fields=["headcount"])
    ruled = grade_by_rule(
        scheme, headcount=headcount, deaths=incident.deaths, triggers=tuple(incident.triggers)
    )
    order = [one.code for one in scheme.grades]
    if ruled.code and (not case.grade or order.index(ruled.code) < order.index(case.grade)):
        core.regrade(actor, case, ruled.code, because=f"按分级表：{ruled.because}", by_right=True)
        tell_superiors(
            case, "群体性事件升级", f"{case.title}：{scheme.grade_label(ruled.code)}。{ruled.because}"
        )


def _keep(actor: Actor, case: Case, photo: Upload | None) -> Attachment | None:
    if photo is None:
        return None
    return attachments.store(
        actor, photo.content, name=photo.name, content_type=photo.content_type, purpose=PURPOSE,
        paths=case.organisation.paths, size=photo.size,
    )  # fmt: skip


@transaction.atomic
def collect(actor: Actor, case: Case, *, topic: str, body: str, people: int = 1) -> IncidentOpinion:
    """What workers ask for, under its topic."""
    fresh, _ = locked(actor, case)
    if topic not in parameters_of(fresh).words("topics"):
        raise Refused("请选择主题。", field="topic")
    if people < 1:
        raise Refused("提出人数至少为 1。", field="people")
    opinion = IncidentOpinion.objects.create(
        case=fresh, topic=topic, body=hide_numbers(words(body, "body", "请写明意见。", 1000)), people=people,
        actor_name=actor.name[:80],
    )  # fmt: skip
    _note(actor, fresh, "incident_opinion", {"opinion": opinion.pk, "topic": topic, "people": people})
    return opinion


@transaction.atomic
def answer(actor: Actor, opinion: IncidentOpinion, *, answer: str) -> IncidentOpinion:
    """What the other side, or the union, says to it."""
    fresh, _ = locked(actor, opinion.case)
    opinion = IncidentOpinion.objects.everywhere(reason="of the incident that is locked").get(pk=opinion.pk)
    opinion.answer = hide_numbers(words(answer, "answer", "请写明答复。", 1000))
    opinion.save(update_fields=["answer"])
    _note(actor, fresh, "incident_answered", {"opinion": opinion.pk})
    return opinion


@transaction.atomic
def hold_talk(
    actor: Actor,
    case: Case,
    *,
    held_at: datetime,
    place: str,
    workers: str,
    employer: str,
    others: str = "",
    result: str,
    minutes: str,
) -> IncidentTalk:
    """A session of talks was held. The first one begins the phase of talks."""
    fresh, _ = locked(actor, case)
    if held_at > timezone.now():
        raise Refused("协商时间不能晚于现在，开完后再登记。", field="held_at")
    if fresh.state == "opinions":
        fresh = core.move(actor, fresh, "negotiate")
    elif fresh.state != "talks":
        raise Refused("收集意见以后才能登记协商。", field=None)
    last = fresh.talks.aggregate(last=Max("number"))["last"] or 0
    talk = IncidentTalk.objects.create(
        case=fresh, number=last + 1, held_at=held_at, place=place.strip()[:120], workers=workers.strip()[:300],
        employer=employer.strip()[:300], others=others.strip()[:300], result=IncidentTalk.Result(result),
        minutes=hide_numbers(words(minutes, "minutes", "请写明协商情况。", 2000)), actor_name=actor.name[:80],
    )  # fmt: skip
    _note(actor, fresh, "incident_talk", {"talk": talk.pk, "number": talk.number, "result": result})
    return talk


@transaction.atomic
def agree(
    actor: Actor,
    case: Case,
    *,
    signed_on: date,
    terms: str,
    people: int,
    amount: Decimal | None = None,
    perform_by: date | None = None,
) -> IncidentAgreement:
    """The sides agreed: terms, how many people, by when it is done."""
    fresh, _ = locked(actor, case)
    core.require_move(fresh, "agree")
    if signed_on > timezone.localdate():
        raise Refused("签订日期不能晚于今天。", field="signed_on")
    if perform_by is not None and perform_by < signed_on:
        raise Refused("履行期限不能早于签订日期。", field="perform_by")
    made = IncidentAgreement.objects.create(
        case=fresh, signed_on=signed_on, terms=hide_numbers(words(terms, "terms", "请写明协议要点。", 2000)),
        people=people, amount=amount, perform_by=perform_by, actor_name=actor.name[:80],
    )  # fmt: skip
    core.move(actor, fresh, "agree")
    _note(actor, fresh, "incident_agreement", {"people": people})
    return made


@transaction.atomic
def performed(actor: Actor, case: Case, *, on: date) -> IncidentAgreement:
    """What was agreed on has been done."""
    fresh, _ = locked(actor, case)
    made = (
        IncidentAgreement.objects.everywhere(reason="of the incident that is locked")
        .filter(case=fresh)
        .first()
    )
    if made is None:
        raise Refused("还没有登记协议。")
    if not made.signed_on <= on <= timezone.localdate():
        raise Refused("履行日期应在签订日期以后、今天以前。", field="on")
    made.performed_on = on
    made.save(update_fields=["performed_on"])
    _note(actor, fresh, "incident_performed", {})
    return made


def _note(actor: Actor, case: Case, verb: str, detail: dict[str, Any]) -> None:
    journal(
        actor, f"cases.{verb}", subject=case, label=case.number, paths=case.organisation.paths, detail=detail
    )
