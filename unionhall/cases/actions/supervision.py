"""督办: a note from a superior about a case, its reply, and its way up while nobody answers."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify
from unionhall.reviews.numbers import next_number

from .. import superiors
from ..documents import contexts, make
from ..models import Case, SupervisionNote
from ..schemes.tasks import TaskScheme
from .locking import hold, lock_open, note, words

__all__ = ["escalate_due", "issue", "issuer_of", "recompute", "reply", "settle", "withdraw"]
SUPERVISE, REPLY = "cases.supervise", "cases.supervision_reply"
State = SupervisionNote.State


def issuer_of(actor: Actor, case: Case) -> Organisation:
    """The union in whose name the actor supervises: the nearest over the case in which he holds the permission."""
    held = [
        prefix
        for prefix in actor.access.prefixes(SUPERVISE)
        for path in case.organisation.paths
        if path.startswith(prefix)
    ]
    if not held:
        raise NotAllowed(SUPERVISE)
    rows = Organisation.objects.everywhere(reason="the union in which the actor holds the permission")
    mine = (
        Grant.objects.everywhere(reason="the actor's own")
        .filter(account=actor.account_id)
        .values("organisation")
    )
    nearest = max(held, key=len)
    if nearest:
        own = rows.filter(pk__in=mine, path=nearest) | rows.filter(pk__in=mine, second_path=nearest)
        if (found := own.first()) is not None:
            return found
    root = case.organisation.path[: len(nearest) or 4]
    return rows.get(path=root)


@transaction.atomic
def issue(actor: Actor, case: Case, *, asked: str) -> SupervisionNote:
    """督办单: what is wanted, to the union that has the case; the paper is made, people are told, a clock runs.

    While a note of the same union waits for its reply there is no second one. Repeated notes are counted.
    """
    hold(case.organisation, issuer_of(actor, case))
    fresh = lock_open(case.pk)
    issuer = issuer_of(actor, fresh)
    asked = hide_numbers(words(asked, "asked", "请写明督办要求。", 500))
    earlier = SupervisionNote.objects.everywhere(reason="the notes on a case that is locked").filter(
        case=fresh
    )
    if earlier.waiting().filter(issuer=issuer).exists():
        raise Refused("上一次督办还没有回复，请等回复或上移，不用重复督办。")
    today, days = timezone.localdate(), _days(fresh.organisation)
    made = SupervisionNote.objects.create(
        number=next_number("DB", today), case=fresh, issuer=issuer, addressee=fresh.organisation, asked=asked,
        round=earlier.exclude(state=State.WITHDRAWN).count() + 1, working_days=days,
        due_on=working_calendar().add_working_days(today, days), issued_by_id=actor.account_id,
        issued_by=actor.name[:80],
    )  # fmt: skip
    made.document = make(
        actor, fresh, "supervision_note",
        context={
            "to": fresh.organisation.name, "demand": asked, "due": contexts.chinese_day(made.due_on),
            "union": issuer.name, "number": made.number,
        },
    )  # fmt: skip
    made.save(update_fields=["document"])
    label = "督办" if made.round == 1 else f"第 {made.round} 次督办"
    note(actor, fresh, "supervised", label, opinion=f"{issuer.name}：{asked}")
    _journal(actor, "cases.supervised", made, round=made.round)
    _tell(made, f"{label}：{fresh.title}", f"{asked}（{made.due_on:%Y-%m-%d} 前回复）")
    return made


def _days(organisation: Organisation) -> int:
    version = rulebook.scheme(TaskScheme, on=timezone.localdate(), division=organisation.division)
    return version.parameters.reply_working_days


def _tell(made: SupervisionNote, title: str, body: str) -> None:
    told = superiors.accounts(made.addressee, levels=0) | {made.case.owner_id or 0}
    for account in sorted(told - {0, made.issued_by_id}):
        notify(
            account, title[:100], body, f"/desk/supervision/notes/{made.number}/", path=made.addressee.path
        )


def _taken(made: SupervisionNote) -> SupervisionNote:
    rows = SupervisionNote.objects.everywhere(reason="a verb on a note asks who acts after locking it")
    found = rows.select_for_update(of=("self",)).select_related("case__organisation", "issuer", "addressee")
    return found.get(pk=made.pk)


@transaction.atomic
def reply(actor: Actor, made: SupervisionNote, *, text: str) -> SupervisionNote:
    """The union that has the case, or the one to which the note went since, answers."""
    fresh = _taken(made)
    actor.require(REPLY, *fresh.addressee.paths, *fresh.case.organisation.paths)
    if fresh.state not in {State.SENT, State.ESCALATED}:
        raise Refused(f"这张督办单现在是“{fresh.get_state_display()}”，不用再回复。")
    fresh.reply = hide_numbers(words(text, "text", "请写明办理情况和下一步安排。", 1000))
    fresh.state, fresh.replied_by, fresh.replied_at = State.REPLIED, actor.name[:80], timezone.now()
    fresh.late = fresh.late or timezone.localdate() > fresh.due_on
    fresh.save()
    note(actor, fresh.case, "supervision_replied", "回复督办", opinion=fresh.reply)
    _journal(actor, "cases.supervision_replied", fresh, late=fresh.late)
    notify(
        fresh.issued_by_id, f"督办已回复：{fresh.case.title}"[:100], fresh.reply[:200],
        f"/desk/supervision/notes/{fresh.number}/", path=fresh.issuer.path,
    )  # fmt: skip
    return fresh


@transaction.atomic
def settle(actor: Actor, made: SupervisionNote) -> SupervisionNote:
    """The issuer takes the reply. Does it not do, he supervises again: the rounds are counted."""
    fresh = _taken(made)
    actor.require(SUPERVISE, *fresh.issuer.paths)
    if fresh.state != State.REPLIED:
        raise Refused("还没有回复，不能了结。不再需要的请撤回。")
    return _ended(actor, fresh, State.CLOSED, "了结督办")


@transaction.atomic
def withdraw(actor: Actor, made: SupervisionNote, *, reason: str) -> SupervisionNote:
    fresh = _taken(made)
    actor.require(SUPERVISE, *fresh.issuer.paths)
    if fresh.state not in {State.SENT, State.ESCALATED}:
        raise Refused("已经回复的督办不能撤回。")
    return _ended(actor, fresh, State.WITHDRAWN, "撤回督办", words(reason, "reason", "请写明撤回原因。", 300))


def _ended(actor: Actor, made: SupervisionNote, state: str, label: str, reason: str = "") -> SupervisionNote:
    made.state, made.closed_at = state, timezone.now()
    made.save(update_fields=["state", "closed_at"])
    note(actor, made.case, "supervision_settled", label, opinion=reason)
    _journal(actor, "cases.supervision_settled", made, reason, state=state)
    return made


def escalate_due(actor: Actor) -> int:
    """Notes past their day go to the next union above, up to the issuer; there its own superiors are told.

    Each gets the full time again. Answers how many.
    """
    rows = SupervisionNote.objects.everywhere(reason="the platform moves notes that nobody answers")
    late = rows.waiting().filter(due_on__lt=timezone.localdate()).order_by("pk")
    count = 0
    for one in late:
        with transaction.atomic():
            fresh = _taken(one)
            if fresh.state in {State.SENT, State.ESCALATED} and fresh.due_on < timezone.localdate():
                _escalate(actor, fresh)
                count += 1
    return count


def _escalate(actor: Actor, made: SupervisionNote) -> None:
    top = made.addressee_id == made.issuer_id or not made.addressee.path.startswith(made.issuer.path)
    target = None if top else superiors.above(made.addressee)
    if target is not None:
        made.addressee = target
    made.state, made.level, made.late = State.ESCALATED, made.level + 1, True
    made.due_on = working_calendar().add_working_days(timezone.localdate(), made.working_days)
    made.save(update_fields=["addressee", "state", "level", "late", "due_on"])
    where = made.addressee.name if target is not None else f"{made.issuer.name}的上级"
    note(actor, made.case, "supervision_escalated", "督办上移", opinion=f"逾期没有回复，上移至{where}")
    _journal(actor, "cases.supervision_escalated", made, level=made.level)
    title, body = (
        f"督办逾期未回复：{made.case.title}"[:100],
        f"{made.number} 已上移 {made.level} 次。{made.asked}",
    )
    told = superiors.accounts(made.addressee, levels=1 if target is None else 0)
    for account in sorted(told | ({made.issued_by_id} if made.issued_by_id else set())):
        notify(account, title, body, f"/desk/supervision/notes/{made.number}/", path=made.addressee.path)


def recompute() -> int:
    """Days of waiting notes after the calendar changed, counted from when they were written or last went up."""
    calendar, changed = working_calendar(), 0
    rows = SupervisionNote.objects.everywhere(reason="the calendar belongs to everybody")
    for one in rows.waiting().filter(level=0):
        day: date = calendar.add_working_days(timezone.localdate(one.issued_at), one.working_days)
        changed += rows.filter(pk=one.pk).exclude(due_on=day).update(due_on=day)
    return changed


def _journal(actor: Actor, action: str, made: SupervisionNote, reason: str = "", **detail: object) -> None:
    journal(
        actor, action, subject=made.case, label=made.number, paths=made.addressee.paths, reason=reason,
        detail={"note": made.pk, **detail},
    )  # fmt: skip
