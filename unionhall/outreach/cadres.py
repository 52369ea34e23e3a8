"""Whom a visit, a problem or a duty may be given to, and which union answers for a firm or a family."""

from collections.abc import Iterable

from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.permissions import Line, Role, carries
from unionhall.members.models import Membership
from unionhall.organisations.local import union_of_place
from unionhall.organisations.models import Coverage, Employer, Organisation
from unionhall.organisations.paths import above

WHY = "who may take part or answer is not a question of the actor's scope"
VISIT = "outreach.visit"


def with_above(organisation: Organisation) -> list[str]:
    """Its path and those of the unions above it, nearest first."""
    return [organisation.path, *reversed(organisation.ancestor_paths())]


def next_above(organisation: Organisation) -> list[str]:
    """Paths of the unions next above it, one in each chain in which it stands; none for the highest."""
    return [found[-1] for path in organisation.paths if (found := above(path))]


def holders(paths: Iterable[str], permission: str = VISIT) -> list[Grant]:
    """Grants in force at these unions that carry the permission, each account once, the deepest union first."""
    rows = Grant.objects.everywhere(reason=WHY).in_force(timezone.localdate())
    rows = rows.filter(organisation__path__in=list(paths)).select_related("account", "organisation")
    found: dict[int, Grant] = {}
    for grant in sorted(rows, key=lambda one: (-len(one.organisation.path), one.pk)):
        if carries(permission, Role(grant.role), Line(grant.line)):
            found.setdefault(grant.account_id, grant)
    return list(found.values())


def nearest(organisation: Organisation, permission: str = VISIT) -> list[Grant]:
    """Holders at the union itself or, where there are none, at the nearest union above that has any."""
    found = holders(with_above(organisation), permission)
    deepest = max((len(one.organisation.path) for one in found), default=0)
    return [one for one in found if len(one.organisation.path) == deepest]


def superiors(organisation: Organisation) -> list[Grant]:
    """Those who supervise the union: at the nearest union above it that has any."""
    found = holders(reversed(organisation.ancestor_paths()), "outreach.supervise")
    deepest = max((len(one.organisation.path) for one in found), default=0)
    return [one for one in found if len(one.organisation.path) == deepest]


def colleagues(organisation: Organisation) -> list[Grant]:
    """Cadres of the union itself: they may go on its visits."""
    return holders([organisation.path])


def union_of_employer(employer_id: int) -> Organisation | None:
    """The union that covers a firm today."""
    rows = Coverage.objects.everywhere(reason="which union covers a firm is public")
    row = rows.filter(employer=employer_id, period__contains=timezone.localdate())
    found = row.select_related("organisation").first()
    return found.organisation if found else None


def answering_for(employer: Employer) -> Organisation:
    """The union that covers a firm today; where none does, the nearest local union of its division."""
    return union_of_employer(employer.pk) or union_of_place(employer.division)


def union_of_person(person_id: int) -> Organisation | None:
    """The union of a member today."""
    rows = Membership.objects.everywhere(reason="the union that answers for a member").current()
    found = rows.filter(person=person_id).select_related("organisation").first()
    return found.organisation if found else None
