"""Verbs of contact points and firms in difficulty."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify

from .. import cadres
from ..models import ContactPoint, DifficultFirm
from ..models.contacts import ContactQuerySet
from .holding import WHY, Target, words

ASSIGN = "outreach.assign"


def _reachable(actor: Actor, target: Target) -> None:
    """A family or a firm is given a contact by whoever assigns in its own union or above; a union by who sees it."""
    if target.person is not None:
        union = cadres.union_of_person(target.person.pk)
        if union is None:
            raise Refused("这位职工现在不是会员，没有工会可以联系。请先办理入会。")
        actor.require(ASSIGN, *union.paths)
    if target.employer is not None:
        union = cadres.answering_for(target.employer)
        if not actor.may(ASSIGN, *union.paths):
            raise Refused(f"{target.label}由{union.name}负责，请由它或上级工会指定。", field="firm")
    if target.union is not None:
        actor.require("outreach.view", *target.union.paths)


@transaction.atomic
def name_contact(
    actor: Actor,
    *,
    account: Account,
    organisation: Organisation,
    target: Target,
    helps: bool = False,
    until: date | None = None,
    note: str = "",
) -> ContactPoint:
    """A cadre of the union answers for a target from today. A named helper takes the place of the one before.

    Who is its contact already becomes its helper; that he was its contact until today stays written.

    Raises Refused when he isn't a cadre of the union, has this contact point already, or another union answers for
    the firm.
    """
    actor.require(ASSIGN, *organisation.paths)
    target.hold()
    _reachable(actor, target)
    today = timezone.localdate()
    if account.pk not in {one.account_id for one in cadres.colleagues(organisation)}:
        raise Refused("请选择这个工会的干部。", field="cadre")
    if until is not None and until <= today:
        raise Refused("结束日期应晚于今天。", field="until")
    if helps and target.union is None:
        _make_room(actor, target, account)
    try:
        with transaction.atomic():
            point = ContactPoint.objects.create(
                account=account, organisation=organisation, helps=helps, named_by=actor.name[:80],
                note=hide_numbers(note.strip())[:200], period=DateRange(today, until), **target.fields,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这位干部已经联系这里了。", field="cadre") from None
    journal(
        actor, "outreach.contact_named", subject=point, label=f"{account.words} {target.label}",
        paths=organisation.paths, detail={"account": account.pk, "helps": helps, "kind": point.kind},
    )  # fmt: skip
    if account.pk != actor.account_id:
        role = "帮扶责任人" if helps else "联系干部"
        notify(account.pk, f"您是{target.label}的{role}", note, "/desk/contacts/", path=organisation.path)
    return point


def _points(target: Target) -> ContactQuerySet:
    """Who answers for it today, locked."""
    rows = ContactPoint.objects.everywhere(reason=WHY).current().select_for_update(of=("self",))
    return rows.filter(**target.fields).select_related("organisation")


def _relieve(actor: Actor, points: Iterable[ContactPoint], target: Target, why: str) -> None:
    """These points end; a named helper hears why he is so no more."""
    for former in points:
        _end(actor, former, timezone.localdate())
        if former.helps and former.account_id != actor.account_id:
            notify(
                former.account_id, f"您不再是{target.label}的帮扶责任人", why, "/desk/contacts/",
                path=former.organisation.path,
            )  # fmt: skip


def _make_room(actor: Actor, target: Target, successor: Account) -> None:
    """The helper of before is relieved; what his successor has here already ends without a word to him."""
    for own in _points(target).filter(account=successor):
        _end(actor, own, timezone.localdate())
    _relieve(actor, _points(target).filter(helps=True), target, f"现由{successor.display_name}负责。")


def _end(actor: Actor, point: ContactPoint, today: date) -> None:
    """A point of today's is taken back whole, any other ends yesterday."""
    journal(
        actor, "outreach.contact_ended", subject=point, label=f"账号 {point.account_id}",
        paths=point.organisation.paths, detail={"account": point.account_id, "kind": point.kind},
    )  # fmt: skip
    if point.period.lower >= today:
        point.delete()
        return
    point.period = DateRange(point.period.lower, today)
    point.save(update_fields=["period"])


@transaction.atomic
def end_contact(actor: Actor, *, point: ContactPoint) -> None:
    """It ends today; what was visited before stays counted."""
    rows = ContactPoint.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("organisation").get(pk=point.pk)
    actor.require(ASSIGN, *fresh.organisation.paths)
    today = timezone.localdate()
    if fresh.period.upper is not None and fresh.period.upper <= today:
        raise Refused("这个联系点已经结束。")
    _end(actor, fresh, today)


