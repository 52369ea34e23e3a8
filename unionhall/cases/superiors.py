"""Whom to tell above: leaders and officers of rights work, at a union and at the unions over it."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.permissions import Line, Role
from unionhall.organisations.models import Organisation

_RIGHTS = (
    Q(role=Role.LEADER) | Q(role=Role.CHAIR) | Q(role=Role.OFFICER, line__in=[Line.GENERAL, Line.RIGHTS])
)


def accounts(organisation: Organisation, *, levels: int = 1, itself: bool = True) -> set[int]:
    """Accounts of the union (`itself`) and of the `levels` unions above it. One statement."""
    above = organisation.ancestor_paths()[::-1][:levels]
    paths = [organisation.path, *above] if itself else above
    rows = Grant.objects.everywhere(reason="whom the platform tells that something is late or grave")
    rows = rows.in_force(timezone.localdate()).filter(_RIGHTS, organisation__path__in=paths)
    return set(rows.values_list("account_id", flat=True))


def above(organisation: Organisation) -> Organisation | None:
    """The next union over it in the regional chain."""
    paths = organisation.ancestor_paths()
    if not paths:
        return None
    rows = Organisation.objects.everywhere(reason="the way up from a union is known to all below")
    return rows.filter(path=paths[-1]).first()
