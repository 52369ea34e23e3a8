"""The list of cases: who sees which by the copied paths, and words by either way of looking for them."""

from collections.abc import Callable
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
    rows, _ = inbox.matching(inbox.visible(access), asked, access.account_id)
    found, _, _ = inbox.page(
        inbox.in_state(rows, asked.state), by_due=asked.state == inbox.DUE, unions=inbox.unions_of(access),
        each=inbox.by_union(asked),
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
    assert inbox.unions_of(access) == []
    assert 'LEFT("cases_case"."path", 16)' in str(inbox.visible(access).query)


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


def test_a_page_asks_few_statements(opened: Opener, world: World) -> None:
    opened()
    access = world.actor("pier_officer").access
    listed(world, "pier_officer")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rows, _ = inbox.matching(inbox.visible(access), inbox.Wanted(words="工资"), access.account_id)
        inbox.page(rows, by_due=True, unions=inbox.unions_of(access), each=False)
    assert len(asked) <= 8
