"""Verbs on a problem that a visit found: register, answer, assign, hand on, urge, rate, report upward, reckon anew."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.members.hands import hands
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify

from .. import cadres
from ..models import ItemEvent, Visit, VisitItem, VisitStop
from ..rules.visiting import item_due
from .holding import WHY, scheme_of, words

VISIT, SUPERVISE = "outreach.visit", "outreach.supervise"
TOGETHER = 200


def lock(item: VisitItem) -> VisitItem:
    rows = VisitItem.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    rows = rows.select_related(
        "organisation", "owner", "person__account", "stop__person",
        "visit__organisation", "visit__made_by",
    )  # fmt: skip
    return rows.get(pk=item.pk)


def hold(actor: Actor, item: VisitItem, permission: str = VISIT) -> VisitItem:
    fresh = lock(item)
    actor.require(permission, *fresh.organisation.paths)
    return fresh


def record(
    actor: Actor, item: VisitItem, verb: str, what: str, text: str = "", *, tone: str = "",
    shown: bool = False, **detail: object,
) -> None:  # fmt: skip
    ItemEvent.objects.create(
        item=item, what=what, note=text, tone=tone, shown=shown, actor_id=actor.account_id,
        actor_name=actor.name[:80],
    )  # fmt: skip
    journal(
        actor, f"outreach.item_{verb}", subject=item, label=item.number, paths=item.organisation.paths,
        reason=text, detail={"item": item.pk} | detail,
    )  # fmt: skip


def page_of(item: VisitItem) -> str:
    return f"/desk/visits/items/{item.pk}/"


def unions_for(visit: Visit, stop: VisitStop | None) -> list[Organisation]:
    """Who may have to answer: the union that visits and those above it, the union of whoever was visited and above."""
    start = [visit.organisation]
    if stop is not None:
        found = stop.union
        if stop.employer_id:
            found = cadres.union_of_employer(stop.employer_id)
        elif stop.person_id:
            found = cadres.union_of_person(stop.person_id)
        if found is not None:
            start.insert(0, found)
    return start


def owners_for(visit: Visit, stop: VisitStop | None) -> list[tuple[Account, Organisation]]:
    """Accounts that may be made responsible, with the union in which they are; nearest first."""
    found: dict[int, tuple[Account, Organisation]] = {}
    for union in unions_for(visit, stop):
        for grant in cadres.holders(cadres.with_above(union)):
            found.setdefault(grant.account_id, (grant.account, grant.organisation))
    return list(found.values())


@transaction.atomic
def open_item(
    actor: Actor,
    *,
    visit: Visit,
    category: str,
    title: str,
    owner: Account,
    stop: VisitStop | None = None,
    detail: str = "",
) -> VisitItem:
    """A problem with an owner and a deadline by its category. The owner is told.

    Raises Refused for a visit that wasn't made, a category the scheme doesn't know, an owner who can't be one.
    """
    actor.require(VISIT, *visit.organisation.paths)
    if visit.state not in Visit.MADE:
        raise Refused("走访完成以后才能登记问题。")
    if stop is not None and stop.visit_id != visit.pk:
        raise Refused("这个走访对象不在这次走访里。", field="stop")
    kind = scheme_of(visit.organisation).parameters.category(category)
    if kind is None:
        raise Refused("请选择问题类别。", field="category")
    place = next((union for one, union in owners_for(visit, stop) if one.pk == owner.pk), None)
    if place is None:
        raise Refused("请选择走访工会、被访单位工会或它们上级的干部。", field="owner")
    today = timezone.localdate()
    item = VisitItem.objects.create(
        visit=visit,
        stop=stop,
        person=stop.person if stop else None,
        organisation=place,
        owner=owner,
        category=kind.code,
        category_label=kind.label,
        title=words(title, "title", "请填写问题。", 80),
        detail=hide_numbers(detail.strip())[:1000],
        opened_on=today,
        working_days=kind.working_days,
        due_on=item_due(today, kind.working_days, working_calendar()),
        made_by=actor.name[:80],
    )
    due = f"办理期限 {item.due_on:%Y-%m-%d}（{kind.working_days} 个工作日）"
    record(actor, item, "opened", "登记问题", due, shown=True, category=kind.code)
    _tell_owner(actor, item, f"走访问题由您办理：{item.title}", due)
    return item


def _tell_owner(actor: Actor, item: VisitItem, title: str, body: str) -> None:
    if item.owner_id != actor.account_id:
        notify(item.owner_id, title, body, page_of(item), path=item.organisation.path)


def _tell_person(item: VisitItem, title: str, body: str) -> None:
    if item.person is not None:
        notify(
            item.person.account_id, title, body, f"/m/visits/items/{item.pk}/", path=item.organisation.path
        )


@transaction.atomic
def settle(actor: Actor, *, item: VisitItem, reply: str) -> VisitItem:
    """The answer, read by whoever raised it; nobody answers a problem of his own."""
    fresh = hold(actor, item)
    if not fresh.is_open:
        raise Refused("这个问题已经答复。")
    mine = hands(actor.access)
    if fresh.person is not None and mine.touch(person=fresh.person_id):
        raise Refused("这是您本人反映的问题，请由其他人答复。")
    if fresh.person is not None and fresh.person.account_id in mine.family:
        raise Refused("这是您家庭成员反映的问题，请由其他人答复。")
    today = timezone.localdate()
    fresh.reply = words(reply, "reply", "请填写答复。", 1000)
    fresh.state, fresh.settled_on = VisitItem.State.SETTLED, today
    fresh.on_time = today <= fresh.due_on
    fresh.save(update_fields=["reply", "state", "settled_on", "on_time"])
    late = "" if fresh.on_time else "（逾期答复）"
    record(
        actor,
        fresh,
        "settled",
        f"答复{late}",
        fresh.reply,
        tone="ok" if fresh.on_time else "warn",
        shown=True,
    )
    _tell_person(fresh, "您反映的问题有答复了", f"{fresh.title}。请看看是否解决，并作出评价。")
    return fresh


@transaction.atomic
def assign(actor: Actor, *, item: VisitItem, owner: Account, reason: str) -> VisitItem:
    """Another owner; the deadline stays."""
    fresh = hold(actor, item)
    if not fresh.is_open:
        raise Refused("这个问题已经答复。")
    found = {
        grant.account_id: grant for grant in reversed(cadres.holders(cadres.with_above(fresh.organisation)))
    }
    visit = Visit.objects.everywhere(reason=WHY).select_related("organisation").get(pk=fresh.visit_id)
    places = {one.pk: union for one, union in owners_for(visit, fresh.stop)} | {
        pk: grant.organisation for pk, grant in found.items()
    }
    if owner.pk not in places:
        raise Refused("请选择办理工会或上级工会的干部。", field="owner")
    text = words(reason, "reason", "请写明改派原因。", 200)
    fresh.owner, fresh.organisation = owner, places[owner.pk]
    fresh.save(update_fields=["owner", "organisation"])
    record(actor, fresh, "assigned", f"改派给{owner.display_name}", text, account=owner.pk)
    _tell_owner(
        actor, fresh, f"走访问题由您办理：{fresh.title}", f"办理期限 {fresh.due_on:%Y-%m-%d}，期限不变。"
    )
    return fresh


@transaction.atomic
def hand_on(actor: Actor, *, item: VisitItem, to: str) -> VisitItem:
    """The problem became a matter elsewhere (its number); the owner still answers here, in the same time."""
    fresh = hold(actor, item)
    if not fresh.is_open:
        raise Refused("这个问题已经答复。")
    fresh.handed_to = words(to, "to", "请填写转办的事项和编号。", 120)
    fresh.save(update_fields=["handed_to"])
    record(actor, fresh, "handed", "转办", fresh.handed_to, shown=True)
    return fresh


@transaction.atomic
def urge(actor: Actor, *, item: VisitItem, note: str) -> VisitItem:
    """督办: a superior's note to the owner, in the trail."""
    fresh = hold(actor, item, SUPERVISE)
    if not fresh.is_open:
        raise Refused("这个问题已经答复，不需要督办。")
    text = words(note, "note", "请写明督办意见。", 300)
    record(actor, fresh, "urged", "督办", text, tone="warn")
    notify(fresh.owner_id, f"督办：{fresh.title}", text, page_of(fresh), path=fresh.organisation.path)
    return fresh


