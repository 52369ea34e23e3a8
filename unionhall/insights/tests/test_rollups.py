"""Rollups against the plain GROUP BY of the registry: after whatever happened, folded or not, on any day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
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
    found += [by for by in BY if figures.breakdown("members.count", place, by) != live[by]]
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


PLACES = ("province", "river_city", "east", "west", "pier", "alpha", "transport", "gorge_city")


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(seed=1, steps=[0, 6, 1, 2, 4, 5, 7])
@example(seed=2, steps=[6, 8, 9, 3, 10, 11, 6, 12, 7])
@given(seed=st.integers(0, 10**6), steps=st.lists(st.integers(0, 12), min_size=4, max_size=8))
def test_rollups_equal_the_register_whatever_happens(
    world: World, tmp_path: Path, seed: int, steps: list[int]
) -> None:
    random = Random(seed)

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


@pytest.mark.parametrize("eyes", ["river_officer", "transport_officer"])
def test_figures_stay_within_the_actors_scope(world: World, eyes: str) -> None:
    """What moved out of sight is not counted for a day on which it stood below: the list does not show it either."""
    today = timezone.localdate()
    tree.move(system_actor(), organisation=world.unions["alpha"], parent=world.unions["dam"], on=today)
    access = world.actor(eyes).access
    for name in ("province", "river_city", "east", "dam", "transport"):
        union = Organisation.objects.everywhere(reason=WHY).get(pk=world.unions[name].pk)
        for day in (None, today - timedelta(days=30)):
            assert differences(where(union, day, access), deep=name == "river_city") == [], (name, day)


def test_members_of_a_past_day_come_from_the_rollup(world: World) -> None:
    """Shown by spoiling it: what is not asked of the register cannot notice."""
    past = timezone.localdate() - timedelta(days=30)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE insights_memberflow SET members = members + 1")
        cursor.execute("UPDATE insights_membertotal SET members = members + 1")
        cursor.execute("UPDATE insights_workcell SET n = n + 1")
    for day in (None, past):
        place = where(world.unions["river_city"], day)
        assert figures.values(["members.count"], place) != registry.values(["members.count"], place)
        assert figures.by_child(ALL, place) != drilling.by_child(ALL, place)
        assert figures.trend(ALL, place, 3)[-1][1] == figures.values(ALL, place)
    place = where(world.unions["river_city"], past)
    assert figures.breakdown("members.count", place, "form") == registry.breakdown(
        "members.count", place, "form"
    )
    now = where(world.unions["river_city"])
    assert figures.breakdown("members.count", now, "form") != registry.breakdown("members.count", now, "form")
    count, first = rollups.check(most=3)
    assert count > 20
    assert len(first) == 3
    assert rollups.rebuild() == count
    assert rollups.check() == (0, [])


def test_a_register_from_before_is_counted_live_until_it_is_built(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insights_rollupstate")
        cursor.execute("DELETE FROM insights_membertotal")
    assert not rollups.is_trusted()
    for day in (None, timezone.localdate() - timedelta(days=30)):
        for union in ("province", "river_city", "transport"):
            assert differences(where(world.unions[union], day)) == []
    assert rollups.fold()
    assert rollups.is_trusted()
    assert rollups.check() == (0, [])


def test_what_cancels_out_is_not_kept(world: World) -> None:
    deltas = CellDelta.objects.everywhere(reason=WHY), FlowDelta.objects.everywhere(reason=WHY)
    person = world.people["beta_1"]
    members.edit_person(system_actor(), person=person, ethnicity="03")
    assert [rows.count() for rows in deltas] == [0, 0]
    members.edit_person(system_actor(), person=person, education="10")
    assert sorted(deltas[0].values_list("face", "education", "n")) == [
        ("learning", "10", 1),
        ("learning", "20", -1),
    ]
    assert deltas[1].count() == 0
    members.edit_person(system_actor(), person=person, education="20")
    rollups.fold()
    assert [rows.count() for rows in deltas] == [0, 0]
    assert rollups.check() == (0, [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM insights_learningcell WHERE n = 0")
        assert cursor.fetchone() == (0,)


def test_a_change_is_counted_once(world: World) -> None:
    one, other = world.people["beta_1"].pk, world.people["beta_2"].pk
    with (
        pytest.raises(RuntimeError, match="counted already"),
        tallying.of_person(one),
        tallying.of_person(other),
    ):
        pass
    with tallying.of_person(one):
        pass


@pytest.mark.parametrize("union", ["province", "river_city", "east", "transport"])
def test_reading_costs_the_same_however_many_members(
    world: World, union: str, django_assert_max_num_queries: Any
) -> None:
    place = where(world.unions[union])
    past = where(world.unions[union], timezone.localdate() - timedelta(days=30))
    # An industry union's two chains are read as one; who is in both is asked for besides.
    chains = 1 if union == "transport" else 0
    with django_assert_max_num_queries(1 + chains):
        figures.values(ALL, place)
    with django_assert_max_num_queries(2 + chains):
        figures.values(ALL, past)
    with django_assert_max_num_queries(3 + 2 * chains):
        figures.trend(ALL, place)
    with django_assert_max_num_queries(6 * (1 + 2 * chains)):
        figures.breakdowns("members.count", place)
    with django_assert_max_num_queries(2):
        figures.breakdowns("members.count", past)
    if not chains:
        with django_assert_max_num_queries(5):
            figures.by_child(ALL, place)
        with django_assert_max_num_queries(6):
            figures.by_child(ALL, past)


def test_reading_uses_the_indexes(world: World) -> None:
    """Every table of the reading statements is entered by an index on its path, when scanning it is not for free."""
    spot = reading.Spot(world.unions["river_city"].path)
    past = reading.Spot(spot.path, spot.chain, timezone.localdate())
    asked: list[Callable[[], object]] = [
        lambda: reading.today([spot]), lambda: reading.as_of([past]), lambda: reading.cells("age", spot),
    ]  # fmt: skip
    for ask in asked:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ask()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + seen.captured_queries[0]["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        scanned = [line for line in plan.split("\n") if "Seq Scan" in line and "rollupstate" not in line]
        assert scanned == [], plan
        assert "Index Cond" in plan


def test_a_large_change_asks_for_folding_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tallying, "_folding", [lambda: asked.append(1)])
    tree.move(
        system_actor(), organisation=world.unions["alpha"], parent=world.unions["hill"], on=date(2026, 1, 5)
    )
    assert asked == []
    monkeypatch.setattr(tallying, "MANY", 2)
    tree.move(
        system_actor(), organisation=world.unions["beta"], parent=world.unions["hill"], on=date(2026, 1, 5)
    )
    assert asked == [1]


def test_people_without_birth_date_or_work_are_unknown_everywhere(world: World) -> None:
    person = world.people["beta_1"]
    with tallying.of_person(person.pk):
        Person.objects.everywhere(reason=WHY).filter(pk=person.pk).update(birth=None, education="")
        person.employments.everywhere(reason=WHY).all().delete()
    place = where(world.unions["east"])
    assert differences(place) == []
    for by in ("age", "education", "status", "form"):
        assert dict(figures.breakdown("members.count", place, by))[""] == 1
