"""Daily items: reported in a cell or by a node, answered where they stand, or passed up or down with a clock."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify

from .. import parameters
from ..models import GridCell, GridItem, GridStep, GridWorker, Node

HANDLE = "network.grid_handle"
_WHY = "an item the actor may handle; who may is asked here"
_TITLES = {
    GridStep.Verb.RAISED: "网格事项上报",
    GridStep.Verb.LOWERED: "网格事项交办",
    GridStep.Verb.REPLIED: "网格事项有回复",
    GridStep.Verb.CLOSED: "您提出的网格事项已办结",
}
#: Whose message it is when an item comes to a union.
_TOLD = ("officer", "chair", "grassroots_officer")


@transaction.atomic
def report(
    actor: Actor, *, kind: str, found: str, cell: GridCell | None = None, node: Node | None = None,
    employer: Employer | None = None,
) -> GridItem:  # fmt: skip
    """Report something: the cell's own worker may, and whoever handles items there. The clock of its kind starts."""
    place = cell or node
    if place is None:
        raise Refused("请选择网格或站点。", "cell")
    union = place.organisation
    if not _is_worker_of(actor, cell):
        actor.require(HANDLE, *union.paths)
    if employer is not None and cell is not None and not _in_cell(cell, employer):
        raise Refused("这个单位不在所选网格里。", "employer")
    asked = parameters.standards(timezone.localdate(), union.division).item_kind(kind)
    if asked is None:
        raise Refused("没有这种事项类别，请重新选择。", "kind")
    item = GridItem.objects.create(
        number=_number(), cell=cell, node=node, employer=employer, kind=kind,
        # What is written about people must not carry their numbers.
        found=hide_numbers(found.strip()), origin=union, organisation=union, due_on=_due(asked.days),
        reported_by_id=actor.account_id, reported_by=actor.name, reported_at=timezone.now(),
    )  # fmt: skip
    _step(actor, item, GridStep.Verb.REPORTED, "")
    return item


@transaction.atomic
def take(actor: Actor, *, item: GridItem) -> GridItem:
    """Say that it is being seen to; its date stays."""
    item = _mine(actor, item)
    if item.state != GridItem.State.OPEN:
        raise Refused("这件事项已经有人受理。")
    item.state = GridItem.State.TAKEN
    item.save(update_fields=["state"])
    _step(actor, item, GridStep.Verb.TAKEN, "")
    return item


@transaction.atomic
def raise_up(actor: Actor, *, item: GridItem, opinion: str, industry: bool = False) -> GridItem:
    """To the next union above, in the regional chain or the industry's; a new clock starts there."""
    item = _mine(actor, item)
    union = item.organisation
    above = union.industry_parent if industry else union.parent
    if above is None:
        raise Refused("上面没有这条链上的工会了，请直接处理。")
    item.raised += 1
    return _pass(actor, item, above, GridStep.Verb.RAISED, opinion)


@transaction.atomic
def lower(actor: Actor, *, item: GridItem, to: Organisation, opinion: str) -> GridItem:
    """To a union below, which answers with a reply."""
    item = _mine(actor, item)
    own = item.organisation.paths
    if to.pk == item.organisation_id or not any(path.startswith(tuple(own)) for path in to.paths):
        raise Refused("只能交给下级工会。", "to")
    return _pass(actor, item, to, GridStep.Verb.LOWERED, opinion)


@transaction.atomic
def reply(actor: Actor, *, item: GridItem, opinion: str) -> GridItem:
    """Back to whoever passed it here last, with an answer."""
    item = _mine(actor, item)
    sender = sender_of(item)
    if sender is None:
        raise Refused("这件事项不是别的工会转来的，请直接办结。")
    return _pass(actor, item, sender, GridStep.Verb.REPLIED, opinion)


@transaction.atomic
def hand(actor: Actor, *, item: GridItem, to: str) -> GridItem:
    """Note that it became a matter of another kind (a case, a visit): `to` says which. The item stays open."""
    item = _mine(actor, item)
    _step(actor, item, GridStep.Verb.HANDED, hide_numbers(to.strip()))
    return item


@transaction.atomic
def close(actor: Actor, *, item: GridItem, outcome: str) -> GridItem:
    """Done: what came of it is said to whoever reported it."""
    item = _mine(actor, item)
    if not outcome.strip():
        raise Refused("请写明处理结果。", "opinion")
    item.outcome, item.state = hide_numbers(outcome.strip()), GridItem.State.CLOSED
    item.closed_at = timezone.now()
    item.save(update_fields=["outcome", "state", "closed_at"])
    _step(actor, item, GridStep.Verb.CLOSED, item.outcome)
    if item.reported_by_id != actor.account_id:
        _tell(item.reported_by_id, item, GridStep.Verb.CLOSED)
    return item


