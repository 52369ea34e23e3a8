"""Under which heading a benefit stands for somebody, from what he lacks. No database, no clock."""

from collections.abc import Sequence
from enum import StrEnum


class Gap(StrEnum):
    """Why a condition is not met: what it would take."""

    JOINING = "joining"  # a member of a union here would meet it
    WAITING = "waiting"  # time alone will bring it
    CHANGING = "changing"  # something about the person would have to change, or be registered
    NEVER = "never"  # nothing will


class Group(StrEnum):
    """Headings of the page, in its order."""

    OPEN = "open"
    USED = "used"
    ASKING = "asking"
    NEAR = "near"
    JOINING = "joining"
    REST = "rest"


def group_of(
    met: bool | None, gaps: Sequence[Gap], *, used: bool, near_most: int, looked_into: bool = False
) -> Group:
    """What is had or under way comes first; "nearly" is at most `near_most` gaps, none of which is for good.

    `looked_into`: what is not known is found out by applying, so whoever is known to lack nothing may ask.
    """
    if used:
        return Group.USED
    if met:
        return Group.OPEN
    if met is None and looked_into:
        return Group.ASKING
    if Gap.NEVER in gaps:
        return Group.REST
    others = [gap for gap in gaps if gap is not Gap.JOINING]
    if not others:
        return Group.JOINING if gaps else Group.REST
    return Group.NEAR if len(others) <= near_most else Group.REST


def shown(count: int, smallest: int) -> int | None:
    """A count for readers who may not see the records behind it; nought is no secret. `smallest` 0: all is shown."""
    return None if 0 < count < smallest else count
