"""The list of cases: who sees which by the copied paths, and words by either way of looking for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.cases import inbox, search
from unionhall.cases.actions import core
from unionhall.cases.models import Case
from unionhall.foundation.actors import system_actor
from unionhall.foundation.wording import number
from unionhall.kit.workdays import Calendar
from unionhall.organisations import actions as unions

Opener = Callable[..., Case]
WHY = "test"
EYES = (
    "province_officer", "river_officer", "gorge_officer", "transport_officer", "east_officer", "pier_officer",
    "chair_alpha", "chair_gamma", "chair_delta",
)  # fmt: skip


def listed(world: World, eyes: str, **wanted: Any) -> set[int]:
    """The first page as the list asks for it."""
    access, asked = world.actor(eyes).access, inbox.Wanted(**wanted)
    reach = inbox.reach_of(access, asked.state)
    rows, _ = inbox.matching(inbox.visible(access, reach), asked, access.account_id)
    found, _, _ = inbox.page(
        inbox.in_state(rows, asked.state), by_due=asked.state == inbox.DUE, unions=reach.unions,
        paused=asked.state == inbox.PAUSED, walked=reach.trade, each=inbox.by_union(asked),
    )  # fmt: skip
    return {one.pk for one in found}


def by_union(world: World, eyes: str) -> set[int]:
    """Cases of the unions that the reader's prefixes hold, read off the unions themselves."""
    prefixes = world.actor(eyes).access.prefixes("cases.view")
    rows = Case.objects.everywhere(reason=WHY).select_related("organisation").open()
    return {one.pk for one in rows if any(p.startswith(f) for p in one.organisation.paths for f in prefixes)}


def test_every_reader_sees_the_cases_of_his_unions_whichever_index_answers(
    opened: Opener, world: World
) -> None:
    for name in ("alpha", "beta", "gamma", "delta", "pier", "west"):
        opened(organisation=world.unions[name])
    shown = {eyes: by_union(world, eyes) for eyes in EYES}
    assert {len(found) for found in shown.values()} >= {1, 3, 5, 6}
    assert {eyes: listed(world, eyes) for eyes in EYES} == shown
    access = world.actor("pier_officer").access
    reach = inbox.reach_of(access)
    assert (reach.unions, reach.trade) == ((), "")
    assert 'LEFT("cases_case"."path", 16)' in str(inbox.visible(access, reach).query)
    trade = world.actor("transport_officer").access
    assert inbox.reach_of(trade).trade == world.unions["transport"].path
    every = inbox.reach_of(trade, inbox.ALL)
    assert (every.trade, world.unions["transport"].pk in every.unions) == ("", True)


def test_a_case_follows_its_union_and_the_one_to_which_it_is_given(opened: Opener, world: World) -> None:
    moved, given = opened(organisation=world.unions["beta"]), opened()
    core.hand_over(world.actor("chair_alpha"), given, world.unions["gamma"], reason="单位在山前街道")
    assert listed(world, "pier_officer") == {moved.pk}
    unions.move(
        system_actor(),
        organisation=world.unions["beta"],
        parent=world.unions["hill"],
        on=timezone.localdate(),
    )
    assert listed(world, "pier_officer") == set()
    for case in (moved, given):
        case.refresh_from_db()
        assert (case.path, case.second_path) == (case.organisation.path, case.organisation.second_path)


def test_a_case_without_a_place_is_refused(opened: Opener) -> None:
    case = opened()
    with pytest.raises(IntegrityError, match="case_placed"), transaction.atomic():
        Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(path="")


@pytest.mark.parametrize(("often", "named"), [(1, 2_000), (99, 1), (99, 2_000)])
def test_words_find_the_same_cases_named_or_read_one_by_one(
    opened: Opener, world: World, monkeypatch: pytest.MonkeyPatch, often: int, named: int
) -> None:
    monkeypatch.setattr(search, "OFTEN", often)
    monkeypatch.setattr(search, "NAMED", named)
    wage = [opened(statement="三个月没发工资").pk for _ in range(2)]
    hurt, elsewhere = (
        opened(statement="叉车压伤脚"),
        opened(statement="没发工资", organisation=world.unions["delta"]),
    )
    core.write(world.actor("chair_alpha"), hurt, "note", "工资照发")
    assert search.look_up("工资").frequent == (named == 1 or often == 1)
    assert listed(world, "pier_officer", words="工资") == {*wage, hurt.pk}
    assert listed(world, "chair_delta", words="工资") == {elsewhere.pk}
    assert listed(world, "pier_officer", words="没发 工资") == set(wage)
    assert listed(world, "pier_officer", words="不存在") == set()
    assert listed(world, "pier_officer", words=hurt.number.lower()) == {hurt.pk}
    assert listed(world, "pier_officer", words=elsewhere.number) == set()
    assert listed(world, "pier_officer", words="。") == {*wage, hurt.pk}


def test_counts_are_true_or_said_to_be_broken_off(opened: Opener, world: World) -> None:
    cases = [opened() for _ in range(5)]
    every = Case.objects.everywhere(reason=WHY)
    every.filter(pk=cases[0].pk).update(due_at=None)
    every.filter(pk=cases[1].pk).update(due_at=timezone.now() - timedelta(days=1))
    access, bounds = world.actor("pier_officer").access, inbox.Bounds.at(timezone.now(), Calendar())
    rows = inbox.visible(access, inbox.reach_of(access))
    with CaptureQueriesContext(connection) as asked:
        found, total = inbox.counts(rows, inbox.Wanted(), bounds)
    assert len(asked) == 1
    assert (found["red"], found["amber"] + found["green"], found["paused"], total) == (1, 3, 1, 4)
    every.filter(pk=cases[3].pk).update(due_at=None)
    paused, older, newer = inbox.page(inbox.in_state(rows, inbox.PAUSED), by_due=False, paused=True, size=1)
    assert (paused[0].pk, newer) == (cases[3].pk, "")
    after, _, back = inbox.page(
        inbox.in_state(rows, inbox.PAUSED), by_due=False, paused=True, size=1, after=older
    )
    assert (after[0].pk, back) == (cases[0].pk, str(cases[0].pk))
    assert inbox.counts(rows, inbox.Wanted(light="red"), bounds)[1] == 1
    assert inbox.counts(rows, inbox.Wanted(state=inbox.ALL), bounds)[1] == 5
    assert inbox.counts(rows.none(), inbox.Wanted(), bounds)[1] == 0
    found, total = inbox.counts(rows, inbox.Wanted(), bounds, most=1)
    assert [number(one) for one in (found["red"], total)] == ["1", "2 以上"]


def test_a_page_asks_few_statements(opened: Opener, world: World) -> None:
    opened()
    access = world.actor("pier_officer").access
    listed(world, "pier_officer")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        reach = inbox.reach_of(access)
        rows, _ = inbox.matching(inbox.visible(access, reach), inbox.Wanted(words="工资"), access.account_id)
        inbox.page(rows, by_due=True, unions=reach.unions, each=False)
    assert len(asked) <= 8
