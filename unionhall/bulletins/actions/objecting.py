"""An objection suspends what it is against; settling it lets the rest of the period run, or takes the row off."""

import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import permission
from unionhall.kit.masking import hide_numbers
from unionhall.members import households
from unionhall.members.hands import hands
from unionhall.records.actions import notify

from ..addresses import desk_objection, public_objection
from ..models import NoticeRow, NoticeRowQuerySet, Objection, PublicNotice
from ..purposes import purpose as purpose_of
from ..rules import extended
from .publicising import lock, note

State = PublicNotice.State
#: Without look-alikes (0 O, 1 I): it is copied from paper.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WHY = "rows of a notice whose verb asks by itself who acts"


@transaction.atomic
def raise_objection(
    actor: Actor,
    *,
    notice: PublicNotice,
    text: str,
    row: NoticeRow | None = None,
    contact: str = "",
    at: datetime | None = None,
) -> Objection:
    """Object to a row, or to the whole notice. Anybody may, with or without a name, while it stands in public.

    The row (or all of them) is suspended from that day; who settles objections there is told.
    """
    fresh = lock(notice)
    text = text.strip()
    if len(text) < 10:
        raise Refused("请写明异议的事实和理由，至少 10 个字。", field="text")
    if len(text) > 2000:
        raise Refused(f"不超过 2000 个字，现有 {len(text)} 个字。", field="text")
    if not fresh.is_running:
        raise Refused("公示已经结束，不能再提出异议。可以拨打 12351 反映。")
    now = at or timezone.now()
    today = timezone.localdate(now)
    against = None
    if row is not None:
        against = _rows(fresh).get(pk=row.pk)
        if against.state != NoticeRow.State.OPEN:
            raise Refused(f"这一行{against.get_state_display()}，不能再提出异议。", field="row")
        if against.paused_on is None and against.ends is not None and today > against.ends:
            raise Refused("这一行的公示期已满，不能再提出异议。可以拨打 12351 反映。", field="row")
    elif fresh.state == State.PUBLICISED and fresh.ends is not None and today > fresh.ends:
        raise Refused("公示期已满，不能再提出异议。可以拨打 12351 反映。")
    objection = Objection.objects.create(
        number="YY" + "".join(secrets.choice(_LETTERS) for _ in range(10)),
        notice=fresh,
        row=against,
        text=text,
        contact=contact.strip()[:100] or None,
        raised_by_id=actor.account_id,
        raised_at=now,
    )
    objection.concerns(_rows(fresh)).running().filter(ends__gte=today).update(paused_on=today)
    if against is None and fresh.state == State.PUBLICISED:
        fresh.state = State.SUSPENDED
        fresh.save(update_fields=["state"])
    # Who raised it stands in his row alone: the journal is read by many.
    anonymous = Actor(None, "公示异议人", trace=actor.trace)
    note(anonymous, "objected", fresh, objection=objection.pk, row=against.order if against else None)
    _tell_settlers(fresh, objection)
    return objection


@transaction.atomic
def settle_objection(
    actor: Actor, *, objection: Objection, upheld: bool, opinion: str, at: datetime | None = None
) -> Objection:
    """Say whether it was right, with the finding that its author reads. Right: the row, or the whole notice, ends.

    Not right: once nothing else is open against a row, its period goes on, longer by the working days it stood still.
    """
    notice = lock(objection.notice)
    rows = Objection.objects.everywhere(reason="an objection under its locked notice")
    fresh = rows.select_related("row").get(pk=objection.pk)
    fresh.notice = notice
    require_settler(actor, fresh)
    if fresh.state != Objection.State.OPEN:
        raise Refused(
            f"这个异议已由{fresh.settled_by}核实（{fresh.get_state_display()}），本次操作没有生效。"
        )
    opinion = opinion.strip()
    if not opinion:
        raise Refused("请写明核实结论，提出人会看到。", field="opinion")
    if len(opinion) > 500:
        raise Refused(f"不超过 500 个字，现有 {len(opinion)} 个字。", field="opinion")
    now = at or timezone.now()
    fresh.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
    fresh.opinion, fresh.settled_by, fresh.settled_at = hide_numbers(opinion), actor.name[:80], now
    fresh.save(update_fields=["state", "opinion", "settled_by", "settled_at"])
    note(
        actor, fresh.state, notice, reason=opinion,
        objection=fresh.pk, row=fresh.row.order if fresh.row is not None else None,
    )  # fmt: skip
    if upheld:
        uphold(actor, notice, fresh, now)
    else:
        resume(notice, timezone.localdate(now))
    notify(
        fresh.raised_by_id,
        f"公示异议已核实：{fresh.get_state_display()}",
        f"{notice.title}：{opinion}",
        public_objection(fresh),
        path=notice.organisation.path,
    )
    return fresh


