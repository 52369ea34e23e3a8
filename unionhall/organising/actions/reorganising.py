"""Merging, splitting and dissolving unions together with their members, posts and employers.

Source: 工会法 §13 (an employer that ends), 章程 §16 (congress and superior's approval). Members of a bankrupt
employer's union are held by the superior.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Lower

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.members.actions import leave_posts, posts_in, relocate, whole_union
from unionhall.members.models import Employment, Membership, Post
from unionhall.organisations import actions as tree
from unionhall.organisations.actions import checks
from unionhall.organisations.models import Employer, Organisation
from unionhall.organisations.tree import hold_for_change
from unionhall.records.actions import journal
from unionhall.reviews.models import Review, ReviewStep

from .preparing import pass_preparations, require_no_preparation

_WHY = "a union's own rows, its superior's permission having been asked"


class Disposal(StrEnum):
    """What becomes of the members of a union that is dissolved."""

    MOVED = "moved"
    RETAINED = "retained"

    @property
    def label(self) -> str:
        return {"moved": "转入其他工会，会籍在册", "retained": "由其他工会代管，保留会籍"}[self.value]


@transaction.atomic
def merge_unions(
    actor: Actor, *, organisation: Organisation, into: Organisation, on: date, document: str
) -> int:
    """One union goes up in another with its members. Answers how many members passed over. Raises Refused."""
    _hold(organisation, into)
    checks.require_superior(actor, organisation)
    checks.require_superior(actor, into)
    checks.outside(organisation, into)
    _nothing_open(organisation)
    pass_preparations(actor, organisation=organisation, into=into)
    leave_posts(actor, posts=posts_left(organisation, into=into, along=[organisation]), on=on)
    count = _carry(actor, organisation, into, on)
    _end_posts(organisation, on)
    tree.merge(actor, organisation=organisation, into=into, on=on, document=document)
    return count


@transaction.atomic
def split_union(
    actor: Actor,
    *,
    organisation: Organisation,
    name: str,
    on: date,
    document: str,
    employers: Sequence[Employer] = (),
    children: Sequence[Organisation] = (),
) -> Organisation:
    """A new union splits off with some employers, the members who work there, and some unions below. Raises Refused."""
    _hold(organisation, *children)
    checks.require_superior(actor, organisation)
    people = people_of(organisation, employers)
    posts = posts_left(organisation, into=organisation.parent, along=children, people=people)
    leave_posts(actor, posts=posts, on=on)
    part = tree.split_off(
        actor,
        organisation=organisation,
        name=name,
        on=on,
        document=document,
        employers=employers,
        children=children,
    )
    if people:
        _carry(actor, organisation, part, on, people)
    return part


def people_of(organisation: Organisation, employers: Sequence[Employer]) -> list[int]:
    """Members of the union who work for one of the employers now."""
    members = Membership.objects.everywhere(reason=_WHY).current().filter(organisation=organisation)
    work = Employment.objects.everywhere(reason=_WHY).filter(employer__in=employers, period__upper_inf=True)
    return list(members.filter(person__in=work.values("person")).values_list("person_id", flat=True))


def posts_left(
    organisation: Organisation,
    *,
    into: Organisation | None,
    along: Sequence[Organisation],
    people: Sequence[int] = (),
) -> ScopedQuerySet[Post]:
    """What is held in the whole union by who passes out of it: `people`, and members of its parts that go `along`.

    Not the posts in those parts: they go along too, or end with the part. `into`: the union they pass to, or the
    superior under which they will stand.
    """
    left = whole_union(organisation)
    if into is None or left == whole_union(into):
        return Post.objects.everywhere(reason=_WHY).none()
    found = posts_in(left, [*people, *_members_of_parts(along)])
    for one in along:
        found = found.exclude(organisation__path__startswith=one.path)
    return found


def _members_of_parts(unions: Sequence[Organisation]) -> list[int]:
    """Members of those among the unions that are branches or groups of another, the groups below them included."""
    under = [Q(path__startswith=one.path) for one in unions if one.kind in checks.PARTS]
    if not under:
        return []
    rows = Membership.objects.everywhere(reason=_WHY).current()
    return list(rows.filter(reduce(or_, under)).values_list("person_id", flat=True))


@transaction.atomic
def dissolve_union(
    actor: Actor,
    *,
    organisation: Organisation,
    on: date,
    reason: str,
    document: str,
    destination: Organisation | None = None,
    disposal: str = Disposal.MOVED,
) -> int:
    """Abolish a union; its members pass to `destination`, active or retained. Answers how many. Raises Refused."""
    _hold(organisation, *([destination] if destination is not None else []))
    checks.require_superior(actor, organisation)
    document = checks.document_no(document, "撤销工会")
    _nothing_open(organisation)
    require_no_preparation(organisation)
    members = Membership.objects.everywhere(reason=_WHY).current().filter(organisation=organisation)
    count = members.count()
    if count and destination is None:
        raise Refused(f"还有 {count} 名会员，请选择由哪个工会接收。", "destination")
    if count and destination is not None:
        if destination.pk == organisation.pk or destination.path.startswith(organisation.path):
            raise Refused("接收会员的不能是被撤销的工会或它的下级。", "destination")
        # Members are pressed on nobody who is not asked: the actor keeps the receiving union too.
        actor.require(checks.REORGANISE, *destination.paths)
        standing = Membership.Standing.RETAINED.value if disposal == Disposal.RETAINED else ""
        posts = posts_left(organisation, into=destination, along=[organisation])
        leave_posts(actor, posts=posts, on=on)
        _carry(actor, organisation, destination, on, standing=standing)
        journal(
            actor,
            "organising.dispose_members",
            subject=organisation,
            paths=organisation.paths,
            detail={"count": count, "disposal": str(disposal), "to": destination.code},
        )
    _end_posts(organisation, on)
    tree.dissolve(actor, organisation=organisation, on=on, reason=reason, document=document)
    return count


def _hold(*organisations: Organisation) -> None:
    """The tree held for this change, and the unions read anew: from here on nobody joins them and none moves."""
    hold_for_change()
    for one in organisations:
        one.refresh_from_db()


def nearest_with_members(organisation: Organisation) -> Organisation | None:
    """The nearest superior that has members itself: the usual place for members of a dissolved union."""
    rows = Organisation.objects.everywhere(reason="the superiors of a union are public")
    above = rows.active().filter(path__in=organisation.ancestor_paths()).order_by("-path")
    return next((one for one in above if one.has_members), None)


def _carry(
    actor: Actor,
    origin: Organisation,
    destination: Organisation,
    on: date,
    people: list[int] | None = None,
    standing: str = "",
) -> int:
    """Members pass from one union to another, set-based. Refused when a membership began later than `on`."""
    rows = Membership.objects.everywhere(reason=_WHY).current().filter(organisation=origin)
    if people is not None:
        rows = rows.filter(person__in=people)
    latest = rows.aggregate(latest=Max(Lower("period")))["latest"]
    if latest is None:
        return 0
    checks.effective(on, latest, what=f"“{origin.name}”的会籍")
    return relocate(
        actor, origin=origin, destination=destination, on=on, person_ids=people, standing=standing
    )


def _end_posts(organisation: Organisation, on: date) -> None:
    rows = Post.objects.everywhere(reason=_WHY).filter(organisation=organisation)
    latest = rows.filter(period__upper_inf=True).aggregate(latest=Max(Lower("period")))["latest"]
    if latest is not None:
        checks.effective(on, latest, what="任职")
        checks.close(rows, on)


def _nothing_open(organisation: Organisation) -> None:
    """Refused while matters of the union, or matters that it is still to decide or to take over, are under review."""
    steps = ReviewStep.objects.everywhere(reason=_WHY).filter(review=OuterRef("pk"), outcome="")
    rows = Review.objects.everywhere(reason=_WHY).open()
    rows = rows.filter(
        Q(organisation=organisation)
        | Q(transfer__destination=organisation)
        | Exists(steps.filter(organisation=organisation))
    )
    first = rows.order_by("pk").first()
    if first is not None:
        raise Refused(f"还有 {rows.count()} 件未办结的办件（如 {first.number}），请先办结。")
