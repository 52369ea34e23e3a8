"""Verbs of a task's parts: handed to a union or a department, replied, accepted, returned, handed down or up."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.access.grants import access_of
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify

from .. import superiors
from ..models import Case, PartnerBody, Referral, TaskPart
from . import core, referrals, tasks
from .locking import hold, lock, note, words
from .tasks import HANDLE

__all__ = [
    "accept",
    "ask_body",
    "ask_union",
    "hand_down",
    "hand_up",
    "reply",
    "return_part",
    "take_up",
    "withdraw",
]
State = TaskPart.State


@transaction.atomic
def ask_union(
    actor: Actor,
    case: Case,
    *,
    organisation: Organisation,
    holder: str,
    asked: str,
    due_on: date,
    account: Account | None = None,
) -> TaskPart:
    """A union below (or the union itself) gets a part, with its duty holder and its day."""
    hold(organisation)
    fresh = tasks.locked(actor, case)
    below = any(one.startswith(path) for path in fresh.organisation.paths for one in organisation.paths)
    if not below:
        raise Refused("只能交办给本工会和下级工会；其他单位请选择联动部门。", field="organisation")
    if account is not None:
        held = access_of(account).prefixes(HANDLE)
        if not any(path.startswith(prefix) for prefix in held for path in organisation.paths):
            raise Refused(f"{account.display_name}在这个工会没有办理任务的权限。", field="account")
    part = _asked(actor, fresh, holder, asked, due_on, organisation=organisation, account=account)
    told = {account.pk} if account is not None else superiors.accounts(organisation, levels=0)
    for one in sorted(told - {actor.account_id}):
        notify(
            one, f"交办任务：{fresh.title}"[:100], f"{part.asked}（{due_on:%Y-%m-%d} 前答复）",
            f"/desk/tasks/parts/{part.pk}/", path=organisation.path,
        )  # fmt: skip
    return part


@transaction.atomic
def ask_body(
    actor: Actor, case: Case, *, body: PartnerBody, act: str, holder: str, asked: str, due_on: date
) -> TaskPart:
    """A department gets a part as a referral: it accepts, replies or returns it at its own entrance."""
    fresh = tasks.locked(actor, case)
    sent = referrals.refer(actor, case=fresh, body=body, act=act, asked=asked, facts=())
    return _asked(actor, fresh, holder, asked, due_on, body_name=body.name, referral=sent)


def _asked(
    actor: Actor,
    case: Case,
    holder: str,
    asked: str,
    due_on: date,
    *,
    organisation: Organisation | None = None,
    account: Account | None = None,
    body_name: str = "",
    referral: Referral | None = None,
) -> TaskPart:
    if due_on < timezone.localdate():
        raise Refused("答复期限不能早于今天。", field="due_on")
    if due_on > case.task.due_on:
        raise Refused(f"答复期限不能晚于任务的完成期限 {case.task.due_on:%Y-%m-%d}。", field="due_on")
    part = TaskPart.objects.create(
        case=case, organisation=organisation, account=account, body_name=body_name, referral=referral,
        holder=words(holder, "holder", "请填写责任人。", 60), due_on=due_on, given_by=actor.name[:80],
        asked=hide_numbers(words(asked, "asked", "请写明要求。", 500)),
    )  # fmt: skip
    note(actor, case, "part_given", "任务分工", opinion=f"{part.who}（{part.holder}）：{part.asked}")
    _journal(actor, "cases.task_part", part, case)
    if case.state == "given":
        core.move(actor, case, "start", by_right=True)
    tasks.reckon(case)
    return part


def _taken(part: TaskPart) -> tuple[Case, TaskPart]:
    """The task locked, the part as it is now."""
    case = lock(part.case_id)
    if not case.is_open:
        raise Refused("任务已经办结或撤回。")
    rows = TaskPart.objects.everywhere(reason="its task is locked; whoever acts is asked next")
    return case, rows.select_related("organisation", "referral", "account").get(pk=part.pk)


def _holds(actor: Actor, part: TaskPart) -> None:
    """Whoever answers for a union's part: handlers of that union."""
    if part.organisation is None:
        raise Refused("部门的分工由部门在联动入口答复。")
    actor.require(HANDLE, *part.organisation.paths)


@transaction.atomic
def reply(actor: Actor, part: TaskPart, *, reply: str, progress: int, final: bool) -> TaskPart:
    """Progress of a part; `final`: this is the answer. Before that it may be told as often as one likes."""
    case, fresh = _taken(part)
    _holds(actor, fresh)
    if not fresh.is_open:
        raise Refused(f"这项分工现在是“{fresh.get_state_display()}”，不用再答复。")
    if not 0 <= progress <= 100:
        raise Refused("进度填 0 到 100。", field="progress")
    if final and progress < 100:
        progress = 100
    fresh.reply = hide_numbers(words(reply, "reply", "请写明办理情况。", 2000))
    fresh.progress, fresh.replied_by, fresh.replied_at = progress, actor.name[:80], timezone.now()
    if final:
        fresh.state = State.REPLIED
    fresh.save()
    note(
        actor,
        case,
        "part_replied",
        "分工答复" if final else "分工进度",
        opinion=f"{fresh.who}：{fresh.reply[:300]}",
    )
    _journal(actor, "cases.part_replied", fresh, case, final=final, progress=progress)
    tasks.reckon(case)
    if final:
        _tell_giver(case, fresh, "已答复")
    return fresh


def take_up(actor: Actor, part: TaskPart, result: str) -> TaskPart:
    """The merged reply of a task handed down becomes the answer of the part above."""
    return reply(actor, part, reply=result[:2000], progress=100, final=True)


