"""Figures against plain Python over the same world: values, breakdowns, drilling, days in the past, scope."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import PEOPLE, World
from unionhall.foundation.actors import SystemAccess, system_actor
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.kit.periods import age_on
from unionhall.members.indicators import AGE_BANDS
from unionhall.organisations import actions

pytestmark = pytest.mark.django_db
ALL = ["members.count", "members.women", "members.migrant", "members.new_form", "members.retained"]


def where(world: World, union: str, day: date | None = None, access: Any = None) -> drilling.Place:
    return drilling.place(world.unions[union], access or SystemAccess(), day)


def inside(world: World, union: str) -> list[str]:
    """Keys of the people below a union, from the fixture's own table."""
    prefix = world.unions[union].path
    return [key for key, row in PEOPLE.items() if row[3] and world.unions[row[3]].path.startswith(prefix)]


@pytest.mark.parametrize("union", ["province", "river_city", "east", "pier", "alpha", "delta"])
def test_values_equal_plain_counts(world: World, union: str) -> None:
    keys = inside(world, union)
    people = [world.people[key] for key in keys]
    found = registry.values(ALL, where(world, union))
    assert found["members.count"] == len(people)
    assert found["members.women"] == sum(person.sex == "2" for person in people)
    assert found["members.migrant"] == sum(person.migrant_worker for person in people)
    assert found["members.new_form"] == sum(PEOPLE[key][3].startswith("alpha") for key in keys)  # type: ignore[union-attr]
    assert found["members.retained"] == 0


