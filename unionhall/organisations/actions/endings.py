"""Unions stop, merge, split and end. Persons are not moved here: `organising` does that in the same transaction."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import following, tree
from ..kinds import Status
from ..models import Coverage, Employer, Organisation, Succession
from . import checks
from .establishing import establish
from .moving import move


@transaction.atomic
def suspend(actor: Actor, *, organisation: Organisation, reason: str) -> Organisation:
    """The union stops its activities but is not abolished; it still counts. Raises Refused."""
    return _set_status(actor, organisation, Status.ACTIVE, Status.SUSPENDED, "suspend", reason)


@transaction.atomic
def resume(actor: Actor, *, organisation: Organisation, reason: str) -> Organisation:
    """A suspended union takes up its activities again."""
    return _set_status(actor, organisation, Status.SUSPENDED, Status.ACTIVE, "resume", reason)


def _set_status(
    actor: Actor, organisation: Organisation, before: str, after: str, verb: str, reason: str
) -> Organisation:
    checks.require_superior(actor, organisation)
    (one,) = tree.locked(organisation)
    if one.status != before:
        raise Refused(f"“{one.name}”现在是“{one.get_status_display()}”，不需要办理。")
    if not reason.strip():
        raise Refused("请填写原因。", "reason")
    one.status = after
    one.save(update_fields=["status"])
    journal(actor, f"organisations.{verb}", subject=one, paths=one.paths, reason=reason)
    organisation.refresh_from_db()
    return organisation


@transaction.atomic
def dissolve(
    actor: Actor, *, organisation: Organisation, on: date, reason: str, document: str = ""
) -> Organisation:
    """Abolish a union: it leaves the tree on the day, its past stays. Raises Refused while unions stand below it."""
    checks.require_superior(actor, organisation)
    tree.hold_for_change()
    (one,) = tree.locked(organisation)
    if not reason.strip():
        raise Refused("请填写撤销原因。", "reason")
    if one.parent_id is None:
        raise Refused("最高一级工会不能撤销。")
    _end(one, on, Status.DISSOLVED)
    journal(
        actor,
        "organisations.dissolve",
        subject=one,
        paths=one.paths,
        reason=reason,
        detail={"on": on.isoformat(), "document": document},
    )
    organisation.refresh_from_db()
    return organisation


@transaction.atomic
def merge(
    actor: Actor, *, organisation: Organisation, into: Organisation, on: date, document: str
) -> Organisation:
    """One union goes up in another: what stands below it and the employers it covers pass over, then it ends.

    Two unions that merge into a new one: establish that one, then merge both into it.
    """
    checks.require_superior(actor, organisation)
    checks.require_superior(actor, into)
    tree.hold_for_change()
    one, successor = tree.locked(organisation, into)
    checks.standing(one)
    checks.standing(successor, field="into")
    document = checks.document_no(document, "合并")
    checks.outside(one, successor)
    if one.has_members and not successor.has_members:
        raise Refused(f"“{successor.name}”不直接管理会员，不能并入。请选择基层工会。", "into")
    checks.effective(on, checks.placed_since(successor), what="承继工会")
    below = Organisation.objects.everywhere(reason="what stands below the merging union passes over")
    for child in below.active().filter(parent=one).order_by("path"):
        move(actor, organisation=child, parent=successor, on=on, document=document)
    for follower in below.active().filter(industry_parent=one).order_by("path"):
        move(actor, organisation=follower, parent=successor, on=on, chain="industry", document=document)
    employers = _pass_coverage(one, successor, on)
    one.refresh_from_db()
    _end(one, on, Status.MERGED)
    Succession.objects.create(
        organisation=one, successor=successor, cause=Succession.Cause.MERGE, on=on, document=document
    )
    journal(
        actor,
        "organisations.merge",
        subject=one,
        paths=one.paths,
        reason=document,
        detail={"into": successor.code, "employers": employers, "on": on.isoformat()},
    )
    organisation.refresh_from_db()
    return successor


@transaction.atomic
def split_off(
    actor: Actor,
    *,
    organisation: Organisation,
    name: str,
    on: date,
    document: str,
    employers: Sequence[Employer] = (),
    children: Sequence[Organisation] = (),
    code: str | None = None,
) -> Organisation:
    """A new union splits off under the same superior, taking some employers and some unions below with it.

    To divide a union wholly, split off each part and dissolve what is left.
    """
    checks.require_superior(actor, organisation)
    tree.hold_for_change()
    (one,) = tree.locked(organisation)
    checks.standing(one)
    document = checks.document_no(document, "分立")
    checks.effective(on, one.existence.lower, what="原工会")
    strangers = [child.name for child in children if child.parent_id != one.pk]
    if strangers:
        raise Refused(f"“{strangers[0]}”不是“{one.name}”的直接下级，不能一并划出。", "children")
    covered = set(
        one.coverages.filter(period__upper_inf=True, employer__in=employers).values_list(
            "employer_id", flat=True
        )
    )
    outside = [employer.name for employer in employers if employer.pk not in covered]
    if outside:
        raise Refused(f"“{outside[0]}”现在不由“{one.name}”覆盖，不能划出。", "employers")
    part = establish(
        actor,
        name=name,
        kind=one.kind,
        level=one.level,
        parent=one.parent,
        industry_parent=one.industry_parent,
        division=one.division,
        form=one.form,
        on=on,
        code=code,
        document=document,
    )
    for child in children:
        move(actor, organisation=child, parent=part, on=on, document=document)
    _pass_coverage(one, part, on, [employer.pk for employer in employers])
    Succession.objects.create(
        organisation=one, successor=part, cause=Succession.Cause.SPLIT, on=on, document=document
    )
    journal(
        actor,
        "organisations.split",
        subject=one,
        paths=one.paths,
        reason=document,
        detail={"new": part.code, "employers": len(employers), "unions": len(children), "on": on.isoformat()},
    )
    organisation.refresh_from_db()
    part.refresh_from_db()
    return part


def _pass_coverage(
    origin: Organisation, successor: Organisation, on: date, employer_ids: Sequence[int] | None = None
) -> int:
    """Close the origin's coverages and open the successor's: one read, one update, one insert."""
    rows = origin.coverages.filter(period__upper_inf=True)
    if employer_ids is not None:
        rows = rows.filter(employer__in=employer_ids)
    held = list(rows.values_list("pk", "employer_id", "period"))
    if not held:
        return 0
    checks.effective(on, max(period.lower for _, _, period in held), what="单位覆盖关系")
    checks.close(origin.coverages.filter(pk__in=[pk for pk, _, _ in held]), on)
    Coverage.objects.bulk_create(
        Coverage(organisation=successor, employer_id=employer, period=DateRange(on, None))
        for _, employer, _ in held
    )
    return len(held)


def _end(one: Organisation, on: date, status: Status) -> None:
    """Close everything that was open. The union's present path stays: it says where its past is kept."""
    checks.standing(one)
    below = Organisation.objects.everywhere(reason="a union with unions below it does not end").active()
    child = below.filter(parent=one).first() or below.filter(industry_parent=one).first()
    if child is not None:
        raise Refused(f"下级“{child.name}”等还在它之下。请先将下级工会改隶或撤销。")
    since = [
        one.existence.lower,
        tree.last_change_under(one.path, one.second_path),
        tree.last_change_of(one.path),
        checks.began(one.namings),
        *(row.period.upper or row.period.lower for row in one.coverages.exclude(period__isempty=True)),
        *(row.period.lower for row in one.terms.order_by("-number")[:1]),
    ]
    checks.effective(on, *since)
    with following.followed([one.pk]):
        checks.close(one.placements.all(), on)
    for rows in (one.namings, one.coverages):
        checks.close(rows.all(), on)
    for term in one.terms.filter(period__contains=on):
        term.period = DateRange(term.period.lower, on)
        term.save(update_fields=["period"])
    one.existence = DateRange(one.existence.lower, on)
    one.status = status
    one.save(update_fields=["existence", "status"])
