"""Where a clerk sits: the counter he has taken, else the node where he works, else the union of his grant."""

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.permissions import Line, Role, carries
from unionhall.network.staffing import node_of
from unionhall.organisations.models import Organisation

from .models import Counter, Hall

SERVE = "window.serve"


def counter_of(actor: Actor) -> Counter | None:
    """The counter at which the account sits now, with its hall and the hall's union. One statement."""
    rows = Counter.objects.everywhere(reason="an account's own counter")
    return rows.filter(account=actor.account_id).select_related("hall__organisation").first()


def organisation_of(actor: Actor, counter: Counter | None = None) -> Organisation:
    """The union in whose name the clerk serves. Raises NotAllowed for who serves at no window."""
    if counter is not None:
        return counter.hall.organisation
    account = Account.objects.filter(pk=actor.account_id or 0).first()
    node = node_of(account) if account is not None else None
    if node is not None and actor.may(SERVE, *node.organisation.paths):
        return node.organisation
    for grant in getattr(actor.access, "grants", ()):
        if carries(SERVE, Role(grant.role), Line(grant.line)):
            found: Organisation = grant.organisation
            return found
    raise NotAllowed(SERVE)


def halls_of(actor: Actor) -> list[Hall]:
    """Halls in which the account may serve, its own node's first."""
    rows = Hall.objects.visible_to(actor.access, to=SERVE).open().select_related("organisation", "node")
    return list(rows.order_by("organisation__path", "name")[:60])
