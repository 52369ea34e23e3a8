"""Rosters and bodies: lawyers, their leave and clients; legal aid bodies, who is on duty, what closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.grants import access_of
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger.actions import register_payee
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal

from ..models import AidAssignment, AidDuty, Lawyer, LawyerConflict, LawyerLeave, LegalAidBody
from .leave import days_away

EDIT = "cases.lawyers_edit"
ROSTER = "lawyers"
WHY = "rosters of the actor's own union; who may is asked here"


@transaction.atomic
def save_lawyer(
    actor: Actor, *, organisation: Organisation, lawyer: Lawyer | None, given: dict[str, Any], username: str = "",
    bank: str = "", number: str = "",
) -> Lawyer:  # fmt: skip
    """Enter or change a lawyer. `username` ties an account that holds the lawyer's role; a bank account is for fees."""
    actor.require(EDIT, *organisation.paths)
    if lawyer is not None:
        actor.require(EDIT, *lawyer.organisation.paths)
    found = lawyer or Lawyer(organisation=organisation, since=timezone.localdate())
    for name, value in given.items():
        setattr(found, name, value)
    if username.strip():
        found.account = _account(username.strip(), found)
    if bank.strip() or number.strip():
        found.payee = register_payee(
            actor, person=None, bank=bank, number=number, holder=found.name, relation="法律援助律师"
        )
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个执业证号已经在名册里，请修改原来的登记。", "licence") from None
    _note(actor, "cases.lawyer_saved", found, found.organisation, new=lawyer is None)
    return found


def _account(username: str, lawyer: Lawyer) -> Account:
    account = Account.objects.filter(username=username, is_active=True).first()
    if account is None or not access_of(account).prefixes("cases.aid_work"):
        raise Refused("没有这个账号，或者它没有律师角色。请先在账号管理里开通。", "username")
    taken = Lawyer.objects.everywhere(reason=WHY).filter(account=account, until=None).exclude(pk=lawyer.pk)
    if taken.exists():
        raise Refused("这个账号已经属于另一名律师。", "username")
    return account


@transaction.atomic
def end_lawyer(actor: Actor, *, lawyer: Lawyer) -> None:
    """He leaves the roster; refused while cases are in his hands, so that none is left without anybody."""
    actor.require(EDIT, *lawyer.organisation.paths)
    held = AidAssignment.objects.everywhere(reason=WHY).filter(lawyer=lawyer, ended_at=None).count()
    if held:
        raise Refused(f"还有 {held} 件在他手里，请先更换律师。")
    today = timezone.localdate()
    rows = Lawyer.objects.everywhere(reason=WHY).filter(pk=lawyer.pk, until=None)
    if not rows.update(until=today):
        raise Refused("已经解聘。")
    AidDuty.objects.everywhere(reason=WHY).filter(lawyer=lawyer, until=None).update(until=today)
    served = lawyer.counsels.everywhere(reason=WHY).filter(period__contains=today)
    for one in served:
        if one.period.lower >= today:
            one.delete()
            continue
        one.period = DateRange(one.period.lower, today)
        one.save(update_fields=["period"])
    _note(actor, "cases.lawyer_ended", lawyer, lawyer.organisation)


@transaction.atomic
def add_leave(actor: Actor, *, lawyer: Lawyer, begins: date, ends: date, reason: str = "") -> LawyerLeave:
    """Nothing new is given to him on these days; what he has is shown to the desk, to be given to others."""
    actor.require(EDIT, *lawyer.organisation.paths)
    away = days_away(begins, ends)
    try:
        with transaction.atomic():
            made = LawyerLeave.objects.create(lawyer=lawyer, period=away, reason=reason.strip()[:100])
    except IntegrityError:
        raise Refused("这段时间已经登记过休假。", "begins") from None
    _note(actor, "cases.lawyer_leave", lawyer, lawyer.organisation, begins=str(begins), ends=str(ends))
    return made


@transaction.atomic
def add_conflict(actor: Actor, *, lawyer: Lawyer, employer: Employer, reason: str) -> LawyerConflict:
    """From now on he is not asked to act against this employer."""
    actor.require(EDIT, *lawyer.organisation.paths)
    made, fresh = LawyerConflict.objects.everywhere(reason=WHY).get_or_create(
        lawyer=lawyer, employer=employer, until=None, defaults={"reason": reason.strip()[:100]}
    )
    if not fresh:
        raise Refused("已经登记过。", "employer")
    _note(actor, "cases.lawyer_conflict", lawyer, lawyer.organisation, employer=employer.pk)
    return made


@transaction.atomic
def save_body(
    actor: Actor, *, organisation: Organisation, body: LegalAidBody | None, given: dict[str, Any]
) -> LegalAidBody:
    """Enter or change an aid body."""
    actor.require(EDIT, *organisation.paths)
    if body is not None:
        actor.require(EDIT, *body.organisation.paths)
    found = body or LegalAidBody(
        organisation=organisation, since=timezone.localdate(), weekdays=[1, 2, 3, 4, 5]
    )
    for name, value in given.items():
        setattr(found, name, value)
    if not found.weekdays:
        raise Refused("请至少选择一个接待日。", "weekdays")
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个工会已有同名的机构。", "name") from None
    _note(actor, "cases.aid_body_saved", found, organisation, new=body is None)
    return found


@transaction.atomic
def close_body(actor: Actor, *, body: LegalAidBody, on: date, because: str) -> LegalAidBody:
    """It stops serving: new applications go to the next nearest; the unions above see the gap on their to-do list."""
    actor.require(EDIT, *body.organisation.paths)
    found = LegalAidBody.objects.everywhere(reason=WHY).select_for_update().get(pk=body.pk)
    if found.until is not None:
        raise Refused("已经停止服务。")
    if not because.strip():
        raise Refused("请写明停止服务的原因。", "because")
    if on < found.since:
        raise Refused("停止日期不能早于设立日期。", "on")
    found.until, found.closed_because = on, because.strip()[:200]
    found.save(update_fields=["until", "closed_because"])
    AidDuty.objects.everywhere(reason=WHY).filter(body=found, until=None).update(until=on)
    _note(actor, "cases.aid_body_closed", found, body.organisation, on=str(on))
    return found


@transaction.atomic
def set_duty(actor: Actor, *, body: LegalAidBody, weekday: int, lawyers: Sequence[Lawyer]) -> int:
    """Exactly these lawyers sit at the window on this weekday from today. Answers how many there are now."""
    actor.require(EDIT, *body.organisation.paths)
    if weekday not in body.weekdays:
        raise Refused("这一天不接待，请先修改接待日。", "weekday")
    today = timezone.localdate()
    rows = AidDuty.objects.everywhere(reason=WHY).filter(body=body, weekday=weekday, until=None)
    wanted = {one.pk: one for one in lawyers}
    rows.exclude(lawyer__in=wanted).update(until=today)
    held = set(rows.values_list("lawyer", flat=True))
    fresh = [
        AidDuty(body=body, lawyer=one, weekday=weekday) for key, one in wanted.items() if key not in held
    ]
    AidDuty.objects.bulk_create(fresh)
    _note(actor, "cases.aid_duty", body, body.organisation, weekday=weekday, lawyers=sorted(wanted))
    return len(wanted)


def _note(actor: Actor, action: str, subject: Any, union: Organisation, **detail: object) -> None:
    journal(actor, action, subject=subject, paths=union.paths, detail=detail)
