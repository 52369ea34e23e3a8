"""Which union takes an application in: his own, else his employer's or a place's; and for whom its scheme is."""

from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.members.models import Employment, Membership, Person
from unionhall.organisations.local import union_of_place
from unionhall.organisations.models import Coverage, Organisation
from unionhall.rulebook import eligibility

from ...schemes.relief import HardshipScheme

__all__ = ["asks_membership", "employers_union", "place_for", "union_of", "unmet"]


def union_of(person: Person) -> Organisation | None:
    rows = Membership.objects.everywhere(reason="the applicant's own union")
    found = rows.current().filter(person=person).select_related("organisation").first()
    return found.organisation if found is not None else None


def asks_membership(at: Organisation) -> bool:
    """Whether the scheme in force where a union stands is for members alone."""
    version = rulebook.scheme(HardshipScheme, on=timezone.localdate(), division=at.division)
    return eligibility.asks_membership(version)


def place_for(person: Person, at: Organisation | None = None) -> Organisation:
    """The union that keeps the file: the person's own; else `at`, where the scheme there asks for no membership."""
    if (union := union_of(person)) is not None:
        return union
    if at is None:
        raise Refused("您还不是工会会员，请先申请入会；没有入会的，可以到就近的工会窗口问问能不能直接申请。")
    if asks_membership(at):
        raise Refused("这里的困难帮扶办法要求是工会会员，请先办入会；紧急困难可以拨打 12351。")
    return at


def unmet(person: Person, at: Organisation) -> tuple[str, ...]:
    """What somebody is known to lack under the scheme in force where a union stands; () when nothing.

    What the register does not know bars nobody: it is found out when the application is looked into.
    """
    today = timezone.localdate()
    version = rulebook.scheme(HardshipScheme, on=today, division=at.division)
    (verdict,) = eligibility.judge(person.pk, [version], today)
    return tuple(reason.missing or reason.text for reason in verdict.unmet if reason.met is False)


def employers_union(person: Person) -> Organisation | None:
    """The union that covers the employer of who is no member, else the nearest one of the employer's place.

    None while no employer is known to the register.
    """
    rows = Employment.objects.everywhere(reason="the applicant's own employment")
    now = rows.filter(person=person, period__contains=timezone.localdate()).exclude(employer=None)
    held = now.select_related("employer").first()
    if held is None or held.employer is None:
        return None
    covers = Coverage.objects.everywhere(reason="which union covers the applicant's employer is public")
    covers = covers.filter(employer=held.employer, period__contains=timezone.localdate())
    found = covers.filter(organisation__in=Organisation.objects.everywhere(reason="unions at work").active())
    first = found.select_related("organisation").order_by("organisation__path").first()
    return first.organisation if first is not None else union_of_place(held.employer.division)
