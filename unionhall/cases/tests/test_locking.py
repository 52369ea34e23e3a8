"""Who waits for whom: unions before cases, rosters last, so that nobody is given more than he can take, nor waits in a
circle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, core, lawyering, lawyers_counsel, supervision
from unionhall.cases.models import FirmCounsel
from unionhall.cases.tests import disputes
from unionhall.cases.tests.aid import applied, body, lawyer, officer
from unionhall.cases.tests.incidents import reported
from unionhall.foundation.errors import Refused

WHY = "test"
UNION, CASE, ROSTER = "FOR KEY SHARE", 'FOR UPDATE OF "cases_case"', "cases.roster"
MARKS = (UNION, CASE, ROSTER)


def order(act: Callable[[], object]) -> list[str]:
    """Which locks were taken first, in turn."""
    with CaptureQueriesContext(connection) as asked:
        act()
    said = [one["sql"] or "" for one in asked]
    first = {
        mark: place
        for mark in (UNION, CASE, ROSTER)
        for place, one in reversed(list(enumerate(said)))
        if mark in one
    }
    return sorted(first, key=first.__getitem__)


@pytest.mark.django_db
def test_unions_are_taken_before_the_case(world: World) -> None:
    case = reported(world)
    leader, city = world.actor("leader"), world.unions["east"]
    assert order(lambda: supervision.issue(leader, case, asked="三日内报告进展"))[:2] == [UNION, CASE]
    chair = world.actor("river_rights")
    filed = disputes.dispute(world)
    assert order(lambda: core.hand_over(chair, filed, city, reason="单位在江东"))[:2] == [UNION, CASE]
    assert order(
        lambda: aid.apply_from(chair, case=filed, form="3", is_migrant=True),
    )[:2] == [UNION, CASE]  # fmt: skip


@pytest.mark.django_db
def test_who_is_full_is_counted_after_the_roster_is_held(world: World) -> None:
    body(world)
    lawyer(world, most=1)
    who, found = officer(world), applied(world)
    aid.decide(who, case=found.case, granted=True)
    assert order(lambda: lawyering.offer(who, case=found.case))[-2:] == [CASE, ROSTER]


@pytest.mark.django_db
def test_a_lawyer_serves_no_more_firms_than_was_said(world: World) -> None:
    one, actor = lawyer(world, most_firms=1), world.actor("river_officer")

    def serve(name: str) -> None:
        lawyers_counsel.set_counsel(
            actor, organisation=world.unions["river_city"], employer=world.employers[name], lawyer=one,
            begins=timezone.localdate(), months=6,
        )  # fmt: skip

    serve("alpha")
    with pytest.raises(Refused, match="到了上限 1 家"):
        serve("beta")
    assert FirmCounsel.objects.everywhere(reason=WHY).count() == 1