def require_settler(actor: Actor, objection: Objection) -> None:
    """Permission there; and neither who raised it nor whom it is about, nor somebody of his household."""
    actor.require("bulletins.settle", *objection.notice.organisation.paths)
    mine = hands(actor.access)
    if mine.touch(objection.raised_by_id):
        raise Refused("这是您自己提出的异议，请由其他人核实。")
    if mine.person_id is None:
        return
    if objection.concerns(_rows(objection.notice)).filter(person__in=households.of(mine.person_id)).exists():
        raise Refused("这个异议涉及您本人或者您的家庭成员，请由其他人核实。")


def uphold(actor: Actor, notice: PublicNotice, objection: Objection, now: datetime) -> None:
    """Take the row off, or all of them; the domain hears of each."""
    hook = purpose_of(notice.purpose).on_upheld
    rows = objection.concerns(_rows(notice)).filter(state=NoticeRow.State.OPEN)
    for row in rows.select_for_update().order_by("order"):
        row.notice = notice
        row.state, row.closed_at, row.paused_on = NoticeRow.State.REMOVED, now, None
        row.save(update_fields=["state", "closed_at", "paused_on"])
        hook(actor, row)
    if objection.row is not None:
        moot(notice, objection.row, "这一行已经取消，不再公示。", now)
    if objection.row_id is None:
        # The opinion is for who objected: it may name people and what ails them.
        notice.reason = "异议成立"
        end(notice, State.STOPPED, now)
    else:
        resume(notice, timezone.localdate(now))
        end_if_done(notice, now)


def resume(notice: PublicNotice, today: date) -> None:
    """Let go what nothing is open against any more: each row's last day moves by the working days of its pause."""
    open_now = Objection.objects.everywhere(reason=_WHY).filter(notice=notice).open()
    if not open_now.filter(row=None).exists():
        held = open_now.exclude(row=None).values("row_id")
        rows = _rows(notice).filter(state=NoticeRow.State.OPEN, paused_on__isnull=False).exclude(pk__in=held)
        calendar = working_calendar()
        pauses = rows.order_by().filter(ends__isnull=False).values_list("ends", "paused_on").distinct()
        for ends, paused_on in pauses:
            if ends is None or paused_on is None:
                continue
            moved = extended(ends, paused_on, max(today, paused_on), calendar)
            rows.filter(ends=ends, paused_on=paused_on).update(ends=moved, paused_on=None)
        if notice.state == State.SUSPENDED:
            notice.state = State.PUBLICISED
    last = _rows(notice).filter(state=NoticeRow.State.OPEN).order_by().aggregate(Max("ends"))["ends__max"]
    notice.ends = max(filter(None, (notice.ends, last)))
    notice.save(update_fields=["state", "ends"])


def end_if_done(notice: PublicNotice, now: datetime) -> None:
    """A notice whose rows have all ended has ended: passed, unless not one row is left on it."""
    rows = _rows(notice)
    if rows.filter(state=NoticeRow.State.OPEN).exists():
        return
    passed = rows.filter(state=NoticeRow.State.PASSED).exists()
    if not passed and not notice.reason:
        notice.reason = "名单已全部取消"
    end(notice, State.PASSED if passed else State.STOPPED, now)


def end(notice: PublicNotice, state: PublicNotice.State, now: datetime) -> None:
    """Close it; objections that are still open lose their object."""
    notice.state, notice.closed_at = state, now
    notice.save(update_fields=["state", "closed_at", "reason"])
    moot(notice, None, "公示已经结束。", now)


def moot(notice: PublicNotice, row: NoticeRow | None, opinion: str, now: datetime) -> None:
    """What is open against a row (None: against anything of the notice) has lost its object."""
    left = Objection.objects.everywhere(reason=_WHY).filter(notice=notice).open()
    if row is not None:
        left = left.filter(row=row)
    left.update(state=Objection.State.MOOT, opinion=opinion, settled_by="系统", settled_at=now)


def _rows(notice: PublicNotice) -> NoticeRowQuerySet:
    return NoticeRow.objects.everywhere(reason=_WHY).filter(notice=notice)


def _tell_settlers(notice: PublicNotice, objection: Objection) -> None:
    """A message to those who settle objections exactly at the notice's union; others find it in their to-do list."""
    grants = Grant.objects.everywhere(
        reason="who settles objections is not a question of the actor's own scope"
    )
    held = grants.in_force(timezone.localdate()).filter(
        organisation=notice.organisation_id, role__in=permission("bulletins.settle").roles
    )
    for account_id in held.values_list("account_id", flat=True).distinct():
        notify(
            account_id,
            "公示收到异议",
            f"{notice.title}（{notice.number}）{objection.about}：请核实，相应公示已暂停。",
            desk_objection(objection),
            path=notice.organisation.path,
        )
