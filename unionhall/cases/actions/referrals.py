"""部门联动: bodies and seats; referring a case, accepting, returning, replying, withdrawing; the partner's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.kit.workdays import Calendar
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify
from unionhall.records.uploads import Upload
from unionhall.rulebook.actions import record_use

from .. import referring
from ..models import Case, CaseFile, CaseText, PartnerBody, PartnerSeat, Referral, ReferralItem
from ..rules.clocks import due, is_late
from ..schemes.base import Unit
from ..schemes.partners import Limit
from . import core
from .locking import lock, lock_open, note, require_handler, words

EDIT, REFER, WORK = "cases.partners_edit", "cases.refer", "cases.referrals"
_WHY = "a referral's rows, for who refers or sits at the body; asked before"
State = Referral.State


@transaction.atomic
def save_partner(
    actor: Actor, *, organisation: Organisation, body: PartnerBody | None, given: Mapping[str, Any]
) -> PartnerBody:
    """Enter or change a partner. Its kind is one of the scheme of its place."""
    actor.require(EDIT, *organisation.paths)
    if body is not None:
        actor.require(EDIT, *body.organisation.paths)
    found = body or PartnerBody(organisation=organisation)
    for name, value in given.items():
        setattr(found, name, value)
    kind = referring.kind_of(found)
    if kind is None:
        raise Refused("当地的联动方案里没有这个单位类别。", "kind")
    found.kind_label = kind.label
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个工会已有同名的联动单位。", "name") from None
    journal(
        actor, "cases.partner_saved", subject=found, paths=organisation.paths, detail={"kind": found.kind}
    )
    return found


@transaction.atomic
def add_seat(actor: Actor, *, body: PartnerBody, account: Account) -> PartnerSeat:
    """Tie an account that holds the agency's role to a partner: from now on it sees what is referred there."""
    actor.require(EDIT, *body.organisation.paths)
    try:
        with transaction.atomic():
            found = PartnerSeat.objects.create(body=body, account=account)
    except IntegrityError:
        raise Refused("这个账号已有席位。请先在原单位停用。", "username") from None
    journal(
        actor, "cases.seat_added", subject=body, paths=body.organisation.paths, detail={"account": account.pk}
    )
    return found


@transaction.atomic
def end_seat(actor: Actor, *, seat: PartnerSeat) -> None:
    """From now on the account sees nothing of the body's."""
    union = seat.body.organisation
    actor.require(EDIT, *union.paths)
    rows = PartnerSeat.objects.everywhere(reason=_WHY).filter(pk=seat.pk, until=None)
    if not rows.update(until=timezone.now()):
        raise Refused("这个席位已经停用。")
    journal(
        actor, "cases.seat_ended", subject=seat.body, paths=union.paths, detail={"account": seat.account_id}
    )


# Referring -----------------------------------------------------------------------------------------------------------


def _start(referral: Referral, limit: Limit, now: datetime, calendar: Calendar) -> None:
    """The clock that the partner now has."""
    referral.due_from, referral.due_unit, referral.due_amount = now, limit.unit, limit.amount
    referral.due_article = limit.article[:120]
    referral.due_at = _due(referral, calendar)


def _due(referral: Referral, calendar: Calendar) -> datetime:
    zone = timezone.get_current_timezone()
    return due(referral.due_from, cast(Unit, referral.due_unit), referral.due_amount, calendar, zone)


