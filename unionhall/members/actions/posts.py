"""Verbs on posts: appoint someone to one, and see them leave it, by themselves or with the membership."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.organisations import tree
from unionhall.organisations.actions import checks
from unionhall.organisations.kinds import BASE_KINDS
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import Person, Post


@transaction.atomic
def appoint(
    actor: Actor,
    *,
    person: Person,
    organisation: Organisation,
    title: str,
    on: date,
    full_time: bool = False,
    document: str = "",
) -> Post:
    """Put a person in a post from `on`. A union has one chair at a time; one that has ended has no posts."""
    organisation = tree.as_it_stands(organisation)
    actor.require("organisations.terms", *organisation.paths)
    checks.standing(organisation)
    if on > timezone.localdate():
        raise Refused("任职日期不能晚于今天。", field="on")
    if on < organisation.existence.lower:
        raise Refused("任职日期不能早于工会成立日期。", field="on")
    try:
        with transaction.atomic():
            post = Post.objects.create(
                person=person, organisation=organisation, title=title, full_time=full_time,
                period=DateRange(on, None), document=document,
            )  # fmt: skip
    except IntegrityError as clash:
        if "post_one_chair" in str(clash):
            raise Refused("这段时间已有主席在任。请先登记原主席离任。", field="title") from None
        raise Refused("此人已担任这个职务，不需要重复登记。", field="title") from None
    detail = {"organisation": organisation.pk, "title": title, "on": on.isoformat()}
    journal(actor, "members.appoint", subject=person, paths=organisation.paths, detail=detail)
    return post


@transaction.atomic
def leave_post(actor: Actor, *, post: Post, on: date, reason: str = "") -> Post:
    """离任: the post's period ends on `on`."""
    actor.require("organisations.terms", *post.organisation.paths)
    rows = Post.objects.everywhere(reason="the row to close; permission was asked on its union")
    found = rows.select_for_update().get(pk=post.pk)
    if found.period.upper is not None:
        raise Refused("这项任职已经结束。")
    if on > timezone.localdate():
        raise Refused("离任日期不能晚于今天。", field="on")
    if on <= found.period.lower:
        raise Refused(f"离任日期必须晚于任职日期 {found.period.lower:%Y-%m-%d}。", field="on")
    found.period = DateRange(found.period.lower, on)
    found.save(update_fields=["period"])
    detail = {"title": found.title, "on": on.isoformat()}
    journal(
        actor,
        "members.leave_post",
        subject=found.person,
        paths=post.organisation.paths,
        reason=reason,
        detail=detail,
    )
    return found


def whole_union(organisation: Organisation) -> Organisation:
    """The union of which a branch or group is a part; any other union is whole itself."""
    while organisation.kind in checks.PARTS and organisation.parent is not None:
        organisation = organisation.parent
    return organisation


def posts_in(union: Organisation, people: Collection[int]) -> ScopedQuerySet[Post]:
    """What persons (their ids) hold now in a whole union and its parts."""
    where = Q(organisation=union)
    if union.kind in BASE_KINDS:
        where |= Q(organisation__path__startswith=union.path)
    return _held(people).filter(where)


def leave_posts_in(actor: Actor, *, person: Person, union: Organisation, on: date, reason: str = "") -> None:
    """Who leaves a whole union leaves its posts and those of its parts. Called in the transaction of the leaving.

    Refused when a post there began later than `on`.
    """
    leave_posts(actor, posts=posts_in(union, [person.pk]), on=on, reason=reason)


def leave_every_post(actor: Actor, *, person: Person, on: date, reason: str = "") -> None:
    """The dead hold no post, in whatever union. Called in the transaction that ends the membership."""
    leave_posts(actor, posts=_held([person.pk]), on=on, reason=reason)


def _held(people: Collection[int]) -> ScopedQuerySet[Post]:
    rows = Post.objects.everywhere(reason="posts go with the membership; permission is asked on its union")
    return rows.filter(person__in=people, period__upper_inf=True)


def leave_posts(actor: Actor, *, posts: ScopedQuerySet[Post], on: date, reason: str = "") -> None:
    """The posts end with the memberships of who holds them. Called in the transaction that carries or ends those.

    Refused when one of them began later than `on`.
    """
    held = list(posts.select_for_update(of=("self",)).select_related("organisation", "person").order_by("pk"))
    if not held:
        return
    checks.effective(on, *(post.period.lower for post in held), what="任职")
    checks.close(posts, on)
    for post in held:
        journal(
            actor,
            "members.leave_post",
            subject=post.person,
            paths=post.organisation.paths,
            reason=reason,
            detail={"title": post.title, "on": on.isoformat()},
        )
