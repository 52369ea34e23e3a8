"""Rollups against the plain GROUP BY of the registry: after whatever happened, folded or not, on any day, for any eyes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World, resident_id
from unionhall.foundation.actors import SystemAccess, system_actor
from unionhall.foundation.errors import Refused
from unionhall.indicators import registry
from unionhall.insights import drilling, figures, reading, rollups
from unionhall.members import actions as members
from unionhall.members import tallying
from unionhall.members.models import CellDelta, FlowDelta, Membership, Person, RosterBatch
from unionhall.members.tests.intake_files import roster, text
from unionhall.members.tests.intake_steps import checked, committed, undone
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Organisation
from unionhall.organising.actions import reorganising

pytestmark = pytest.mark.django_db
WHY = "tests look at everything"
ALL = list(figures.ROLLED)
BY = ("sex", "age", "education", "status", "form", "migrant")


def where(union: Organisation, day: date | None = None, access: Any = None) -> drilling.Place:
    return drilling.place(union, access or SystemAccess(), day)


def differences(place: drilling.Place, deep: bool = True) -> list[str]:
    """What the rollups say otherwise than a count of the records does."""
    found = []
    if figures.values(ALL, place) != registry.values(ALL, place):
        found.append(f"values {figures.values(ALL, place)} != {registry.values(ALL, place)}")
    if figures.by_child(ALL, place) != drilling.by_child(ALL, place):
        found.append("by_child")
    if not deep:
        return found
    live = registry.breakdowns("members.count", place)
    if figures.breakdowns("members.count", place) != live:
        found.append("breakdowns")
    for by in BY:
        if figures.breakdown("members.count", place, by) != live[by]:
            found.append(f"breakdown {by}")
    for day, row in figures.trend(ALL, place, 4):
        if row != registry.values(ALL, drilling.place(place.organisation, place.access, day)):
            found.append(f"trend {day}")
    return found


@contextmanager
def undone_afterwards() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Happenings:
    """Things that happen to a register, each chosen by chance; what is refused did not happen."""

    def __init__(self, world: World, random: Random, folder: Path) -> None:
        self.world, self.random, self.folder = world, random, folder
        self.actor = system_actor()
        self.today = timezone.localdate()
        self.serial = count(100)
        self.batches: list[RosterBatch] = []

    @property
    def verbs(self) -> list[Callable[[], object]]:
        return [
            self.admit, self.move, self.standing, self.end, self.edit, self.employ, self.take_in, self.take_back,
            self.move_union, self.merge, self.split, self.dissolve, self.fold,
        ]  # fmt: skip

    def union(self, *kinds: str) -> Organisation:
        rows = Organisation.objects.everywhere(reason=WHY).active().filter(kind__in=kinds).order_by("pk")
        return self.random.choice(list(rows))

    def base(self) -> Organisation:
        return self.union("grassroots", "street", "branch")

    def day(self) -> date:
        return self.today - timedelta(days=self.random.choice([0, 1, 3, 20, 40, 70, 400]))

    def member(self) -> Membership:
        rows = Membership.objects.everywhere(reason=WHY).current().order_by("pk")
        return self.random.choice(list(rows))

    def admit(self) -> None:
        birth = date(self.random.randint(1960, 2000), 12, self.random.choice([30, 31]))
        sex = self.random.choice("12")
        number = resident_id(birth, sex, next(self.serial))
        members.register_member(
            self.actor, organisation=self.base(), on=self.day(), form=self.random.choice("15"), name="陈新来",
            id_type="01", id_number=number, phone=None, migrant_worker=self.random.random() < 0.5,
        )  # fmt: skip

    def move(self) -> None:
        members.move(self.actor, membership=self.member(), destination=self.base(), on=self.day())

    def standing(self) -> None:
        one = self.member()
        verb = members.retain if one.standing == "active" else members.resume
        verb(self.actor, membership=one, on=self.day(), reason="测试")

    def end(self) -> None:
        members.end(self.actor, membership=self.member(), on=self.day(), exit="withdrawal", reason="测试")

    def edit(self) -> None:
        change: dict[str, Any] = self.random.choice(
            [{"education": "10"}, {"education": "70"}, {"migrant_worker": True}, {"migrant_worker": False}]
        )
        person = self.member().person
        if self.random.random() < 0.4:
            change = {"id_number": resident_id(date(1983, 4, 5), self.random.choice("12"), next(self.serial))}
        members.edit_person(self.actor, person=person, **change)

    def employ(self) -> None:
        members.change_employment(
            self.actor, person=self.member().person, on=self.day(), work_unit="新单位",
            form=self.random.choice("155"), status=self.random.choice("124"),
        )  # fmt: skip

    def take_in(self) -> None:
        """New people, people of before with other facts, people who left and come back."""
        rows = roster(5, seed=self.random.choice([5, 6]))
        for row in rows[1:]:
            if self.random.random() < 0.4:
                row[4] = "小学"
        path = text(self.folder / f"{next(self.serial)}.csv", rows)
        union = Organisation.objects.everywhere(reason=WHY).get(pk=self.union("grassroots", "street").pk)
        world = World(unions={"alpha": union})
        batch = checked(world, path)
        if batch.counts.get("new") or batch.counts.get("changed"):
            self.batches.append(committed(batch))

    def take_back(self) -> None:
        if self.batches:
            undone(self.batches.pop(self.random.randrange(len(self.batches))))

    def move_union(self) -> None:
        one = self.union("grassroots", "street", "branch", "industry")
        if one.kind == "grassroots" and self.random.random() < 0.4:
            parent = self.random.choice([None, self.union("industry")])
            tree.move(self.actor, organisation=one, parent=parent, on=self.day(), chain="industry")
            return
        kinds = {"grassroots": ("street",), "street": ("federation",), "branch": ("grassroots",)}
        parent = self.union(*kinds.get(one.kind, ("federation",)))
        tree.move(self.actor, organisation=one, parent=parent, on=self.day())

    def merge(self) -> None:
        reorganising.merge_unions(
            self.actor, organisation=self.union("grassroots"), into=self.union("grassroots"), on=self.day(),
            document="测试〔2026〕1号",
        )  # fmt: skip

    def split(self) -> None:
        one = self.union("grassroots")
        held = [row.employer for row in one.coverages.filter(period__upper_inf=True)]
        reorganising.split_union(
            self.actor, organisation=one, name=f"分立{next(self.serial)}工会", on=self.day(), employers=held,
            document="测试〔2026〕2号",
        )  # fmt: skip

    def dissolve(self) -> None:
        reorganising.dissolve_union(
            self.actor, organisation=self.union("grassroots"), on=self.day(), reason="测试", document="x",
            destination=self.union("grassroots", "street"), disposal=self.random.choice(["moved", "retained"]),
        )  # fmt: skip

    def fold(self) -> None:
        rollups.fold()


PLACES = ("province", "river_city", "east", "west", "pier", "transport", "gorge_city")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), steps=st.lists(st.integers(0, 12), min_size=4, max_size=8))
def test_rollups_equal_the_register_whatever_happens(
    world: World, tmp_path: Path, seed: int, steps: list[int]
) -> None:
    random = Random(seed)  # noqa: S311

    def chosen() -> drilling.Place:
        pk = world.unions[random.choice(PLACES)].pk
        day = random.choice([None, timezone.localdate() - timedelta(days=random.choice([2, 25, 60, 500]))])
        return where(Organisation.objects.everywhere(reason=WHY).get(pk=pk), day)

    with undone_afterwards():
        life = Happenings(world, random, tmp_path)
        for step in steps:
            verb = life.verbs[step]
            try:
                with transaction.atomic():
                    verb()
            except Refused:
                continue
            place = chosen()
            assert differences(place, deep=False) == [], (verb.__name__, place)
        place = chosen()
        assert rollups.check() == (0, [])
        assert differences(place) == [], (place, "not folded")
        rollups.fold()
        assert rollups.check() == (0, [])
        assert differences(place) == [], (place, "folded")
