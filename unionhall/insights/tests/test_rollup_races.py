"""Folding and rebuilding while others write: nothing is lost, nothing counted twice, nobody waits for nobody."""

import time
from collections.abc import Callable
from datetime import date
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tests.world import World, resident_id
from unionhall.foundation.actors import SystemAccess, system_actor
from unionhall.indicators import registry
from unionhall.insights import drilling, figures, rollups
from unionhall.members import actions as members
from unionhall.members import tallying
from unionhall.members.models import Membership
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "tests look at everything"


def beside(*calls: Callable[[], object]) -> list[BaseException]:
    """Run all at once, each on a connection of its own; answers what was raised."""
    raised: list[BaseException] = []

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        except BaseException as error:  # the test looks at it
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def joins(world: World, union: str, first: int, count: int) -> None:
    for serial in range(first, first + count):
        held = members.register_member(
            system_actor(), organisation=world.unions[union], on=date(2026, 3, serial % 20 + 1), name="陈新来",
            id_type="01", id_number=resident_id(date(1990, 1, 1 + first % 28), "12"[serial % 2], serial),
        )  # fmt: skip
        if serial % 3 == 0:
            members.retain(system_actor(), membership=held, on=date(2026, 4, 1), reason="测试")


def test_folding_and_rebuilding_while_others_write(world: World) -> None:
    done = Event()

    def write(union: str, first: int) -> None:
        joins(world, union, first, 8)

    def fold() -> None:
        while not done.is_set():
            rollups.fold()

    def rebuild() -> None:
        while not done.is_set():
            rollups.rebuild()
            time.sleep(0.02)

    def to_and_fro() -> None:
        for day, parent in enumerate(("hill", "pier", "hill"), start=1):
            union = Organisation.objects.everywhere(reason=WHY).get(pk=world.unions["beta"].pk)
            tree.move(system_actor(), organisation=union, parent=world.unions[parent], on=date(2026, 5, day))

    def everything() -> None:
        raised.extend(
            beside(
                lambda: write("alpha", 1), lambda: write("beta", 11), lambda: write("beta", 21), to_and_fro
            )
        )
        done.set()

    raised: list[BaseException] = []
    raised += beside(everything, fold, rebuild)
    assert raised == []
    assert rollups.check() == (0, [])
    assert rollups.fold() is not None
    assert rollups.check() == (0, [])
    place = drilling.place(
        Organisation.objects.everywhere(reason=WHY).get(pk=world.unions["province"].pk), SystemAccess()
    )
    assert figures.values(list(figures.ROLLED), place) == registry.values(list(figures.ROLLED), place)
    assert figures.values(["members.count"], place) == {"members.count": 7 + 24}


def test_what_is_not_committed_waits_and_only_one_folds_at_a_time(world: World) -> None:
    with transaction.atomic():
        assert rollups.fold() == 0
        answers: list[int | None] = []
        assert beside(lambda: answers.append(rollups.fold())) == []
        assert answers == [None]
    written, folded = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            joins(world, "alpha", 1, 1)
            written.set()
            assert folded.wait(20)

    def fold() -> None:
        assert written.wait(20)
        try:
            assert rollups.fold() == 0
            assert rollups.rebuild() == 0
        finally:
            folded.set()

    assert beside(write, fold) == []
    place = drilling.place(world.unions["province"], SystemAccess())
    assert figures.values(["members.count"], place) == {"members.count": 8}
    assert rollups.check() == (0, [])
    assert (rollups.fold() or 0) > 0
    assert figures.values(["members.count"], place) == {"members.count": 8}


def test_a_change_and_a_move_of_the_union_take_turns(world: World) -> None:
    """Someone is edited while their union moves: both count the same person, one after the other."""
    inside, edited = Event(), Event()
    person = world.people["beta_1"]

    def edit() -> None:
        with transaction.atomic(), tallying.of_person(person.pk):
            inside.set()
            edited.wait(1)
            type(person).objects.everywhere(reason=WHY).filter(pk=person.pk).update(education="10", sex="2")

    def move() -> None:
        assert inside.wait(20)
        union = world.unions["beta"]
        tree.move(system_actor(), organisation=union, parent=world.unions["hill"], on=date(2026, 5, 1))

    assert beside(edit, move) == []
    held = Membership.objects.everywhere(reason=WHY).current().get(person=person)
    assert held.path.startswith(world.unions["hill"].path)
    assert rollups.check() == (0, [])
