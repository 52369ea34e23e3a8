"""Open clocks after the calendar changed: SQL sets what the pure rule says, for every clock and every case."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from tests.world import World
from unionhall.cases import clocks
from unionhall.cases.actions import core
from unionhall.cases.models import Case, CaseClock
from unionhall.kit.workdays import Calendar

Opener = Callable[..., Case]
WHY = "test"
START = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.get_fixed_timezone(480))


def wall(moment: datetime) -> date:
    return timezone.localdate(moment)


def test_sql_and_the_rule_agree_after_a_change(opened: Opener, world: World) -> None:
    chance, chair = Random(5), world.actor("chair_alpha")
    for number in range(12):
        begun = START + timedelta(hours=chance.randrange(24 * 60))
        case = opened(at=begun)
        if number % 3:
            core.move(chair, case, "ask", opinion="补", at=begun + timedelta(days=number % 5))
        if number % 3 == 2:
            core.move(chair, case, "supplied", at=begun + timedelta(days=number))
        if number % 4 == 0 and number % 3 != 1:
            core.move(chair, case, "answer", opinion="答", at=begun + timedelta(days=number + 1))
    calendar = Calendar({START.date() + timedelta(days=n): chance.random() < 0.3 for n in range(0, 120, 2)})
    assert clocks.recompute(calendar) > 0
    open_clocks = list(CaseClock.objects.everywhere(reason=WHY).filter(ended_at=None))
    assert {one.unit for one in open_clocks} == {"hours", "days", "working_days"}
    assert {one.paused_days > 0 for one in open_clocks} == {True, False}
    for clock in open_clocks:
        assert clock.due_at == clocks.due_of(clock, calendar), clock
    for case in Case.objects.everywhere(reason=WHY).open():
        assert case.due_at == clocks.first_due(case)
    assert clocks.recompute(calendar) == 0


def test_a_pause_is_shorter_by_a_holiday_declared_in_it(opened: Opener, world: World) -> None:
    case, chair = opened(at=START), world.actor("chair_alpha")
    core.move(chair, case, "ask", opinion="补", at=START + timedelta(days=1))
    core.move(chair, case, "supplied", at=START + timedelta(days=4))
    (clock,) = [one for one in clocks.of(case) if one.code == "total"]
    assert (clock.paused_days, wall(clock.due_at)) == (3, date(2026, 1, 29))
    clocks.recompute(Calendar({date(2026, 1, 7): False}))
    clock.refresh_from_db()
    assert (clock.paused_days, wall(clock.due_at)) == (2, date(2026, 1, 29))


def test_only_what_may_change_is_looked_at(opened: Opener) -> None:
    case = opened(at=START)
    assert clocks.recompute(Calendar({date(2026, 1, 6): False}), since=date(2026, 3, 1)) == 0
    assert clocks.recompute(Calendar({date(2026, 1, 6): False}), since=date(2026, 1, 6)) == 1
    case.refresh_from_db()
    (total,) = [one for one in clocks.of(case) if one.code == "total"]
    assert wall(total.due_at) == date(2026, 1, 27)
