"""Industry unions of one city whose chain leads to another: their row in its table tells what their own page tells."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from tests.world import SINCE, World
from unionhall.access.models import Grant
from unionhall.foundation.actors import system_actor
from unionhall.foundation.permissions import Line, Role
from unionhall.insights import drilling, exports, rollups
from unionhall.insights.board import COLUMNS, Board
from unionhall.insights.disclosure import Disclosure, Shown, reads_records
from unionhall.members.models import Membership
from unionhall.organisations import actions

from .matters import granted
from .test_board import board, listed

pytestmark = pytest.mark.django_db
COUNT, MONEY = "benefits.medical_settlements", "benefits.medical_paid"
CODES = ["members.count", COUNT]
WITHHELD = dict.fromkeys(CODES)


@pytest.fixture
def chained(world: World) -> World:
    """Transport's chain lies below the other city; the two members of alpha are in it, one of them was paid 800."""
    chain = world.unions["gorge_city"].path + "0099"
    for union, path in (("transport", chain), ("alpha", f"{chain}0001")):
        world.unions[union].second_path = path
        world.unions[union].save(update_fields=["second_path"])
    rows = Membership.objects.everywhere(reason="test").filter(organisation=world.unions["alpha"])
    rows.update(second_path=f"{chain}0001")
    rollups.rebuild()
    granted(world, "alpha_1", "800")
    return world


def grant(world: World, account: str, role: Role, union: str) -> None:
    Grant.objects.create(
        account=world.accounts[account], role=role, line=Line.GENERAL, organisation=world.unions[union],
        period=DateRange(SINCE, None), granted_by="test",
    )  # fmt: skip


@pytest.fixture
def wider(chained: World) -> World:
    """The operator reads the figures of the province, and the records of the city alone."""
    grant(chained, "operator", Role.OFFICER, "river_city")
    return chained


def eyes(world: World, who: str, union: str) -> Disclosure:
    return Disclosure(drilling.place(world.unions[union], world.actor(who).access))


def rows(world: World, who: str, codes: list[str]) -> dict[str, Shown]:
    """The table of the city."""
    found = eyes(world, who, "river_city").by_child(codes)
    return {row.below.organisation.short_name: row.figures for row in found}


def columns(found: Board) -> list[Any]:
    return [cell["value"] for row in found.below() if row["beside"] for cell in row["cells"]]


def test_a_table_tells_of_an_industry_no_more_than_its_own_page(wider: World) -> None:
    """Who reads the city's records, and the province's figures, can't list all that is counted."""
    assert eyes(wider, "operator", "transport").values(CODES) == WITHHELD
    shown = rows(wider, "operator", CODES)
    assert shown["transport"] == WITHHELD
    assert shown["east"] == {"members.count": 5, COUNT: 1}
    assert rows(wider, "province_officer", CODES)["transport"] == {"members.count": 2, COUNT: 1}


def test_nor_does_a_table_of_parts_or_of_money_alone(wider: World) -> None:
    """What withholds them is counted even where it is not shown."""
    assert rows(wider, "operator", ["members.women"])["transport"] == {"members.women": None}
    assert rows(wider, "operator", [MONEY])["transport"] == {MONEY: None}
    assert rows(wider, "operator", ["members.women", MONEY])["east"] == {"members.women": 3, MONEY: 800}


def test_many_members_of_a_chain_are_rounded_in_the_table_as_on_its_page(
    wider: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr("unionhall.insights.disclosure.threshold", lambda organisation: 2)
    codes = ["members.count", "members.women", "organisations.base_unions"]
    own = eyes(wider, "operator", "transport").values(codes)
    assert own == {"members.count": 2, "members.women": None, "organisations.base_unions": 1}
    assert rows(wider, "operator", codes)["transport"] == own


def test_whoever_may_list_all_that_is_counted_sees_the_number(chained: World) -> None:
    """The chain leads out of the city, but the officer's figures do not: he may list those two."""
    found, actor = board(chained, "river_city", "river_officer"), chained.actor("river_officer")
    row = next(one for one in found.below() if one["beside"])
    assert [cell["value"] for cell in row["cells"][:2]] == [2, 1]
    assert listed(row["cells"][0]["url"], actor, "members.count") == 2
    assert found.secrecy() == ""
    assert eyes(chained, "river_officer", "transport").values(CODES) == {"members.count": 2, COUNT: 1}
    assert board(chained, "transport", "river_officer").secrecy() == ""


def test_figures_of_a_place_beside_the_chain_reach_its_members_there(chained: World) -> None:
    """A member of the chain works where the reader has figures and no records: he would be had by subtraction."""
    delta = Membership.objects.everywhere(reason="test").filter(organisation=chained.unions["delta"])
    delta.update(second_path=chained.unions["transport"].second_path + "0002")
    rollups.rebuild()
    grant(chained, "river_officer", Role.LEADER, "gorge_county")
    assert not reads_records(chained.actor("river_officer").access, chained.unions["transport"])
    assert rows(chained, "river_officer", CODES)["transport"] == WITHHELD


def test_an_industry_that_one_may_list_is_exact_in_a_table_that_is_not(chained: World) -> None:
    """As on its own page; what its members' region withholds stays withheld."""
    grant(chained, "leader", Role.OFFICER, "transport")
    shown = rows(chained, "leader", CODES)
    assert shown["transport"] == {"members.count": 2, COUNT: 1}
    assert shown["east"] == WITHHELD


def test_a_dash_is_explained_wherever_it_is_shown(wider: World, signed_in: Any) -> None:
    """On the page, on paper and in the file; not beside breakdowns that withhold nothing."""
    found = board(wider, "river_city", "operator")
    assert columns(found)[:4] == [None] * 4
    said = found.secrecy()
    assert "不能全部查看会员名册的产业工会" in said
    assert "少于 5 人" in said
    assert ["不显示的数字", said] in exports.about(found)
    client, under = signed_in("operator"), f"?under={wider.unions['river_city'].code}"
    for page in ("", "print/", "export/"):
        assert said in client.get(f"/desk/figures/{page}{under}").content.decode(), page
    assert "不显示" not in client.get(f"/desk/figures/breakdowns/{under}").content.decode()


@pytest.mark.parametrize("account", ["river_officer", "operator"])
def test_a_table_costs_the_same_for_one_industry_union_and_for_four(wider: World, account: str) -> None:
    """The first is transport; what decides on a row is counted with the table."""
    asked = []
    for more in ((), range(3)):
        for number in more:
            union = actions.establish(
                system_actor(), name=f"江城市第{number}产业工会", kind="industry", level=2,
                parent=wider.unions["river_city"], division="4201", on=date(2024, 1, 1),
            )  # fmt: skip
            union.second_path = wider.unions["gorge_city"].path + f"009{number}"
            union.save(update_fields=["second_path"])
        rollups.rebuild()
        with CaptureQueriesContext(connection) as queries:
            found = eyes(wider, account, "river_city").by_child(COLUMNS)
        assert sum(row.below.beside for row in found) == 1 + len(more)
        asked.append(len(queries))
    assert asked[0] == asked[1]
