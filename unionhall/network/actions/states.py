"""A node on its way from plan to demonstration: who moves it, what it needs, and the acceptance by a superior."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from .. import following, parameters
from ..models import Node, NodeAcceptance, NodeEvent
from ..rules import states as rules
from ..rules.standards import Judged, judge
from ..rules.states import Move
from .events import enter, lock, note

EDIT, ACCEPT = "network.edit", "network.accept"


def superior_paths(node: Node) -> tuple[str, ...]:
    """Where a superior of the node's union stands, in both chains; the topmost union's node is looked at by itself."""
    union = node.organisation
    above = [one for one in (union.parent, union.industry_parent) if one is not None]
    return tuple(path for one in above for path in one.paths) or union.paths


def may_move(actor: Actor, node: Node, move: Move) -> bool:
    """A superior's moves need the permission over the union above; the others over the node's own."""
    if move.by_superior:
        return actor.may(ACCEPT, *superior_paths(node))
    return actor.may(EDIT, *node.organisation.paths)


@transaction.atomic
def move(actor: Actor, *, node: Node, code: str, opinion: str = "", on: date | None = None) -> Node:
    """Make one of `rules.MOVES`. Refused: not from this state, no reason given, or what it needs is missing."""
    found, step = lock(node.pk), rules.move_of(code)
    if step is None or step.code == "accept" or found.state not in step.before:
        raise Refused("站点现在的状态不能这样变动，请刷新页面查看。")
    _require(actor, found, step)
    if step.needs_opinion and not opinion.strip():
        raise Refused("请写明理由。", "opinion")
    missing = rules.lacking(
        state=found.state, functions=len(found.functions), has_hours=found.hours.exists(),
        has_address=bool(found.address), telephone=found.telephone,
    )  # fmt: skip
    if step.code == "open" and missing:
        raise Refused(f"投入运行前还缺：{'、'.join(missing)}。请先补齐。")
    return _put(actor, found, step, step.to or _before_suspension(found), opinion.strip(), on)


@transaction.atomic
def accept(
    actor: Actor, *, node: Node, seen: Collection[str], passed: bool, opinion: str, on: date | None = None
) -> NodeAcceptance:
    """A superior's acceptance against the checklist in force; it passes only with every point met."""
    found, step = lock(node.pk), rules.move_of("accept")
    if step is None or found.state not in step.before:
        raise Refused("站点不在建设中，不能验收。")
    _require(actor, found, step)
    judged, version = checklist(found, seen)
    unmet = [one.check.label for one in judged if not one.met]
    if passed and unmet:
        raise Refused(f"还有不符合的项目，不能通过：{'；'.join(unmet)}。", "passed")
    if not passed and not opinion.strip():
        raise Refused("不通过要写明问题和整改要求。", "opinion")
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("验收日期不能在今天以后。", "on")
    record = NodeAcceptance.objects.create(
        node=found, organisation=found.organisation.parent or found.organisation, on=day, passed=passed,
        items=[
            {"code": one.check.code, "label": one.check.label, "met": one.met, "found": one.found}
            for one in judged
        ],
        scheme=version, opinion=opinion.strip(), actor_id=actor.account_id, actor_name=actor.name,
    )  # fmt: skip
    if passed:
        _put(actor, found, step, step.to, opinion.strip(), day)
    else:
        note(actor, found, "refused", "验收不通过", before=found.state, opinion=opinion.strip())
    enter(actor, "network.node_accepted", found, passed=passed, unmet=len(unmet), scheme=version)
    return record


def checklist(node: Node, seen: Collection[str] = ()) -> tuple[list[Judged], str]:
    """The points in force for a node with their answers, and the version that asks for them."""
    asked = parameters.standards(timezone.localdate(), node.division)
    judged = judge(asked.checks_of(node.kind), area=node.area, functions=node.functions, seen=seen)
    return judged, asked.version


def _require(actor: Actor, node: Node, step: Move) -> None:
    if step.by_superior:
        actor.require(ACCEPT, *superior_paths(node))
    else:
        actor.require(EDIT, *node.organisation.paths)


def _before_suspension(node: Node) -> str:
    rows = NodeEvent.objects.everywhere(reason="the node's own history").filter(node=node, verb="suspend")
    last = rows.order_by("-pk").values_list("before", flat=True).first()
    return last or Node.State.OPERATING


def _put(actor: Actor, node: Node, step: Move, to: str, opinion: str, on: date | None) -> Node:
    before, day = node.state, on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("日期不能在今天以后。", "on")
    if step.code == "unname" and node.upgraded_on:
        to = Node.State.UPGRADED
    node.state, node.state_since = to, day
    if step.code == "open":
        node.opened_on = node.opened_on or day
    elif step.code == "upgrade":
        node.upgraded_on = day
    elif step.code == "name":
        node.demonstration_on = day
    elif step.code == "unname":
        node.demonstration_on = None
    node.save()
    note(actor, node, step.code, step.label, before=before, opinion=opinion)
    if step.code != "accept":
        enter(actor, "network.node_moved", node, reason=opinion, move=step.code, before=before, after=to)
    following.follow(node)
    return node