def escalate_late() -> int:
    """Superiors are told once of what is late by more working days than the scheme allows; answers how many."""
    today, calendar, actor, done = timezone.localdate(), working_calendar(), system_actor(), 0
    rows = VisitItem.objects.everywhere(reason="the clock looks at every problem")
    waiting = rows.late(today).filter(escalated_at=None).order_by("due_on")
    for pk in list(waiting.values_list("pk", flat=True)[:TOGETHER]):
        with transaction.atomic():
            item = lock(rows.get(pk=pk))
            allowed = scheme_of(item.organisation).parameters.escalate_after
            late_by = calendar.working_days_between(item.due_on, today)
            if not item.is_open or item.escalated_at is not None or late_by < allowed:
                continue
            item.escalated_at = timezone.now()
            item.save(update_fields=["escalated_at"])
            record(actor, item, "escalated", "逾期，已报上级", f"逾期 {late_by} 个工作日", tone="bad")
            for grant in cadres.superiors(item.organisation):
                notify(
                    grant.account_id, f"走访问题逾期：{item.organisation.name}",
                    f"{item.title}，逾期 {late_by} 个工作日。", page_of(item), path=item.organisation.path,
                )  # fmt: skip
        done += 1
    return done


_RECOMPUTE = """
UPDATE outreach_visititem AS item SET due_on = found.due_on
FROM unnest(%(starts)s::date[], %(lengths)s::int[], %(dues)s::date[]) AS found (opened_on, working_days, due_on)
WHERE item.state IN ('open', 'reopened') AND item.opened_on = found.opened_on
  AND item.working_days = found.working_days AND item.due_on <> found.due_on
"""


@transaction.atomic
def recompute(actor: Actor) -> int:
    """After the holiday table changed: the deadlines of what is open, in one statement; answers how many moved."""
    calendar = working_calendar()
    rows = VisitItem.objects.everywhere(reason="a calendar holds for everybody").open()
    pairs = sorted(set(rows.order_by().values_list("opened_on", "working_days").distinct()))
    given: dict[str, Any] = {
        "starts": [start for start, _ in pairs],
        "lengths": [length for _, length in pairs],
        "dues": [item_due(start, length, calendar) for start, length in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECOMPUTE, given)
        moved: int = cursor.rowcount
    if moved:
        journal(actor, "outreach.items_recomputed", detail={"count": moved})
    return moved
