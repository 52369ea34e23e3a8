"""Duties to visit: opened once per event, met by a visit, urged by superiors when late."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.hands import hands
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify

from .. import cadres
from ..models import ContactPoint, Trouble, Visit, VisitDuty
from ..rules.visiting import asks_visit, duty_due
from .holding import WHY, Target, scheme_of, words

SUPERVISE = "outreach.supervise"
#: Rows that one run of the clock's job takes.
TOGETHER = 200


def _note(actor: Actor, duty: VisitDuty, verb: str, reason: str = "", **detail: object) -> None:
    journal(
        actor, f"outreach.duty_{verb}", subject=duty, label=str(duty), paths=duty.organisation.paths,
        reason=reason, detail={"duty": duty.pk} | detail,
    )  # fmt: skip


def lock(duty: VisitDuty) -> VisitDuty:
    rows = VisitDuty.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    return rows.select_related("organisation", "person", "employer", "owner").get(pk=duty.pk)


def _page(duty: VisitDuty) -> str:
    return f"/desk/visits/duties/{duty.pk}/"


def _contact_of(
    organisation: Organisation, person: Person | None, employer: Employer | None
) -> Account | None:
    """The cadre who answers for the family or the firm already, if he is one of the union or above it today."""
    fit = [one.account_id for one in cadres.holders(cadres.with_above(organisation))]
    rows = ContactPoint.objects.everywhere(reason=WHY).current().select_related("account")
    rows = rows.filter(account__in=fit)
    rows = rows.filter(person=person) if person is not None else rows.filter(employer=employer)
    found = rows.order_by("-helps", "pk").first()
    return found.account if found else None


@transaction.atomic
def open_duty(
    actor: Actor,
    *,
    trouble: str,
    key: str,
    source: str,
    because: str,
    organisation: Organisation,
    person: Person | None = None,
    employer: Employer | None = None,
    opened_at: datetime | None = None,
    by_right: bool = False,
) -> VisitDuty | None:
    """A union has to visit; None when the event made a duty already, or the local scheme doesn't ask for one.

    `by_right`: the platform acts on an event it found, no permission is asked.
    """
    if not by_right:
        actor.require("outreach.visit", *organisation.paths)
    scheme = scheme_of(organisation).parameters
    if not asks_visit(scheme, trouble):
        return None
    if person is None and employer is None:
        raise Refused("请写明要走访的职工或单位。")
    began = opened_at or timezone.now()
    contact = _contact_of(organisation, person, employer)
    near = cadres.nearest(organisation)
    owner = contact or (near[0].account if near else None)
    who = Target(person=person).label if person is not None else Target(employer=employer).label
    duty, made = VisitDuty.objects.everywhere(reason=WHY).get_or_create(
        event_key=key[:60],
        defaults={
            "organisation": organisation,
            "trouble": Trouble(trouble),
            "source": source[:30],
            "because": words(because, "because", "请写明事由。", 300),
            "person": person,
            "employer": employer,
            "who": who[:80],
            "owner": owner,
            "opened_at": began,
            "due_at": duty_due(scheme, began),
            "made_by": actor.name[:80],
        },
    )
    if not made:
        return None
    _note(actor, duty, "opened", source=source, trouble=trouble)
    told = {one.account_id for one in near} | ({owner.pk} if owner else set())
    for account in told:
        notify(
            account, f"{duty.get_trouble_display()}：请走访{who}",
            f"{duty.because}　请在 {timezone.localtime(duty.due_at):%m-%d %H:%M} 前走访。", _page(duty),
            path=organisation.path,
        )  # fmt: skip
    return duty


def waiting_for(visit: Visit) -> list[VisitDuty]:
    """Open duties for whoever is on the way of a visit, locked, always in the same order."""
    stops = visit.stops.everywhere(reason=WHY)
    people = list(stops.filter(person__isnull=False).values_list("person_id", flat=True))
    firms = list(stops.filter(employer__isnull=False).values_list("employer_id", flat=True))
    rows = VisitDuty.objects.everywhere(reason=WHY).open().select_for_update(of=("self",))
    rows = rows.filter(Q(person__in=people) | Q(person=None, employer__in=firms))
    return list(rows.select_related("organisation").order_by("pk"))


def meet(actor: Actor, visit: Visit) -> int:
    """Open duties for whoever was visited are met, if the union stands in one line with theirs; answers how many."""
    met = 0
    for duty in waiting_for(visit):
        if not cadres.in_line(duty.organisation, visit.organisation):
            continue
        assert visit.done_at is not None
        if visit.done_at < duty.opened_at:
            continue  # an earlier visit answers no later event
        duty.visit, duty.done_at = visit, visit.done_at
        duty.save(update_fields=["visit", "done_at"])
        _note(actor, duty, "done", state=duty.state, visit=visit.pk)
        met += 1
    return met


@transaction.atomic
def assign(actor: Actor, *, duty: VisitDuty, account: Account) -> VisitDuty:
    """Somebody of the union or above it is to go; he is told."""
    fresh = lock(duty)
    actor.require("outreach.visit", *fresh.organisation.paths)
    if not fresh.is_open:
        raise Refused("这项任务已经了结。")
    if account.pk not in {one.account_id for one in cadres.holders(cadres.with_above(fresh.organisation))}:
        raise Refused("请选择责任工会或上级工会的干部。", field="account")
    fresh.owner = account
    fresh.save(update_fields=["owner"])
    _note(actor, fresh, "assigned", account=account.pk)
    notify(
        account.pk, f"{fresh.get_trouble_display()}：请走访{fresh.who}",
        f"请在 {timezone.localtime(fresh.due_at):%m-%d %H:%M} 前走访。", _page(fresh),
        path=fresh.organisation.path,
    )  # fmt: skip
    return fresh


def may_void(actor: Actor, duty: VisitDuty) -> bool:
    """Whether he supervises from above the union (at the top: its own), and isn't the one who has to go."""
    union = duty.organisation
    over = cadres.next_above(union) or [union.path]
    return actor.may(SUPERVISE, *over) and not hands(actor.access).touch(duty.owner_id)


