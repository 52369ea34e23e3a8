"""Verbs on a membership: admit, move, retain, resume, end.

Each change closes a period and opens the next; nothing past is rewritten. A person's changes queue up behind the
row of that person, so that of two admissions at once one wins and the other is refused in words.
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify

from .. import rules, tallying
from ..following import facts_changed
from ..models import Membership, Person, RosterBatch
from ..numbers import next_member_number
from .cards import issue_card, revoke_cards_of
from .placing import Place, place_of, require_not_future, require_takes_members
from .posts import leave_every_post, leave_posts_in, whole_union

ENDINGS = frozenset(
    {
        Membership.Exit.WITHDRAWAL,
        Membership.Exit.DEEMED,
        Membership.Exit.EXPULSION,
        Membership.Exit.DEATH,
    }
)
_TOLD = {
    Membership.Exit.WITHDRAWAL: "您已退出工会",
    Membership.Exit.DEEMED: "您的会籍已按自动退会处理",
    Membership.Exit.EXPULSION: "您的会籍已被除名",
}


def _lock(person_id: int) -> Person:
    rows = Person.objects.everywhere(
        reason="the person whose membership changes; permission is asked on the union"
    )
    return rows.select_for_update().get(pk=person_id)


def _open(person: Person) -> Membership | None:
    rows = Membership.objects.everywhere(reason="one membership per person is a rule of the whole federation")
    return rows.current().filter(person=person).select_related("organisation").first()


def _last_ended(person: Person) -> date | None:
    rows = Membership.objects.everywhere(reason="one membership per person is a rule of the whole federation")
    last: date | None = rows.filter(person=person).aggregate(last=Max("ended"))["last"]
    return last


def _insert(**values: object) -> Membership:
    try:
        with transaction.atomic():
            return Membership.objects.create(**values)
    except IntegrityError as clash:
        if "membership_one_at_a_time" in str(clash):
            raise Refused(
                "该职工在这段时间已有会籍，不能重复。请核对日期，或办理会籍转接。", field="on"
            ) from None
        raise


@transaction.atomic
def admit(
    actor: Actor,
    *,
    person: Person,
    organisation: Organisation,
    on: date,
    entry: str = Membership.Entry.ADMISSION,
    batch: RosterBatch | None = None,
) -> Membership:
    """Make a person a member from `on`: gives the member number, issues the card, tells the worker.

    Raises Refused when the union takes no members, the day is impossible, the person is too young or a member already.
    """
    with tallying.of_person(person.pk):
        place = place_of(organisation)
        actor.require("members.intake" if batch else "members.standing", *place.paths)
        require_not_future(on)
        require_takes_members(place, organisation, on)
        person = _lock(person.pk)
        present = _open(person)
        if present is not None:
            here = present.organisation_id == organisation.pk
            raise Refused(
                "该职工已是本工会会员，不需要重复入会。"
                if here
                else f"该职工已是“{present.organisation.name}”的会员，请办理会籍转接。"
            )
        age = rules.old_enough(person.birth, on)
        if not age.met:
            raise Refused(age.text, field="on")
        membership = _insert(
            person=person,
            organisation=organisation,
            path=place.path,
            second_path=place.second_path,
            name=person.name,
            initials=person.initials,
            period=DateRange(on, None),
            follows=_last_ended(person),
            joined_on=on,
            entry=entry,
            batch=batch,
        )
        if person.member_number is None:
            person.member_number = next_member_number(place.division)
            person.save(update_fields=["member_number"])
        issue_card(actor, person=person, on=on, division=place.division, paths=place.paths)
        journal(
            actor,
            "members.admit",
            subject=person,
            paths=place.paths,
            detail={"organisation": organisation.pk, "on": on.isoformat(), "entry": str(entry)},
        )
        notify(
            person.account_id,
            "您已成为工会会员",
            f"您自 {on:%Y-%m-%d} 起是{organisation.name}的会员，电子会员卡已生成。",
            "/m/card/",
            place.path,
        )
        facts_changed(person)
        return membership


def _close(membership: Membership, on: date, exit_: str, reason: str = "") -> Membership:
    """The locked, still open membership with its period ended on `on`. Raises Refused when that cannot be."""
    require_not_future(on)
    _lock(membership.person_id)
    rows = Membership.objects.everywhere(reason="the row to close; permission is asked on its union")
    found = rows.select_for_update().get(pk=membership.pk)
    if not found.is_current:
        raise Refused("这条会籍已经结束，请刷新后查看现在的会籍。")
    since = found.period.lower
    if on <= since:
        raise Refused(f"这条会籍自 {since:%Y-%m-%d} 起，变动日期必须晚于这一天。", field="on")
    found.period = DateRange(since, on)
    found.exit, found.exit_reason = exit_, reason[:200]
    found.save(update_fields=["period", "exit", "exit_reason"])
    membership.period, membership.exit, membership.exit_reason = found.period, found.exit, found.exit_reason
    return found


def _continue(
    closed: Membership, on: date, entry: str, standing: str, union: Organisation, place: Place
) -> Membership:
    return _insert(
        person_id=closed.person_id,
        organisation=union,
        path=place.path,
        second_path=place.second_path,
        name=closed.name,
        initials=closed.initials,
        period=DateRange(on, None),
        follows=on,
        standing=standing,
        joined_on=closed.joined_on,
        entry=entry,
    )


@transaction.atomic
def move(
    actor: Actor,
    *,
    membership: Membership,
    destination: Organisation,
    on: date,
    entry: str = Membership.Entry.TRANSFER,
    exit: str = Membership.Exit.TRANSFER,  # noqa: A002
) -> Membership:
    """Carry a membership to another union from `on`. Permission in both unions, or a decision of both (by_decision).

    Posts in the union that is left end with it.
    """
    with tallying.of_person(membership.person_id):
        place = place_of(destination)
        actor.require("members.standing", *_paths(membership))
        actor.require("members.standing", *place.paths)
        if membership.organisation_id == destination.pk:
            raise Refused("转出和转入是同一个工会，不需要转接。", field="destination")
        require_takes_members(place, destination, on)
        closed = _close(membership, on, exit)
        # Who moves to a new employer's union is at work there again: a retained membership becomes active.
        opened = _continue(closed, on, entry, Membership.Standing.ACTIVE, destination, place)
        left = whole_union(closed.organisation)
        if left != whole_union(destination):
            leave_posts_in(actor, person=closed.person, union=left, on=on)
        journal(
            actor,
            "members.move",
            subject=closed.person,
            paths=place.paths,
            detail={"from": closed.organisation_id, "to": destination.pk, "on": on.isoformat()},
        )
        journal(
            actor,
            "members.move_out",
            subject=closed.person,
            paths=_paths(closed),
            detail={"to": destination.pk},
        )
        notify(
            closed.person.account_id,
            "会籍转接已完成",
            f"您的会籍自 {on:%Y-%m-%d} 起转到{destination.name}，会员卡继续有效。",
            "/m/card/",
            place.path,
        )
        facts_changed(closed.person)
        return opened


def _paths(membership: Membership) -> tuple[str, ...]:
    return tuple(path for path in (membership.path, membership.second_path) if path)


def _switch(actor: Actor, membership: Membership, on: date, reason: str, *, to: str) -> Membership:
    with tallying.of_person(membership.person_id):
        actor.require("members.standing", *_paths(membership))
        retained = to == Membership.Standing.RETAINED
        if membership.standing == to:
            raise Refused("会籍已经是保留状态。" if retained else "会籍是在册状态，不需要恢复。")
        union = membership.organisation
        place = place_of(union)
        word = Membership.Entry.RETENTION if retained else Membership.Entry.RESUMPTION
        closed = _close(membership, on, str(word), reason)
        opened = _continue(closed, on, word, to, union, place)
        verb = "members.retain" if retained else "members.resume"
        journal(
            actor,
            verb,
            subject=closed.person,
            paths=place.paths,
            reason=reason,
            detail={"on": on.isoformat()},
        )
        notify(
            closed.person.account_id,
            "会籍已保留" if retained else "会籍已恢复",
            "保留会籍期间不缴纳会费，没有选举权、被选举权和表决权。"
            if retained
            else "您的会籍已恢复为在册。",
            "/m/card/",
            place.path,
        )
        facts_changed(closed.person)
        return opened


@transaction.atomic
def retain(actor: Actor, *, membership: Membership, on: date, reason: str) -> Membership:
    """保留会籍 from `on`: no dues (C1 §8), no vote (E3 §4). Answers the new, retained period."""
    return _switch(actor, membership, on, reason, to=Membership.Standing.RETAINED)


@transaction.atomic
def resume(actor: Actor, *, membership: Membership, on: date, reason: str) -> Membership:
    """A retained membership becomes active again from `on`."""
    return _switch(actor, membership, on, reason, to=Membership.Standing.ACTIVE)


@transaction.atomic
def end(
    actor: Actor,
    *,
    membership: Membership,
    on: date,
    exit: str,  # noqa: A002
    reason: str,
) -> Membership:
    """End a membership: withdrawal, deemed withdrawal, expulsion or death. Card and posts in the union end with it."""
    if exit not in ENDINGS:
        raise ValueError(f"{exit} does not end a membership")
    actor.require("members.standing", *_paths(membership))
    with tallying.of_person(membership.person_id):
        closed = _close(membership, on, exit, reason)
    revoke_cards_of(actor, closed.person, paths=_paths(closed))
    if exit == Membership.Exit.DEATH:
        leave_every_post(actor, person=closed.person, on=on, reason=reason)
    else:
        union = whole_union(closed.organisation)
        leave_posts_in(actor, person=closed.person, union=union, on=on, reason=reason)
    journal(
        actor,
        "members.end",
        subject=closed.person,
        paths=_paths(closed),
        reason=reason,
        detail={"exit": str(exit), "on": on.isoformat()},
    )
    if exit in _TOLD:
        notify(
            closed.person.account_id,
            _TOLD[Membership.Exit(exit)],
            f"自 {on:%Y-%m-%d} 起生效，会员卡同时注销。如有异议，请向上一级工会反映。",
            "/m/",
            closed.path,
        )
    facts_changed(closed.person)
    return closed
