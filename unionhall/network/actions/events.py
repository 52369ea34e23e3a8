"""What every verb on a node leaves behind: an event beside it and an entry in the journal."""

from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.records.actions import journal

from ..models import Node, NodeEvent


def note(actor: Actor, node: Node, verb: str, label: str, *, before: str = "", opinion: str = "") -> None:
    """An event of the node as it is now."""
    NodeEvent.objects.create(
        node=node, verb=verb, label=label, before=before, after=node.state, opinion=opinion,
        actor_id=actor.account_id, actor_name=actor.name, path=node.organisation.path, at=timezone.now(),
    )  # fmt: skip


def enter(actor: Actor, action: str, node: Node, *, reason: str = "", **detail: Any) -> None:
    journal(actor, action, subject=node, paths=node.organisation.paths, reason=reason, detail=detail)


def lock(pk: int) -> Node:
    """The node with its union, locked until the transaction ends."""
    rows = Node.objects.everywhere(reason="the caller asks who may").select_for_update(of=("self",))
    return rows.select_related("organisation__parent", "organisation__industry_parent").get(pk=pk)
