"""A union is placed under another superior, in the regional or in the industry chain (双重领导)."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import following, paths, tree
from ..kinds import Chain, Kind
from ..models import Organisation, Placement
from . import checks

BOTH = (Chain.REGION.value, Chain.INDUSTRY.value)


@transaction.atomic
def move(
    actor: Actor,
    *,
    organisation: Organisation,
    parent: Organisation | None,
    on: date,
    chain: str = Chain.REGION,
    document: str = "",
) -> Organisation:
    """Place a union, with all below it, under another superior from a day on. Raises Refused.

    `parent=None` is allowed in the industry chain only: the union leaves it. The permission is asked for at the
    present superior and at the new one.
    """
    checks.require_superior(actor, organisation)
    if parent is not None:
        actor.require(checks.REORGANISE, *parent.paths)
    tree.hold_for_change()
    one, *rest = tree.locked(organisation, parent)
    target = rest[0] if rest else None
    checks.standing(one)
    if target is not None:
        checks.standing(target, field="parent")
    was = one.path_in(chain)
    with following.followed(following.below_in_any_chain(one)):
        touched = _in_region(one, target, on) if chain == Chain.REGION else _in_industry(one, target, on)
        tree.follow(touched)
    organisation.refresh_from_db()
    journal(
        actor,
        "organisations.move",
        subject=organisation,
        paths=organisation.paths,
        reason=document,
        detail={
            "chain": chain,
            "from": was,
            "to": organisation.path_in(chain),
            "under": target.code if target is not None else "",
            "unions": len(touched),
            "on": on.isoformat(),
        },
    )
    return organisation


def _in_region(one: Organisation, target: Organisation | None, on: date) -> set[int]:
    if target is None or one.parent_id is None:
        raise Refused("地方链上必须有上级工会。请选择新的上级工会。", "parent")
    if target.pk == one.parent_id:
        raise Refused(f"“{one.name}”已经在“{target.name}”之下，没有变化。", "parent")
    if target.path.startswith(one.path):
        raise Refused("不能把工会移到它自己或它的下级之下。请选择其他工会。", "parent")
    checks.shape(one.kind, one.level, target)
    checks.free_name(one.name, target, but=one.pk)
    part = one.kind in checks.PARTS
    # A part changes chains with its union: what happened in the other one counts as well.
    changed = tree.last_change_of(one.path) if part else None
    since = [tree.last_change_under(one.path), changed, checks.placed_since(target)]
    checks.effective(on, *since, what="该工会或其上下级")
    segment = tree.free_segment(target)
    path = target.path + segment
    _deep_enough(path, max(tree.deepest_under(one.path), tree.deepest_under(one.path, "second_path")))
    if part:
        _deep_enough(target.second_path + segment, tree.deepest_under(one.path))
    old = one.path
    Organisation.objects.everywhere(reason="the locked union itself").filter(pk=one.pk).update(parent=target)
    touched = tree.Shift(old, path, on, BOTH, top=one.pk, parent=target.pk).apply()
    if part:
        touched |= _part_follows(one, path, target, segment, on)
    return touched


def _part_follows(one: Organisation, path: str, target: Organisation, segment: str, on: date) -> set[int]:
    """A branch stands in its union's industry chain: it changes chains with its union."""
    second = target.second_path + segment if target.second_path else ""
    old = one.second_path
    one.path = path
    if old and second:
        shift = tree.Shift(
            old, second, on, (Chain.INDUSTRY,), top=one.pk, parent=target.pk, chain=Chain.INDUSTRY
        )
        return shift.apply()
    if old:
        return tree.leave_industry(old, on)
    return tree.enter_industry(one, second, target, on) if second else set()


def _in_industry(one: Organisation, target: Organisation | None, on: date) -> set[int]:
    if one.kind not in checks.DUAL:
        raise Refused(f"{Kind(one.kind).label}不单独参加产业链。", "parent")
    if (target.pk if target is not None else None) == one.industry_parent_id:
        raise Refused("上级产业工会没有变化。", "parent")
    own = one.path_in(Chain.INDUSTRY)
    if target is not None:
        checks.industry_shape(one.kind, one.level, target)
        if target.pk == one.pk or target.path_in(Chain.INDUSTRY).startswith(own):
            raise Refused("不能把工会移到它自己或它的下级之下。请选择其他产业工会。", "parent")
    since = checks.placed_since(target) if target is not None else None
    changed = [tree.last_change_under(one.path, one.second_path), tree.last_change_of(one.path)]
    checks.effective(on, *changed, since, what="该工会或其上下级")
    old, new = one.second_path, ""
    if target is not None:
        new = target.path_in(Chain.INDUSTRY) + tree.free_segment(target)
        below = tree.deepest_under(
            old or one.path, "second_path" if old or one.kind == Kind.INDUSTRY else "path"
        )
        _deep_enough(new, below)
    rows = Organisation.objects.everywhere(reason="the locked union itself")
    rows.filter(pk=one.pk).update(industry_parent=target)
    if one.kind == Kind.INDUSTRY:
        return _industry_union(one, target, new, on)
    if old and target is not None:
        return tree.Shift(
            old, new, on, (Chain.INDUSTRY,), top=one.pk, parent=target.pk, chain=Chain.INDUSTRY
        ).apply()
    if target is not None:
        return tree.enter_industry(one, new, target, on)
    return tree.leave_industry(old, on)


def _industry_union(one: Organisation, target: Organisation | None, new: str, on: date) -> set[int]:
    """An industry union's followers stand under its path in the chain, or under its regional path if it has none."""
    old = one.second_path
    followers = (Chain.INDUSTRY.value,)
    if old and target is not None:
        return tree.Shift(old, new, on, followers, top=one.pk, parent=target.pk, chain=Chain.INDUSTRY).apply()
    if target is not None:
        touched = tree.Shift(one.path, new, on, followers).apply()
        Placement.objects.create(
            organisation=one, chain=Chain.INDUSTRY, parent=target, path=new, period=DateRange(on, None)
        )
        Organisation.objects.everywhere(reason="the locked union itself").filter(pk=one.pk).update(
            second_path=new
        )
        return touched | {one.pk}
    checks.close(one.placements.filter(chain=Chain.INDUSTRY), on)
    Organisation.objects.everywhere(reason="the locked union itself").filter(pk=one.pk).update(second_path="")
    return tree.Shift(old, one.path, on, followers).apply() | {one.pk}


def _deep_enough(path: str, below: int) -> None:
    if paths.depth(path) + below > paths.DEEPEST:
        raise Refused(
            f"移动后组织层级会超过上限（{paths.DEEPEST} 层）。请先把下级工会提到更高一级。", "parent"
        )