@transaction.atomic
def void(actor: Actor, *, duty: VisitDuty, reason: str) -> VisitDuty:
    """It isn't needed: entered by mistake, the same matter twice. Superiors do it, not whoever has to go."""
    fresh = lock(duty)
    actor.require(SUPERVISE, *fresh.organisation.paths)
    if not fresh.is_open:
        raise Refused("这项任务已经了结。")
    if not may_void(actor, fresh):
        raise Refused("责任工会和责任人不能撤销自己的任务，请由上级工会撤销。")
    fresh.void_because, fresh.void_at = words(reason, "reason", "请写明撤销原因。", 200), timezone.now()
    fresh.save(update_fields=["void_because", "void_at"])
    _note(actor, fresh, "void", reason=fresh.void_because)
    return fresh


@transaction.atomic
def urge(actor: Actor, *, duty: VisitDuty, note: str) -> VisitDuty:
    """督办: the responsible have to explain; the note and the answer stand on the page."""
    fresh = lock(duty)
    actor.require(SUPERVISE, *fresh.organisation.paths)
    if fresh.void_at is not None or (fresh.done_at is not None and fresh.done_at <= fresh.due_at):
        raise Refused("按时完成或已撤销的任务不需要督办。")
    fresh.urge_note, fresh.urged_by = words(note, "note", "请写明督办意见。", 300), actor.name[:80]
    fresh.urged_at, fresh.explained_at, fresh.explanation = timezone.now(), None, ""
    fresh.save(update_fields=["urge_note", "urged_by", "urged_at", "explained_at", "explanation"])
    _note(actor, fresh, "urged", reason=fresh.urge_note)
    told = {one.account_id for one in cadres.nearest(fresh.organisation)}
    for account in told | ({fresh.owner_id} if fresh.owner_id else set()):
        notify(
            account, f"督办：{fresh.get_trouble_display()} {fresh.who}", fresh.urge_note, _page(fresh),
            path=fresh.organisation.path,
        )  # fmt: skip
    return fresh


@transaction.atomic
def explain(actor: Actor, *, duty: VisitDuty, explanation: str) -> VisitDuty:
    """The answer to a supervision note."""
    fresh = lock(duty)
    actor.require("outreach.visit", *fresh.organisation.paths)
    if fresh.urged_at is None or fresh.explained_at is not None:
        raise Refused("没有等待回复的督办。")
    fresh.explanation = words(explanation, "explanation", "请填写回复。")
    fresh.explained_at = timezone.now()
    fresh.save(update_fields=["explanation", "explained_at"])
    _note(actor, fresh, "explained", reason=fresh.explanation)
    return fresh


def escalate_late() -> int:
    """Superiors are told once of each duty that is over; answers how many."""
    now, actor, done = timezone.now(), system_actor(), 0
    rows = VisitDuty.objects.everywhere(reason="the clock looks at every duty")
    for pk in list(rows.late(now).filter(escalated_at=None).values_list("pk", flat=True)[:TOGETHER]):
        with transaction.atomic():
            duty = rows.select_for_update(of=("self",)).select_related("organisation").get(pk=pk)
            if not duty.is_open or duty.escalated_at is not None:
                continue
            duty.escalated_at = now
            duty.save(update_fields=["escalated_at"])
            _note(actor, duty, "escalated")
            _tell(cadres.superiors(duty.organisation), duty)
        done += 1
    return done


def _tell(grants: Iterable[object], duty: VisitDuty) -> None:
    for grant in grants:
        notify(
            grant.account_id,  # type: ignore[attr-defined]
            f"必访任务逾期：{duty.organisation.name}",
            f"{duty.get_trouble_display()} {duty.who}，应在 {timezone.localtime(duty.due_at):%m-%d %H:%M} 前走访。",
            _page(duty),
            path=duty.organisation.path,
        )