@transaction.atomic
def declare_firm(
    actor: Actor,
    *,
    employer: Employer,
    organisation: Organisation,
    reason: str,
    level: str,
    statement: str,
    workers: int = 0,
    helper: Account | None = None,
) -> DifficultFirm:
    """A firm is in difficulty; with a helper it has one from the first day.

    Where a union declared it that answers for it no more, that entry makes room. Raises Refused when it is declared
    already, or neither its own union nor one above it declares it.
    """
    actor.require(ASSIGN, *organisation.paths)
    Target(employer=employer).hold()
    union = cadres.answering_for(employer)
    if not _over(organisation, union):
        raise Refused(f"{employer.name}由{union.name}负责，请由它或上级工会认定。", field="firm")
    _take_over(actor, employer, union)
    try:
        with transaction.atomic():
            firm = DifficultFirm.objects.create(
                employer=employer, organisation=organisation, reason=reason, level=level, workers=workers,
                statement=words(statement, "statement", "请写明困难情况。"),
                declared_on=timezone.localdate(), declared_by=actor.name[:80],
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这家企业已经在困难企业名单里。", field="employer") from None
    journal(
        actor, "outreach.firm_declared", subject=firm, label=employer.name, paths=organisation.paths,
        reason=firm.statement, detail={"reason": reason, "level": level},
    )  # fmt: skip
    if helper is not None:
        name_contact(
            actor, account=helper, organisation=organisation, target=Target(employer=employer), helps=True,
            note="困难企业帮扶责任人",
        )  # fmt: skip
    return firm


def _over(organisation: Organisation, union: Organisation) -> bool:
    """Whether it is the union itself or one above it, in either chain."""
    return any(path.startswith(organisation.paths) for path in union.paths)


def _take_over(actor: Actor, employer: Employer, union: Organisation) -> None:
    """An entry of a union to which the firm doesn't belong any more is closed, and its cadres hear of it."""
    rows = DifficultFirm.objects.everywhere(reason=WHY).in_force().select_for_update(of=("self",))
    former = rows.filter(employer=employer).select_related("organisation", "employer").first()
    if former is None or _over(former.organisation, union):
        return
    why = f"这家企业现由{union.name}负责。"
    _leave(actor, former, DifficultFirm.Result.MOVED, why)
    target = Target(employer=employer)
    helpers = _points(target).filter(helps=True)
    strangers = [one for one in helpers if not cadres.in_line(one.organisation, union)]
    _relieve(actor, strangers, target, why)
    for grant in cadres.holders([former.organisation.path], ASSIGN):
        notify(
            grant.account_id, f"{employer.name}已从困难企业名单转出",
            f"{why}由它或上级工会重新认定。", "/desk/contacts/firms/", path=former.organisation.path,
        )  # fmt: skip


@transaction.atomic
def leave_firm(actor: Actor, *, firm: DifficultFirm, result: str, note: str) -> DifficultFirm:
    """It leaves the list, with what became of it; its helper's duty ends, and he is told.

    Raises Refused when it left already, or whoever acts assigns neither in the union that answers for the firm today
    nor above it.
    """
    Target(employer=firm.employer).hold()
    rows = DifficultFirm.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("organisation", "employer").get(pk=firm.pk)
    actor.require(ASSIGN, *fresh.organisation.paths)
    if fresh.left_on is not None:
        raise Refused("这家企业已经退出。")
    union = cadres.answering_for(fresh.employer)
    if not actor.may(ASSIGN, *union.paths):
        raise Refused(f"{fresh.employer.name}现由{union.name}负责，请由它或上级工会办理。")
    _leave(actor, fresh, result, words(note, "note", "请写明退出依据。", 300))
    target = Target(employer=fresh.employer)
    _relieve(actor, _points(target).filter(helps=True), target, "这家企业已退出困难企业名单。")
    return fresh


def _leave(actor: Actor, firm: DifficultFirm, result: str, note: str) -> None:
    firm.result, firm.left_on, firm.result_note = result, timezone.localdate(), note
    firm.save(update_fields=["result", "left_on", "result_note"])
    journal(
        actor, "outreach.firm_left", subject=firm, label=firm.employer.name, paths=firm.organisation.paths,
        reason=note, detail={"result": result},
    )  # fmt: skip
