"""Placing people at nodes and ending it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from ..models import Node, NodeStaff
from .events import enter

EDIT = "network.edit"


@transaction.atomic
def place(
    actor: Actor, *, node: Node, name: str, role: str, account: Account | None, since: date | None = None
) -> NodeStaff:
    """Somebody works at a node from a day on. A clerk's account stands at one window at a time."""
    actor.require(EDIT, *node.organisation.paths)
    if role == NodeStaff.Role.CLERK and account is None:
        raise Refused("窗口人员要有账号，才能受理业务。请填写账号。", "username")
    try:
        with transaction.atomic():
            found = NodeStaff.objects.create(
                node=node, name=name, role=role, account=account, since=since or timezone.localdate()
            )
    except IntegrityError:
        raise Refused("这个账号已在岗。窗口人员换站点要先在原站点离岗。", "username") from None
    enter(actor, "network.staff_placed", node, role=role, account=account.pk if account else None)
    return found


@transaction.atomic
def end(actor: Actor, *, staff: NodeStaff, until: date | None = None) -> None:
    """From the day on the person works there no more; that it was so stays."""
    actor.require(EDIT, *staff.node.organisation.paths)
    day = until or timezone.localdate()
    rows = NodeStaff.objects.everywhere(reason="staff of a node the actor keeps").filter(
        pk=staff.pk, until=None
    )
    if not rows.update(until=max(day, staff.since)):
        raise Refused("这个人已经离岗。")
    enter(actor, "network.staff_ended", staff.node, role=staff.role, account=staff.account_id)