@transaction.atomic
def refer(
    actor: Actor,
    *,
    case: Case,
    body: PartnerBody,
    act: str,
    asked: str,
    facts: Collection[str],
    texts: Sequence[CaseText] = (),
    files: Sequence[CaseFile] = (),
    whole: bool = False,
) -> Referral:
    """Put a case before a partner, with these facts, texts and files of it. Several partners may have it at once.

    `whole`: the partner takes it over, the case waits as 已移送. Raises Refused for an act the body is not asked for.
    """
    fresh = lock_open(case.pk)
    require_handler(actor, fresh, REFER)
    if body.suspended:
        raise Refused("这个单位暂停联动，请选择其他单位。", "body")
    version = referring.scheme_for(body.division, timezone.localdate())
    kind = version.parameters.kind(body.kind)
    wanted = kind.act(act) if kind is not None else None
    if kind is None or wanted is None:
        raise Refused("请选择这个单位能办的事项。", "act")
    asked = hide_numbers(words(asked, "asked", "请写明请对方办什么。", 500))
    if ({one.case_id for one in texts} | {one.case_id for one in files}) - {fresh.pk}:
        raise Refused("选择的材料不属于这件案件。", "papers")
    record_use(version)
    now = timezone.now()
    made = Referral(
        case=fresh, body=body, act=wanted.code, act_label=wanted.label, asked=asked, whole=whole,
        facts=[code for code in referring.FACTS if code in set(facts)], sent_by=actor.name[:80],
        sent_by_id=actor.account_id, sent_at=now, scheme_id=version.digest,
    )  # fmt: skip
    _start(made, kind.accept, now, working_calendar())
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Refused("这件事已经转给这个单位，正在办理。", "body") from None
    ReferralItem.objects.bulk_create(
        [ReferralItem(referral=made, text=one) for one in texts]
        + [ReferralItem(referral=made, file=one) for one in files]
    )
    note(actor, fresh, "referred", "转办", opinion=f"{body.name}：{wanted.label}", shown=True)
    if whole:
        core.move(actor, fresh, "refer", opinion=f"由{body.name}主办", by_right=True)
    _journal(actor, made, "cases.referred", facts=made.facts, texts=len(texts), files=len(files), whole=whole)
    seats = PartnerSeat.objects.everywhere(reason=_WHY).filter(body=body, until=None)
    for account in seats.values_list("account", flat=True):
        _tell(made, account, f"转来一件：{wanted.label}", asked, f"/partner/referrals/{made.pk}/")
    return made


def _journal(actor: Actor, referral: Referral, action: str, **detail: object) -> None:
    case = referral.case
    journal(
        actor, action, subject=case, label=case.number, paths=case.organisation.paths,
        detail={"referral": referral.pk, "body": referral.body_id, **detail},
    )  # fmt: skip


def _tell(referral: Referral, account: int | None, title: str, body: str, url: str) -> None:
    notify(account, title[:100], body, url, path=referral.case.organisation.path)


def _tell_sender(referral: Referral, title: str, body: str) -> None:
    url = f"/desk/cases/{referral.case.number}/"
    accounts = [referral.sent_by_id, referral.case.owner_id]
    for account in dict.fromkeys(one for one in accounts if one is not None):
        _tell(referral, account, f"{referral.body.name}{title}：{referral.case.number}", body, url)


def _seated(actor: Actor, referral: Referral) -> Referral:
    """The referral, locked behind its case, for who sits at its body while it lasts; NotAllowed for everybody else."""
    if not actor.access.prefixes(WORK):
        raise NotAllowed(WORK)
    lock(referral.case_id)
    rows = Referral.objects.all().of_seat(actor.access).select_for_update(of=("self",))
    found = rows.select_related("case__organisation", "body").filter(pk=referral.pk).first()
    if found is None:
        raise NotAllowed(WORK)
    return found


@transaction.atomic
def accept(actor: Actor, *, referral: Referral) -> Referral:
    """The partner takes it on; its clock for the answer begins."""
    found = _seated(actor, referral)
    if found.state != State.SENT:
        raise Refused("这件已经接收。")
    act = referring.act_of(found.body, found.act)
    now = timezone.now()
    found.in_time = not (found.due_at is not None and is_late(found.due_at, now))
    found.state, found.accepted_at = State.ACCEPTED, now
    if act is not None:
        _start(found, act.reply, now, working_calendar())
    found.save()
    note(actor, found.case, "partner_accepted", "联动单位接收", opinion=found.body.name, shown=True)
    _journal(actor, found, "cases.referral_accepted", in_time=found.in_time)
    _tell_sender(found, "已接收", found.act_label)
    return found


@transaction.atomic
def give_back(actor: Actor, *, referral: Referral, reason: str) -> Referral:
    """The partner returns it with a reason; from then on it sees nothing of the case."""
    found = _seated(actor, referral)
    if found.state not in {State.SENT, State.ACCEPTED}:
        raise Refused("已经答复的不能退回。")
    reason = hide_numbers(words(reason, "reason", "请写明退回的理由。", 500))
    _answer(found, State.RETURNED, reason)
    found.ended_at = found.answered_at
    found.save()
    note(actor, found.case, "partner_returned", "联动单位退回", opinion=f"{found.body.name}：{reason}")
    _journal(actor, found, "cases.referral_returned", in_time=found.in_time)
    _tell_sender(found, "退回", reason)
    if found.whole and found.case.state == "referred":
        core.move(actor, found.case, "take_back", opinion=reason, by_right=True, shown=False)
    return found


