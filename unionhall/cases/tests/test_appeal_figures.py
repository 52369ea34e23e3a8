"""Figures of appeals count what the list shows."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases.actions import appeals, core
from unionhall.cases.tests.test_appeals import answered, filed
from unionhall.indicators import registry
from unionhall.insights.drilling import Place


def test_each_figure_is_the_list_it_leads_to(signed_in: Callable[[str], Client], world: World) -> None:
    appeals.rate(world.actor("worker_alpha"), answered(world), rating=5)
    case = appeals.rate(world.actor("worker_alpha"), answered(world), rating=1)
    core.move(world.actor("pier_officer"), case, "called", opinion="已回电")
    filed(world)
    where = Place(world.unions["river_city"], None, world.actor("river_officer").access)
    codes = [one.code for one in registry.all_indicators() if one.code.startswith("cases.appeals")]
    found = registry.values(codes, where)
    assert found == {
        "cases.appeals": 3, "cases.appeals_answered": 2, "cases.appeals_in_time": 2, "cases.appeals_late": 0,
        "cases.appeals_satisfied": 1, "cases.appeals_dissatisfied": 1, "cases.appeals_called_back": 1,
    }  # fmt: skip
    assert registry.breakdown("cases.appeals", where, "cause") == [("wage", 3)]
    client = signed_in("river_officer")
    for code in codes:
        query = {"under": world.unions["river_city"].code, **registry.get(code).list_query}
        assert client.get(reverse("desk_cases"), query).context["total"] == found[code], code
