"""A running 需求征集 of the story's city, with answers: the member of the tour still has his own to give."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from unionhall.benefits import needs
from unionhall.benefits.actions import needs as asking

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

ANSWERS = 24


def leave(stage: Stage) -> None:
    """Opened three weeks of work ago, for two months; answered by some of the neighbouring union's members."""
    opened = stage.days_ago(15)
    with clock.at(opened):
        round_ = asking.open_round(
            stage.actor("city"), organisation=stage.union(stage.story.city), title=f"{stage.today.year} 年职工需求征集",
            starts=opened.date(), ends=opened.date() + timedelta(days=60),
        )  # fmt: skip
    codes, most = [one.code for one in needs.asked(round_)], asking.most_of(round_)
    # Few things are wanted by many: a count below five is withheld, and a page of dashes shows nothing.
    wanted = stage.random.sample(codes, min(6, len(codes)))
    for row in stage.members(stage.story.neighbour, ANSWERS):
        worker = stage.worker(row.person)
        with clock.at(stage.days_ago(stage.random.randrange(1, 14))):
            asking.answer(
                worker,
                round_=round_,
                person=row.person,
                membership=row,
                codes=stage.random.sample(wanted, min(3, most)),
            )