@transaction.atomic
def accept(actor: Actor, part: TaskPart) -> TaskPart:
    """The giver takes the answer; a department's referral ends with it."""
    case, fresh = _taken(part)
    actor.require(HANDLE, *case.organisation.paths)
    if fresh.stands != State.REPLIED:
        raise Refused("还没有答复，不能认可。")
    fresh.reply = fresh.answer[:2000]
    if fresh.referral is not None:
        fresh.replied_at, fresh.replied_by = fresh.referral.answered_at, fresh.body_name[:80]
        if fresh.referral.ended_at is None:
            referrals.end(actor, referral=fresh.referral, withdraw=False)
    fresh.state, fresh.progress = State.ACCEPTED, 100
    fresh.save()
    return _settled(actor, case, fresh, "认可分工答复")


@transaction.atomic
def return_part(actor: Actor, part: TaskPart, *, reason: str, due_on: date) -> TaskPart:
    """The answer does not do: once more, by another day. What was handed up goes back the same way."""
    case, fresh = _taken(part)
    actor.require(HANDLE, *case.organisation.paths)
    if fresh.stands not in {State.REPLIED, State.REFUSED}:
        raise Refused("还没有答复，不用退回。")
    if not timezone.localdate() <= due_on <= case.task.due_on:
        raise Refused("新的答复期限应在今天以后、任务完成期限以前。", field="due_on")
    fresh.returned = words(reason, "reason", "请写明退回原因。", 500)
    if (sent := fresh.referral) is not None:
        if sent.ended_at is None:
            referrals.end(actor, referral=sent, withdraw=False)
        fresh.referral = referrals.refer(
            actor, case=case, body=sent.body, act=sent.act, asked=fresh.returned, facts=()
        )
        fresh.reply = ""
    fresh.state, fresh.due_on, fresh.progress = State.RETURNED, due_on, min(fresh.progress, 90)
    fresh.save()
    if fresh.account is not None:
        notify(
            fresh.account.pk, f"任务分工退回重办：{case.title}"[:100], fresh.returned,
            f"/desk/tasks/parts/{fresh.pk}/", path=case.organisation.path,
        )  # fmt: skip
    return _settled(actor, case, fresh, "退回分工", fresh.returned)


@transaction.atomic
def withdraw(actor: Actor, part: TaskPart, *, reason: str) -> TaskPart:
    """A part is no longer wanted."""
    case, fresh = _taken(part)
    actor.require(HANDLE, *case.organisation.paths)
    if fresh.state in {State.ACCEPTED, State.WITHDRAWN}:
        raise Refused("已认可或已撤回的分工不能撤回。")
    reason = words(reason, "reason", "请写明撤回原因。", 300)
    if fresh.referral is not None and fresh.referral.ended_at is None:
        referrals.end(actor, referral=fresh.referral, withdraw=True, reason=reason)
    fresh.state = State.WITHDRAWN
    fresh.save(update_fields=["state"])
    return _settled(actor, case, fresh, "撤回分工", reason)


@transaction.atomic
def hand_up(actor: Actor, part: TaskPart, *, reason: str) -> TaskPart:
    """上交: beyond the union's power; the giver decides, with the reason before him."""
    case, fresh = _taken(part)
    _holds(actor, fresh)
    if not fresh.is_open:
        raise Refused("这项分工不在办理中，不能上交。")
    fresh.reply = hide_numbers(words(reason, "reason", "请写明上交的理由。", 1000))
    fresh.state, fresh.replied_by, fresh.replied_at = State.REFUSED, actor.name[:80], timezone.now()
    fresh.save()
    _tell_giver(case, fresh, "上交")
    return _settled(actor, case, fresh, "上交分工", fresh.reply)


@transaction.atomic
def hand_down(actor: Actor, part: TaskPart, *, title: str, target: str, due_on: date) -> Case:
    """The part becomes a task of the union's own, to be divided among those below it; it answers upward by itself."""
    if part.organisation is not None:
        hold(part.organisation)
    case, fresh = _taken(part)
    _holds(actor, fresh)
    if not fresh.is_open:
        raise Refused("这项分工不在办理中，不能再分解。")
    if hasattr(fresh, "below"):
        raise Refused("这项分工已经分解为下级任务。")
    if due_on > fresh.due_on:
        raise Refused(f"完成期限不能晚于上级要求的 {fresh.due_on:%Y-%m-%d}。", field="due_on")
    assert fresh.organisation is not None
    made = tasks.give(
        actor, organisation=fresh.organisation, title=title, target=target, due_on=due_on, above=fresh
    )
    note(actor, case, "part_divided", "分解任务", opinion=f"{fresh.who}：{made.number}")
    return made


def _settled(actor: Actor, case: Case, part: TaskPart, label: str, opinion: str = "") -> TaskPart:
    note(actor, case, "part_settled", label, opinion=f"{part.who}：{opinion}" if opinion else part.who)
    _journal(actor, "cases.part_settled", part, case, state=str(part.state))
    tasks.reckon(case)
    return part


def _tell_giver(case: Case, part: TaskPart, what: str) -> None:
    told = {case.owner_id} if case.owner_id else superiors.accounts(case.organisation, levels=0)
    for one in sorted(account for account in told if account is not None):
        notify(
            one, f"{part.who}{what}：{case.title}"[:100], part.reply[:200], f"/desk/tasks/{case.number}/",
            path=case.organisation.path,
        )  # fmt: skip


def _journal(actor: Actor, action: str, part: TaskPart, case: Case, **detail: object) -> None:
    paths = part.organisation.paths if part.organisation is not None else case.organisation.paths
    journal(actor, action, subject=case, label=case.number, paths=paths, detail={"part": part.pk, **detail})
