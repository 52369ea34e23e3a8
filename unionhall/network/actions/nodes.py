"""Entering and changing nodes, their hours and their exceptions."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation

from .. import following, parameters
from ..models import Node, NodeException, NodeHours
from ..rules.opening import Stretch
from .events import enter, lock, note

EDIT = "network.edit"
#: What the form and the file may say of a node.
FIELDS = (
    "name", "level", "kind", "mode", "functions", "build", "employer", "partners", "address", "division",
    "latitude", "longitude", "area", "telephone", "about", "open_on_holidays",
)  # fmt: skip


@transaction.atomic
def save_node(actor: Actor, *, organisation: Organisation, node: Node | None, given: dict[str, Any]) -> Node:
    """Enter a node (planned) or change one. Raises Refused for what contradicts itself or the standards in force."""
    actor.require(EDIT, *organisation.paths)
    if node is not None:
        node = lock(node.pk)
        actor.require(EDIT, *node.organisation.paths)
    found = node or Node(organisation=organisation)
    before = {name: getattr(found, name) for name in FIELDS} if node else {}
    found.organisation = organisation
    for name in FIELDS:
        if name in given:
            setattr(found, name, given[name])
    check(found)
    store(found)
    changed = sorted(name for name in FIELDS if node and before[name] != getattr(found, name))
    if node is None:
        note(actor, found, "entered", "登记")
    elif changed:
        note(actor, found, "changed", "修改资料")
    enter(actor, "network.node_saved", found, code=found.code, new=node is None, changed=changed)
    if node is not None:
        following.follow(found)
    return found


def check(node: Node) -> None:
    """What holds for every node, whoever enters it."""
    if (node.latitude is None) != (node.longitude is None):
        raise Refused("经度和纬度要一起填写；都不填则不按距离显示。", "latitude")
    asked = parameters.standards(timezone.localdate(), node.division)
    if node.mode == Node.Mode.HOME:
        if node.employer is None:
            raise Refused("会家合一建在企业里，请选择所在单位。", "employer")
        if node.employer.employees < asked.home_from_staff:
            raise Refused(
                f"会家合一适用于职工 {asked.home_from_staff} 人以上的单位，"
                f"这个单位登记职工 {node.employer.employees} 人。",
                "employer",
            )
    if node.mode == Node.Mode.FIVE:
        missing = [one for one in asked.five if one not in node.partners]
        if missing:
            raise Refused(f"五站合一要写明共建单位：还缺{'、'.join(missing)}。", "partners")


def store(node: Node) -> None:
    """Write it; a new one gets its number from its place and its row."""
    is_new = node.pk is None
    if is_new:
        node.code = f"-{timezone.now().timestamp():.6f}"[:24]
    try:
        with transaction.atomic():
            node.save()
            if is_new:
                node.code = f"ZD{node.division[:6]:0<6}{node.pk:05d}"
                node.save(update_fields=["code"])
    except IntegrityError:
        raise Refused("这个工会已有同名的站点。", "name") from None


@transaction.atomic
def set_hours(actor: Actor, *, node: Node, week: dict[int, Sequence[Stretch]]) -> int:
    """The whole week anew: weekday (0 Monday) → stretches. Refused: stretches that overlap or run backward."""
    actor.require(EDIT, *node.organisation.paths)
    node = lock(node.pk)
    rows = []
    for weekday, stretches in week.items():
        last: time | None = None
        for opens, closes in sorted(stretches):
            label = NodeHours.Weekday(weekday).label
            if closes <= opens:
                raise Refused(f"{label}：关门时间要晚于开门时间。", f"day_{weekday}")
            if last is not None and opens < last:
                raise Refused(f"{label}：两段时间重叠了。", f"day_{weekday}")
            last = closes
            rows.append(NodeHours(node=node, weekday=weekday, opens=opens, closes=closes))
    NodeHours.objects.everywhere(reason="hours of a node the actor keeps").filter(node=node).delete()
    NodeHours.objects.bulk_create(rows)
    note(actor, node, "hours", "设置开放时间")
    enter(actor, "network.hours_set", node, stretches=len(rows))
    following.follow(node)
    return len(rows)


@transaction.atomic
def set_exception(
    actor: Actor, *, node: Node, on: date, opens: time | None, closes: time | None, reason: str
) -> NodeException:
    """A day unlike its weekday; entered again it is replaced. Without times the node is shut all day."""
    actor.require(EDIT, *node.organisation.paths)
    if (opens is None) != (closes is None):
        raise Refused("开门和关门时间要一起填写；都不填表示全天不开放。", "opens")
    if opens is not None and closes is not None and closes <= opens:
        raise Refused("关门时间要晚于开门时间。", "closes")
    if on < timezone.localdate():
        raise Refused("这一天已经过去。", "on")
    found, _ = NodeException.objects.everywhere(
        reason="exceptions of a node the actor keeps"
    ).update_or_create(node=node, on=on, defaults={"opens": opens, "closes": closes, "reason": reason})
    enter(actor, "network.exception_set", node, on=on.isoformat(), shut=opens is None)
    return found


@transaction.atomic
def remove_exception(actor: Actor, *, exception: NodeException) -> None:
    actor.require(EDIT, *exception.node.organisation.paths)
    enter(actor, "network.exception_removed", exception.node, on=exception.on.isoformat())
    rows = NodeException.objects.everywhere(reason="exceptions of a node the actor keeps")
    rows.filter(pk=exception.pk).delete()
