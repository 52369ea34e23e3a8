"""Whom a visit, a problem or a duty may be given to, and which union answers for a firm or a family."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.permissions import Line, Role, carries
from unionhall.members.models import Membership
from unionhall.organisations.local import union_of_place
from unionhall.organisations.models import Coverage, Employer, Organisation
from unionhall.organisations.paths import above

WHY = "who may take part or answer is not a question of the actor's scope"
VISIT = "outreach.visit"


def _lines(organisation: Organisation) -> list[list[str]]:
    """For each chain in which it stands: its path, then those of the unions above it, nearest first."""
    return [[path, *reversed(above(path))] for path in organisation.paths]


def with_above(organisation: Organisation) -> list[str]:
    """Its paths and those of the unions above it in both chains."""
    return [path for line in _lines(organisation) for path in line]


def in_line(one: Organisation, other: Organisation) -> bool:
    """Whether they are the same union, or one stands above the other in either chain."""
    return any(
        mine.startswith(theirs) or theirs.startswith(mine) for mine in one.paths for theirs in other.paths
    )


def next_above(organisation: Organisation) -> list[str]:
    """Paths of the unions next above it, one in each chain in which it stands; none for the highest."""
    return [found[-1] for path in organisation.paths if (found := above(path))]


def _grants(paths: Iterable[str], permission: str) -> list[Grant]:
    """Grants in force at the unions of these paths that carry the permission, the deepest union first."""
    wanted = list(paths)
    rows = Grant.objects.everywhere(reason=WHY).in_force(timezone.localdate())
    rows = rows.filter(Q(organisation__path__in=wanted) | Q(organisation__second_path__in=wanted))
    found = sorted(
        rows.select_related("account", "organisation"), key=lambda one: (-len(one.organisation.path), one.pk)
    )
    return [one for one in found if carries(permission, Role(one.role), Line(one.line))]


def _once(grants: Iterable[Grant]) -> list[Grant]:
    """Each account with its first grant only."""
    found: dict[int, Grant] = {}
    for grant in grants:
        found.setdefault(grant.account_id, grant)
    return list(found.values())


def holders(paths: Iterable[str], permission: str = VISIT) -> list[Grant]:
    """Grants in force at these unions that carry the permission, each account once, the deepest union first."""
    return _once(_grants(paths, permission))


def _nearest(lines: Iterable[list[str]], permission: str) -> list[Grant]:
    """Of each line the holders at the first union that has any."""
    lines = list(lines)
    grants = _grants((path for line in lines for path in line), permission)
    there = [[[one for one in grants if path in one.organisation.paths] for path in line] for line in lines]
    return _once(one for line in there for one in next(filter(None, line), []))


def nearest(organisation: Organisation, permission: str = VISIT) -> list[Grant]:
    """Holders at the union itself or, where there are none, at the nearest union above, in each chain, that has any."""
    return _nearest(_lines(organisation), permission)


def superiors(organisation: Organisation) -> list[Grant]:
    """Those who supervise the union: in each chain at the nearest union above it that has any."""
    return _nearest((line[1:] for line in _lines(organisation)), "outreach.supervise")


def colleagues(organisation: Organisation) -> list[Grant]:
    """Cadres of the union itself: they may go on its visits."""
    return holders([organisation.path])


def unions_of_employers(keys: Iterable[int]) -> dict[int, Organisation]:
    """By firm the union that covers it today, where one does."""
    rows = Coverage.objects.everywhere(reason="which union covers a firm is public")
    rows = rows.filter(employer__in=list(keys), period__contains=timezone.localdate())
    return {one.employer_id: one.organisation for one in rows.select_related("organisation")}


def union_of_employer(employer_id: int) -> Organisation | None:
    """The union that covers a firm today."""
    return unions_of_employers([employer_id]).get(employer_id)


def answering_for(employer: Employer) -> Organisation:
    """The union that covers a firm today; where none does, the nearest local union of its division."""
    return union_of_employer(employer.pk) or union_of_place(employer.division)


def union_of_person(person_id: int) -> Organisation | None:
    """The union of a member today."""
    rows = Membership.objects.everywhere(reason="the union that answers for a member").current()
    found = rows.filter(person=person_id).select_related("organisation").first()
    return found.organisation if found else None
