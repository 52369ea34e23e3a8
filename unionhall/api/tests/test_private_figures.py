"""What a client with figures:read may know of persons' matters: never a few, nor what they are about or came to."""

from __future__ import annotations

import pytest

from tests.world import World
from unionhall.api.scopes import Scope
from unionhall.cases.tests.disputes import dispute
from unionhall.indicators import registry
from unionhall.insights.tests.matters import granted

from .clients import ALL, Caller, issued

pytestmark = pytest.mark.django_db
MONEY = "benefits.medical_paid"


@pytest.mark.parametrize("scopes", [[Scope.FIGURES_READ], ALL])
def test_one_persons_matters_are_withheld_from_every_client(world: World, scopes: list[Scope]) -> None:
    dispute(world)
    granted(world, "alpha_1", "12345.67")
    client = Caller(issued(world, "province", scopes=scopes)[1])
    code = world.unions["alpha"].code
    codes = ["members.count", "cases.disputes", "benefits.medical_settlements", MONEY]
    for path in ("/figures", "/figures/trend"):
        said = client.get(path, organisation=code, codes=codes).json()
        found = (said["points"][-1] if path.endswith("trend") else said)["figures"]
        assert {one["code"]: one["value"] for one in found} == dict.fromkeys(codes)
        assert all(one["withheld"] for one in found)
    pier = client.get("/figures/children", organisation=world.unions["pier"].code, codes=codes).json()
    values = {one["value"] for row in pier["children"] for one in row["figures"]}
    assert values <= {None, 0}
    said = client.get("/figures/breakdown", organisation=code, code="cases.disputes", by="cause").json()
    causes = next(iter(registry.get("cases.disputes").dimensions)).labels
    assert [(row["key"], row["value"]) for row in said["rows"]] == [(key, None) for key in (*causes, "")]


def test_money_of_many_is_told_in_round_numbers(world: World) -> None:
    """The sum has fen, and a number of the document has none."""
    granted(world, "alpha_1", "1000.11", 6)
    client = Caller(issued(world, "province", scopes=[Scope.FIGURES_READ])[1])
    said = client.get("/figures", organisation=world.unions["alpha"].code, codes=MONEY).json()
    assert said["figures"] == [{"code": MONEY, "value": 5000, "withheld": False}]


def test_the_catalogue_says_which_figures_are_rounded(world: World) -> None:
    client = Caller(issued(world, "province", scopes=[Scope.FIGURES_READ])[1])
    said = {one["code"]: one["rounded"] for one in client.get("/figures/definitions").json()}
    assert said[MONEY] is said["cases.disputes"] is True
    assert said["members.count"] is said["organisations.unions"] is False
