"""`unionhall tree` and `unionhall figures` in words and as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.world import UNIONS, World
from unionhall.foundation.actors import system_actor
from unionhall.members.actions import edit_person

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_tree_prints_every_union_once(world: World) -> None:
    found = json.loads(run("tree", "--depth", "9", "--json"))
    assert [node["name"] for node in found].count(world.unions["alpha"].name) == 1
    assert len(found) == len(UNIONS)


def test_tree_stops_at_the_depth_and_starts_at_the_union(world: World) -> None:
    text = run("tree", world.unions["east"].code, "--depth", "1")
    assert world.unions["pier"].name in text
    assert world.unions["alpha"].name not in text


def test_tree_of_an_early_day_is_empty(world: World) -> None:
    assert run("tree", "--on", "2001-01-01").strip() == "还没有工会组织。"


def test_wrong_words_are_one_plain_line(world: World) -> None:
    with pytest.raises(CommandError, match="没有代码为"):
        run("tree", "NOPE")
    with pytest.raises(CommandError, match="请按 YYYY-MM-DD"):
        run("figures", "--on", "2001-02-31")


def test_figures_in_words_and_as_json(world: World) -> None:
    found = json.loads(run("figures", world.unions["pier"].code, "--json"))
    assert found["figures"]["members.count"] == 5
    assert sum(found["breakdowns"]["sex"].values()) == 5
    assert {row["name"] for row in found["below"]} == {world.unions["alpha"].name, world.unions["beta"].name}
    assert "会员：5 人" in run("figures", world.unions["pier"].code)


def test_rollup_is_folded_checked_and_rebuilt(world: World) -> None:
    person = world.people["beta_1"]
    edit_person(system_actor(), person=person, education="10")
    assert json.loads(run("rollup", "fold", "--json"))["folded"] == 2
    assert "与登记一致" in run("rollup", "check")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE insights_membertotal SET women = women + 1 WHERE chain = 'region' AND path = %s",
            [world.unions["province"].path],
        )
    with pytest.raises(CommandError, match="rollup rebuild"):
        run("rollup", "check")
    assert json.loads(run("rollup", "rebuild", "--json"))["changed"] == 1
    assert json.loads(run("rollup", "check", "--json"))["differences"] == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insights_rollupstate")
    with pytest.raises(CommandError, match="还没有建立"):
        run("rollup", "check")
