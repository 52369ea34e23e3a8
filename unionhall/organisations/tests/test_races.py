"""Several hands on the tree at the same moment, each on its own connection: it stays whole, and copies follow."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from tests.world import World, ensure
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.intake import committing
from unionhall.members.models import Membership
from unionhall.members.tests import intake_files
from unionhall.members.tests.intake_steps import checked, committed
from unionhall.organisations import actions, tree
from unionhall.organisations.kinds import Chain
from unionhall.organisations.models import Organisation, Placement

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "a test reads the tables directly"
DAY = date(2024, 5, 1)


@pytest.fixture
def world(transactional_db: None) -> World:
    return ensure()


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call answered or raised, all started together."""
    barrier = Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = call()
        except Exception as raised:  # the test looks at it
            results[place] = raised
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a deadlock that nobody broke"
    return results


def move(world: World, union: str, parent: str) -> Callable[[], Organisation]:
    return lambda: actions.move(
        system_actor(), organisation=world.unions[union], parent=world.unions[parent], on=DAY
    )


def establish(world: World, number: int, parent: str) -> Callable[[], Organisation]:
    return lambda: actions.establish(
        system_actor(),
        name=f"第{number}新工会",
        kind="grassroots",
        level=5,
        parent=world.unions[parent],
        division="420103001",
        on=DAY,
    )


def assert_whole() -> None:
    """Every path continues the superior's, the open placement says the same, and every copy follows."""
    unions = Organisation.objects.everywhere(reason=WHY)
    for one in unions.select_related("parent").filter(parent__isnull=False):
        assert one.parent is not None
        assert one.path[:-4] == one.parent.path, one
    placed = Placement.objects.everywhere(reason=WHY).filter(
        chain=Chain.REGION, period__endswith=None, period__isempty=False
    )
    assert not placed.exclude(path=F("organisation__path")).exists()
    assert not placed.exclude(parent=F("organisation__parent")).exclude(organisation__parent=None).exists()
    paths = list(unions.values_list("path", flat=True))
    assert len(set(paths)) == len(paths)
    copies = Membership.objects.everywhere(reason=WHY)
    assert not copies.exclude(
        path=F("organisation__path"), second_path=F("organisation__second_path")
    ).exists()


def test_two_moves_of_nested_unions_at_once(world: World) -> None:
    results = at_once(move(world, "pier", "west"), move(world, "alpha", "hill"))
    assert [one for one in results if isinstance(one, Exception)] == []
    for union in world.unions.values():
        union.refresh_from_db()
    assert world.unions["pier"].path.startswith(world.unions["west"].path)
    assert world.unions["beta"].path.startswith(world.unions["pier"].path)
    assert world.unions["alpha"].path.startswith(world.unions["hill"].path)
    assert world.unions["alpha_night"].path.startswith(world.unions["alpha"].path)
    assert_whole()


def test_two_moves_of_one_union_at_once_leave_one_open_place(world: World) -> None:
    results = at_once(move(world, "alpha", "hill"), move(world, "alpha", "dam"))
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)] == []
    rows = Placement.objects.everywhere(reason=WHY).filter(
        organisation=world.unions["alpha"], chain=Chain.REGION, period__endswith=None, period__isempty=False
    )
    assert rows.count() == 1
    assert_whole()


def test_four_unions_founded_under_one_superior_at_once(world: World) -> None:
    results = at_once(*(establish(world, number, "pier") for number in range(4)))
    made = [one for one in results if isinstance(one, Organisation)]
    assert len(made) == 4, results
    assert len({one.code for one in made}) == 4
    assert len({one.path for one in made}) == 4
    assert_whole()


def test_a_union_founded_while_its_superior_moves_stands_under_it(world: World) -> None:
    results = at_once(move(world, "pier", "west"), *(establish(world, number, "pier") for number in range(3)))
    unexpected = [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert unexpected == []
    assert isinstance(results[0], Organisation)
    assert_whole()


def test_a_move_waits_for_an_intake_that_copies_paths(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intake writes paths into memberships in one long statement: meanwhile no union changes its place."""
    batch = checked(world, intake_files.text(tmp_path / "a.csv", intake_files.roster(60)))
    writing, moved = Event(), Event()
    real = committing.write
    early: list[bool] = []

    def slow(*args: Any, **options: Any) -> int:
        writing.set()
        early.append(moved.wait(1.5))
        return real(*args, **options)

    def mover() -> None:
        writing.wait(30)
        move(world, "alpha", "hill")()
        moved.set()

    monkeypatch.setattr(committing, "write", slow)
    results = at_once(lambda: committed(batch), mover)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert early == [False], "the union moved in the middle of the intake"
    assert moved.is_set()
    world.unions["alpha"].refresh_from_db()
    rows = Membership.objects.everywhere(reason=WHY).filter(batch=batch)
    assert rows.count() == 60
    assert rows.filter(path=world.unions["alpha"].path).count() == 60
    assert_whole()


def test_who_waits_too_long_is_told_to_come_again(world: World) -> None:
    holding, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            tree.keep_still()
            holding.set()
            done.wait(30)

    def ask() -> None:
        holding.wait(30)
        try:
            with transaction.atomic():
                tree.hold_for_change(1)
        finally:
            done.set()

    _, refusal = at_once(hold, ask)
    assert isinstance(refusal, Refused)
    assert "请几分钟后再试" in str(refusal)
