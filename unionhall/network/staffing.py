"""Who works where."""

from unionhall.access.models import Account

from .models import Node, NodeStaff

#: Whose place at a window counts first.
_ORDER = {NodeStaff.Role.CLERK.value: 0, NodeStaff.Role.MANAGER.value: 1, NodeStaff.Role.GRID.value: 2}


def node_of(account: Account) -> Node | None:
    """The node where an account works now, with its union; a clerk's before a manager's, the latest of several."""
    rows = NodeStaff.objects.everywhere(reason="an account's own place of work")
    found = list(
        rows.filter(account=account, until=None)
        .select_related("node__organisation")
        .order_by("-since", "-pk")
    )
    return min(found, key=lambda one: _ORDER[one.role]).node if found else None