@transaction.atomic
def reply(actor: Actor, *, referral: Referral, result: str, upload: Upload | None = None) -> Referral:
    """The partner's answer. The folder stays open until the union takes note of it or the case ends."""
    found = _seated(actor, referral)
    if found.state != State.ACCEPTED:
        raise Refused("请先接收，再答复结果。")
    result = hide_numbers(words(result, "result", "请写明办理结果。", 1000))
    if upload is not None:
        _add(actor, found, upload)
    _answer(found, State.REPLIED, result)
    found.save()
    note(
        actor,
        found.case,
        "partner_replied",
        "联动单位答复",
        opinion=f"{found.body.name}：{result}",
        shown=True,
    )
    _journal(actor, found, "cases.referral_replied", in_time=found.in_time)
    _tell_sender(found, "已答复", result)
    return found


def _answer(referral: Referral, state: str, result: str) -> None:
    now = timezone.now()
    late = referral.due_at is not None and is_late(referral.due_at, now)
    referral.in_time = not late and referral.in_time is not False
    referral.state, referral.result, referral.answered_at, referral.due_at = state, result, now, None


@transaction.atomic
def add_file(actor: Actor, *, referral: Referral, upload: Upload) -> ReferralItem:
    """A paper of the partner's own, into the folder and with it into the case."""
    found = _seated(actor, referral)
    return _add(actor, found, upload)


def _add(actor: Actor, referral: Referral, upload: Upload) -> ReferralItem:
    kept = core.attach(actor, referral.case, upload, label=f"{referral.body.name}：{upload.name}"[:80])
    made = ReferralItem.objects.create(referral=referral, file=kept, by_partner=True)
    _journal(actor, referral, "cases.referral_file_added", file=kept.pk)
    return made


@transaction.atomic
def end(actor: Actor, *, referral: Referral, withdraw: bool, reason: str = "") -> Referral:
    """The union withdraws it (with a reason), or takes note of the answer: the partner's folder closes."""
    case = lock_open(referral.case_id)
    require_handler(actor, case, REFER)
    rows = Referral.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found = rows.select_related("case__organisation", "body").get(pk=referral.pk)
    if found.ended_at is not None:
        raise Refused("这次转办已经结束。")
    if withdraw:
        reason = words(reason, "reason", "请写明撤回的理由。", 300)
        found.state = State.WITHDRAWN
    elif found.state != State.REPLIED:
        raise Refused("对方还没有答复。不用再办的请撤回。")
    found.ended_at, found.due_at = timezone.now(), None
    found.save()
    label, action = ("撤回转办", "withdrawn") if withdraw else ("办结转办", "noted")
    note(
        actor,
        case,
        f"referral_{action}",
        label,
        opinion=f"{found.body.name}{'：' + reason if reason else ''}",
    )
    _journal(actor, found, f"cases.referral_{action}")
    if withdraw and found.whole and case.state == "referred":
        core.move(actor, case, "take_back", opinion=reason, by_right=True, shown=False)
    return found


#: What a move has changed since the rows were read stays as the move set it.
_MOVE = """
UPDATE {table} r SET due_at = m.due_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS m(id, before, due_at)
WHERE r.id = m.id AND r.due_at = m.before AND r.ended_at IS NULL
"""


def recompute(calendar: Calendar) -> int:
    """Clocks of partners after the calendar changed; answers how many changed."""
    rows = Referral.objects.everywhere(reason="the calendar belongs to everybody").waiting()
    moved = []
    for one in rows.filter(ended_at=None).exclude(due_at=None).iterator(chunk_size=2000):
        ends = _due(one, calendar)
        if ends != one.due_at:
            moved.append((one.pk, one.due_at, ends))
    if not moved:
        return 0
    table = connection.ops.quote_name(Referral._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(table=table), [list(column) for column in zip(*moved, strict=True)])
        changed: int = cursor.rowcount
    return changed