def test_figures_over_the_same_records_are_one_query(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        registry.values(ALL, where(world, "province"))


@pytest.mark.parametrize("by", ["sex", "age", "education", "status", "form", "migrant"])
@pytest.mark.parametrize("past", [False, True])
def test_breakdowns_sum_to_the_value_in_one_query(
    world: World, by: str, past: bool, django_assert_num_queries: Any
) -> None:
    place = where(world, "province", timezone.localdate() - timedelta(days=30) if past else None)
    with django_assert_num_queries(2 if past else 1):
        rows = registry.breakdown("members.count", place, by)
    assert sum(count for _, count in rows) == registry.value("members.count", place) == 7


def test_age_bands_follow_birthdays(world: World) -> None:
    today = timezone.localdate()
    ages = [age_on(world.people[key].birth, today) for key in inside(world, "province")]  # type: ignore[arg-type]
    expected = Counter(
        code
        for age in ages
        for code, _, low, high in AGE_BANDS
        if low <= age and (high is None or age < high)
    )
    assert dict(registry.breakdown("members.count", where(world, "province"), "age")) == dict(expected)


@pytest.mark.parametrize("past", [False, True])
def test_children_add_up_to_the_whole(world: World, past: bool) -> None:
    day = timezone.localdate() - timedelta(days=5) if past else None
    for union in ("province", "river_city", "east", "pier"):
        place = where(world, union, day)
        rows = drilling.by_child(["members.count", "organisations.unions", "organisations.employees"], place)
        # An industry union beside the regional ones is a child in the region, but counts its chain.
        beside = [row for row in rows if row.beside]
        assert [row.organisation for row in beside] == (
            [world.unions["transport"]] if union == "river_city" else []
        )
        rows = [row for row in rows if not row.beside]
        assert sum(row.figures["members.count"] for row in rows) == registry.value("members.count", place)
        below = registry.value("organisations.unions", place) - 1 - len(beside)
        assert sum(row.figures["organisations.unions"] for row in rows) == below
        employees = registry.value("organisations.employees", place)
        assert sum(row.figures["organisations.employees"] for row in rows) == employees


def test_a_move_changes_today_and_not_the_past(world: World) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    before = registry.value("members.count", where(world, "pier"))
    actions.move(
        system_actor(),
        organisation=world.unions["alpha"],
        parent=world.unions["hill"],
        on=timezone.localdate(),
    )
    for union in world.unions.values():
        union.refresh_from_db()
    assert registry.value("members.count", where(world, "pier")) == before - 3
    assert registry.value("members.count", where(world, "hill")) == 1 + 3
    assert registry.value("members.count", where(world, "pier", yesterday)) == before
    assert registry.value("members.count", where(world, "hill", yesterday)) == 1
    rows = drilling.by_child(["members.count"], where(world, "pier", yesterday))
    assert {row.organisation.pk: row.figures["members.count"] for row in rows} == {
        world.unions["alpha"].pk: 3,
        world.unions["beta"].pk: 2,
    }


def test_an_industry_union_counts_its_chain(world: World) -> None:
    today, past = (
        where(world, "transport"),
        where(world, "transport", timezone.localdate() - timedelta(days=9)),
    )
    for place in (today, past):
        assert registry.value("members.count", place) == 3
        rows = drilling.by_child(["members.count"], place)
        assert [(row.organisation.pk, row.figures["members.count"]) for row in rows] == [
            (world.unions["alpha"].pk, 3)
        ]


@pytest.mark.parametrize("past", [False, True])
def test_an_industry_union_among_regional_ones_counts_its_chain_beside_them(
    world: World, past: bool, django_assert_num_queries: Any
) -> None:
    day = timezone.localdate() - timedelta(days=5) if past else None
    place = where(world, "river_city", day)
    rows = {row.organisation.pk: row for row in drilling.by_child(ALL, place)}
    beside = rows[world.unions["transport"].pk]
    assert beside.beside
    assert beside.figures == registry.values(ALL, where(world, "transport", day))
    assert beside.figures["members.count"] == 3
    regional = sum(row.figures["members.count"] for row in rows.values() if not row.beside)
    assert regional == registry.value("members.count", place) == 6


def test_many_industry_unions_are_counted_in_one_query(world: World, django_assert_num_queries: Any) -> None:
    for number in range(3):
        actions.establish(
            system_actor(), name=f"江城市第{number}产业工会", kind="industry", level=2,
            parent=world.unions["river_city"], division="4201", on=date(2025, 1, 1),
        )  # fmt: skip
    with django_assert_num_queries(4):
        rows = drilling.by_child(ALL, where(world, "river_city"))
    assert sum(row.beside for row in rows) == 4


def test_a_chain_that_leads_out_of_scope_and_has_no_members_yet_counts_nobody(world: World) -> None:
    """A city's industry union under the province's: the city's officer sees it with noughts."""
    system, on = system_actor(), date(2025, 1, 1)
    above = actions.establish(
        system, name="鄂北省建设工会", kind="industry", level=1, parent=world.unions["province"], division="42",
        on=on,
    )  # fmt: skip
    actions.establish(
        system, name="江城市建设工会", kind="industry", level=2, parent=world.unions["river_city"],
        industry_parent=above, division="4201", on=on,
    )  # fmt: skip
    client = Client()
    client.force_login(world.accounts["river_officer"])
    answer = client.get("/desk/figures/")
    assert answer.status_code == 200
    assert "江城市建设工会" in answer.content.decode()


def test_the_page_marks_industry_unions_and_says_what_is_not_added_twice(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["river_officer"])
    text = client.get("/desk/figures/").content.decode()
    assert "标“产业”的是产业工会" in text
    assert text.count(">产业<") == 1
    text = client.get(f"/desk/figures/?under={world.unions['east'].code}").content.decode()
    assert "标“产业”的是产业工会" not in text


def test_a_long_table_of_unions_below_is_cut_and_leads_to_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unionhall.insights.board.SHOWN", 1)
    client = Client()
    client.force_login(world.accounts["river_officer"])
    text = client.get(f"/desk/figures/?under={world.unions['pier'].code}").content.decode()
    assert "只列出前 1 个" in text
    assert f'href="/desk/orgs/?under={world.unions["pier"].code}"' in text
    assert world.unions["alpha"].name in text
    assert world.unions["beta"].name not in text


def test_counts_stay_within_the_actors_scope(world: World) -> None:
    access = world.actor("east_officer").access
    assert registry.value("members.count", where(world, "province", access=access)) == 5
    assert registry.value("members.count", where(world, "gorge_city", access=access)) == 0


@pytest.mark.parametrize("children", [1, 3])
def test_drilling_costs_the_same_for_one_child_and_for_three(
    world: World, children: int, django_assert_num_queries: Any
) -> None:
    for number in range(children):
        actions.establish(
            system_actor(), name=f"第{number}新工会", kind="grassroots", level=5, parent=world.unions["dam"],
            division="420502001", on=date(2025, 1, 1),
        )  # fmt: skip
    with django_assert_num_queries(5):
        rows = drilling.by_child(
            [*ALL, "organisations.unions", "organisations.employers"], where(world, "dam")
        )
    assert len(rows) == children + 1


def test_the_page_drills_and_links_to_the_list(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["river_officer"])
    text = client.get("/desk/figures/").content.decode()
    assert world.unions["river_city"].name in text
    assert f"?under={world.unions['east'].code}" in text
    text = client.get(f"/desk/figures/?under={world.unions['east'].code}&on=2024-06-30").content.decode()
    assert "2024-06-30" in text
    assert client.get(f"/desk/figures/?under={world.unions['gorge_city'].code}").status_code == 404
    assert client.get("/desk/figures/?under=nothing").status_code == 404
    assert client.get("/desk/figures/?on=2024-13-99").status_code == 404


def test_a_worker_has_no_figures(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["worker_alpha"])
    assert client.get("/desk/figures/").status_code == 403
