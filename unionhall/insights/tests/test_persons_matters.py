"""Figures of persons' matters: few are told to nobody who may not open them, by no page, cell, course or sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from unionhall.cases.schemes.disputes import CAUSES
from unionhall.cases.tests.disputes import dispute
from unionhall.indicators.registry import Dimension, Indicator, get, publish
from unionhall.insights import drilling, rules
from unionhall.insights.disclosure import Disclosure

from .matters import granted

COUNT, MONEY = "benefits.medical_settlements", "benefits.medical_paid"
CODES = [COUNT, MONEY]
LIMIT = 5


def eyes(world: World, who: str, union: str) -> Disclosure:
    return Disclosure(drilling.place(world.unions[union], world.actor(who).access))


@pytest.mark.django_db
def test_what_one_person_was_granted_is_told_nowhere(world: World) -> None:
    granted(world, "alpha_1", "12345.67")
    hidden, nothing = dict.fromkeys(CODES), dict.fromkeys(CODES, 0)
    for union in ("river_city", "east", "pier", "alpha", "transport"):
        assert eyes(world, "leader", union).values(CODES) == hidden, union
    assert eyes(world, "leader", "west").values(CODES) == nothing
    leader = eyes(world, "leader", "river_city")
    shown = {row.below.organisation.short_name: row.figures for row in leader.by_child(CODES)}
    assert shown == {"east": hidden, "west": nothing, "transport": hidden}
    assert leader.by_child([MONEY])[0].figures == {MONEY: None}
    assert leader.trend([MONEY], months=2)[-1][1] == {MONEY: None}
    assert leader.earlier([MONEY], leader.where)[MONEY] is None
    assert leader.comparable([MONEY])[MONEY] is None
    assert eyes(world, "river_officer", "alpha").values(CODES) == {COUNT: 1, MONEY: 12346}


@pytest.mark.django_db
def test_no_sum_less_another_tells_what_one_person_was_granted(world: World) -> None:
    """East has six settlements of 1,000.50 and west one of 12,345: the city's sum less east's is not west's."""
    granted(world, "alpha_1", "1000.50", 6)
    granted(world, "gamma_1", "12345")
    found = [eyes(world, "leader", union).values(CODES) for union in ("river_city", "east", "west")]
    assert [one[COUNT] for one in found] == [5, 5, None]
    assert [one[MONEY] for one in found] == [13_000, 5_000, None]
    officer = [eyes(world, "river_officer", union).values(CODES) for union in ("river_city", "east", "west")]
    assert [one[MONEY] for one in officer] == [18_348, 6_003, 12_345]


@pytest.mark.django_db
def test_what_few_disputes_are_about_is_not_told_either(world: World) -> None:
    """That the one withheld cell is wages would tell it."""
    dispute(world)
    rows = eyes(world, "east_officer", "alpha").breakdown("cases.disputes", "cause")
    assert rows == [(key, None) for key in (*CAUSES, "")]
    assert eyes(world, "east_officer", "alpha").breakdowns("cases.disputes") == {"cause": rows}
    assert eyes(world, "leader", "alpha").breakdown("cases.disputes", "cause") == [("wages", 1)]


@pytest.mark.django_db
def test_who_few_members_are_is_not_told_either(world: World) -> None:
    """Delta has one member: which cell of a breakdown is withheld would be his sex and age."""
    found = eyes(world, "operator", "delta")
    assert found.values(["members.count"]) == {"members.count": None}
    for by, rows in found.breakdowns("members.count").items():
        labels = next(one.labels for one in get("members.count").dimensions if one.code == by)
        assert rows == [(key, None) for key in (*labels, "")]


@given(st.integers(0, 10**9), st.integers(0, 2000))
def test_money_is_as_coarse_as_its_number(amount: int, count: int) -> None:
    shown = rules.coarse_sum(amount, count, LIMIT)
    if rules.is_small(count, LIMIT):
        assert shown is None
    elif count == 0:
        assert shown == 0
    else:
        assert shown is not None
        assert len(str(shown).rstrip("0")) <= 2
        likely = amount * rules.rounded(count, LIMIT) / count
        assert abs(shown - likely) <= max(0.05 * likely, 1) + 1


def test_money_is_not_broken_down() -> None:
    by = Dimension("cause", "事由", lambda where: None, {}, "cause")
    money = Indicator(
        "test.money", "金额", "元", "合计", lambda where: where, dimensions=(by,), counted_by="test.count"
    )
    with pytest.raises(ValueError, match="money"):
        publish(money)
