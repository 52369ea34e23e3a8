"""What organising supplies to the tree from the schemes: the rules of terms, and remarks on grassroots unions."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Count, Q, Sum
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import Access
from unionhall.kit.codes import Sex
from unionhall.members.intake import limits as rosters
from unionhall.members.models import Membership, Post
from unionhall.organisations import clock, parameters, rules
from unionhall.organisations.kinds import Chain, Kind
from unionhall.organisations.models import Coverage, Organisation, Placement, Term
from unionhall.organisations.rules import Limit, Remark, Seats, Thresholds, UnionFacts

from .schemes import CommitteeScheme, FoundingScheme, IntakeScheme, TermScheme, committee_seats, term_years

FIGURES = "organisations.figures"
AnyScheme = TypeVar("AnyScheme", bound=rulebook.Parameters)
#: Kinds that elect a committee of their own members; the limits of the law speak of these.
OWN_COMMITTEE = frozenset({Kind.GRASSROOTS, Kind.JOINT})
LEADING = frozenset({Post.Title.CHAIR, Post.Title.VICE_CHAIR, Post.Title.COMMITTEE})
WOMEN = frozenset({Post.Title.WOMEN_CHAIR, Post.Title.WOMEN})
AUDIT = frozenset({Post.Title.AUDIT_CHAIR, Post.Title.AUDIT})


def terms(on: date, division: str) -> parameters.TermParameters:
    found = rulebook.scheme(TermScheme, on, division).parameters
    return parameters.TermParameters(lambda level: term_years(found, level=level), found.remind_months_before)


def places(on: date) -> list[str]:
    """Division prefixes with a version of their own on the day."""
    return [version.jurisdiction for version in rulebook.versions("term") if version.holds_on(on)]


def thresholds(on: date, division: str) -> Thresholds:
    """The limits in force, each with its document; without a version on the day nothing is asked for."""
    founding, committee = _version(FoundingScheme, on, division), _version(CommitteeScheme, on, division)
    found = Thresholds()
    if founding is not None:
        number = founding.parameters.committee_from_members
        found = Thresholds(Limit(number, str(founding.source_of("committee_from_members"))))
    if committee is None:
        return found
    women = committee.parameters.women_committee_from_women
    staff = committee.parameters.full_time_chair_from_staff
    return Thresholds(
        found.committee_members,
        None if women is None else Limit(women, str(committee.source_of("women_committee_from_women"))),
        Limit(staff, str(committee.source_of("full_time_chair_from_staff"))),
        committee.parameters.full_time_chair == "shall",
    )


def seats(on: date, division: str, members: int) -> Seats | None:
    """The numbers of committee members that so many members may elect; None where the table has no row."""
    version = _version(CommitteeScheme, on, division)
    found = version and committee_seats(version.parameters, members=members)
    return Seats(found.choices, str(version.source_of("seats"))) if version and found else None


def remarks(access: Access, organisations: Iterable[Organisation], day: date) -> dict[int, list[Remark]]:
    """Remarks by union id: a fixed number of queries however many unions. The caller shows only unions in scope.

    How many members there are is said to those who may list them; figures withhold small numbers from all others.
    """
    unions = list(organisations)
    registers = access.prefixes("members.view")
    own = [one.pk for one in unions if one.kind in OWN_COMMITTEE]
    counts, posts = _counts(access, own, day), _posts(own, day)
    staff = _staff(access, own, day)
    terms_of = _terms([one.pk for one in unions], day)
    found: dict[int, list[Remark]] = {}
    for one in unions:
        term = terms_of.get(one.pk)
        reading = clock.read(term.period.upper if term else None, day, one.division)
        if one.kind not in OWN_COMMITTEE:
            noted = rules.overdue(reading)
        else:
            members, women = counts[one.pk]
            titles = {title for title, _ in posts[one.pk]}
            facts = UnionFacts(
                members=members,
                women=women,
                staff=staff.get(one.pk, 0),
                has_committee=term is not None or bool(titles & LEADING),
                has_full_time_chair=(Post.Title.CHAIR, True) in posts[one.pk],
                has_women_committee=bool(titles & WOMEN),
                has_audit_committee=bool(titles & AUDIT),
                clock=reading,
                has_organiser=Post.Title.ORGANISER in titles,
                committee_size=term.committee_size if term else None,
                seats=seats(day, one.division, members),
            )
            counted = any(path.startswith(prefix) for prefix in registers for path in one.paths)
            noted = rules.remarks(facts, thresholds(day, one.division), counted=counted)
        if noted:
            found[one.pk] = noted
    return found


def _version(scheme: type[AnyScheme], on: date, division: str) -> rulebook.Version[AnyScheme] | None:
    try:
        return rulebook.scheme(scheme, on, division)
    except Refused:
        return None


def _counts(access: Access, unions: list[int], day: date) -> dict[int, tuple[int, int]]:
    """Members and women of each union, with its branches and groups; {union: (0, 0)} where it has none."""
    parts = _with_parts(unions, day)
    rows = Membership.objects.visible_to(access, to=FIGURES).filter(organisation__in=parts)
    rows = rows.as_of(None if day >= timezone.localdate() else day)
    tally = rows.values("organisation").annotate(
        all=Count("pk"), women=Count("pk", filter=Q(person__sex=Sex.FEMALE.value))
    )
    found = dict.fromkeys(unions, (0, 0))
    for row in tally.order_by():
        members, women = found[parts[row["organisation"]]]
        found[parts[row["organisation"]]] = (members + row["all"], women + row["women"])
    return found


def _with_parts(unions: list[int], day: date) -> dict[int, int]:
    """Each union itself, and every branch and group below it on the day → the union."""
    stood = Placement.objects.everywhere(reason="which branches stood under unions already scoped")
    stood = stood.filter(chain=Chain.REGION, period__contains=day)
    tops = dict(stood.filter(organisation__in=unions).values_list("path", "organisation"))
    inside = Q(pk__in=[])
    for path in tops:
        inside |= Q(path__startswith=path)
    found = {union: union for union in unions}
    for path, part in stood.filter(inside).values_list("path", "organisation"):
        top = next(own for own in tops if path.startswith(own))
        found[part] = tops[top]
    return found


def _posts(unions: list[int], day: date) -> dict[int, set[tuple[str, bool]]]:
    """(title, full time) of whoever holds a post in each union."""
    rows = Post.objects.everywhere(reason="which posts are filled is a fact of unions already scoped")
    found: dict[int, set[tuple[str, bool]]] = defaultdict(set)
    for union, title, full_time in rows.filter(organisation__in=unions, period__contains=day).values_list(
        "organisation", "title", "full_time"
    ):
        found[union].add((title, full_time))
    return found


def _staff(access: Access, unions: list[int], day: date) -> dict[int, int]:
    rows = Coverage.objects.visible_to(access, to=FIGURES).filter(
        organisation__in=unions, period__contains=day
    )
    tally = rows.values("organisation").annotate(staff=Sum("employer__employees")).order_by()
    return dict(tally.values_list("organisation", "staff"))


def _terms(unions: list[int], day: date) -> dict[int, Term]:
    """The latest term that had begun by the day."""
    rows = Term.objects.everywhere(reason="the latest term of unions already scoped")
    rows = rows.filter(organisation__in=unions, period__startswith__lte=day).order_by(
        "organisation", "-number"
    )
    return {term.organisation_id: term for term in rows.distinct("organisation")}


def roster_limits(on: date, division: str) -> rosters.Limits:
    found = rulebook.scheme(IntakeScheme, on, division).parameters
    return rosters.Limits(found.undo_days, max(found.keep_days, found.undo_days))


parameters.supply_terms(terms, places)
rosters.supply(roster_limits)
parameters.supply_remarks(remarks)