@transaction.atomic
def withdraw(actor: Actor, *, item: GridItem, opinion: str) -> GridItem:
    """Whoever reported it takes it back while nobody has seen to it."""
    item = _locked(item)
    if actor.account_id is None or item.reported_by_id != actor.account_id:
        raise NotAllowed(HANDLE)
    if not is_untouched(item):
        raise Refused("这件事项已经在处理，不能撤回。")
    item.state, item.closed_at = GridItem.State.WITHDRAWN, timezone.now()
    item.save(update_fields=["state", "closed_at"])
    _step(actor, item, GridStep.Verb.WITHDRAWN, opinion)
    return item


def is_untouched(item: GridItem) -> bool:
    """Nothing was done with it since it was reported."""
    return not item.steps.exclude(verb=GridStep.Verb.REPORTED)[:1]


def sender_of(item: GridItem) -> Organisation | None:
    """The union that passed the item to where it is now, not yet answered; None where it began or came back."""
    waiting: list[Organisation] = []
    at = item.origin
    for step in item.steps.select_related("organisation").order_by("pk"):
        if step.verb in (GridStep.Verb.RAISED, GridStep.Verb.LOWERED):
            waiting.append(at)
        elif step.verb == GridStep.Verb.REPLIED and waiting:
            waiting.pop()
        at = step.organisation
    return waiting[-1] if waiting else None


def _pass(actor: Actor, item: GridItem, to: Organisation, verb: str, opinion: str) -> GridItem:
    if not opinion.strip():
        raise Refused("请写明情况和要求。", "opinion")
    asked = parameters.standards(timezone.localdate(), to.division).item_kind(item.kind)
    item.organisation, item.state = to, GridItem.State.OPEN
    item.due_on = _due(asked.days if asked else 5)
    item.save(update_fields=["organisation", "state", "due_on", "raised"])
    _step(actor, item, verb, hide_numbers(opinion.strip()))
    for account in _handlers(to):
        _tell(account, item, verb)
    return item


def _handlers(union: Organisation) -> list[int]:
    """Accounts that handle items of exactly this union."""
    rows = Grant.objects.everywhere(reason="who is told that an item came to the union")
    rows = rows.in_force(timezone.localdate()).filter(organisation=union, role__in=_TOLD)
    return sorted(set(rows.values_list("account", flat=True)))


def _tell(account: int | None, item: GridItem, verb: str) -> None:
    # A grid worker's account may have no desk: the phone shows him his own items.
    desk = account is not None and _has_grant(account)
    url = reverse("desk_grid_item" if desk else "m_grid_item", args=[item.pk])
    notify(account, f"{_TITLES[GridStep.Verb(verb)]}：{item.number}", item.found[:100], url, item.origin.path)


def _has_grant(account: int) -> bool:
    rows = Grant.objects.everywhere(reason="whether the one who is told has a desk")
    return bool(rows.in_force(timezone.localdate()).filter(account=account, role__in=_TOLD)[:1])


def _locked(item: GridItem) -> GridItem:
    rows = GridItem.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found: GridItem = rows.select_related(
        "origin", "organisation__parent", "organisation__industry_parent"
    ).get(pk=item.pk)
    if found.closed_at is not None:
        raise Refused("这件事项已经办结。")
    return found


def _mine(actor: Actor, item: GridItem) -> GridItem:
    """The open item, locked, once the actor may handle it where it is now."""
    found = _locked(item)
    actor.require(HANDLE, *found.organisation.paths)
    return found


def may_handle(actor: Actor, item: GridItem) -> bool:
    return item.closed_at is None and actor.may(HANDLE, *item.organisation.paths)


def _is_worker_of(actor: Actor, cell: GridCell | None) -> bool:
    if cell is None or actor.account_id is None:
        return False
    rows = GridWorker.objects.everywhere(reason="whether the actor looks after the cell himself")
    return bool(rows.filter(cell=cell, account=actor.account_id, until=None)[:1])


def _in_cell(cell: GridCell, employer: Employer) -> bool:
    return bool(cell.units.filter(employer=employer, until=None)[:1])


def _due(days: int) -> date:
    return Holiday.objects.calendar().add_working_days(timezone.localdate(), days)


def _number() -> str:
    """WG and the day and the row's place in the sequence of items: numbers never meet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [GridItem._meta.db_table])
        return f"WG{timezone.localdate():%Y%m%d}{cursor.fetchone()[0]:06d}"


def _step(actor: Actor, item: GridItem, verb: str, opinion: str) -> GridStep:
    step = GridStep.objects.create(
        item=item, verb=verb, organisation=item.organisation, opinion=opinion, due_on=item.due_on,
        actor_id=actor.account_id, actor_name=actor.name, at=timezone.now(),
    )  # fmt: skip
    detail: dict[str, Any] = {"kind": item.kind, "at": item.organisation.code, "raised": item.raised}
    journal(actor, f"network.item_{verb}", subject=item, paths=item.origin.paths, detail=detail)
    return step


def offered(union: Organisation) -> Q:
    """Unions to which an item may be passed down: active ones below, in either chain."""
    below = Q(path__startswith=union.path)
    if union.second_path:
        below |= Q(second_path__startswith=union.second_path)
    return below & ~Q(pk=union.pk)
