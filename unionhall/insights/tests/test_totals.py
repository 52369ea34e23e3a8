"""The list's total from the rollups is the list's total."""

from __future__ import annotations

import pytest

from tests.world import World
from unionhall.insights import rollups
from unionhall.insights.totals import of_scope
from unionhall.members.finding import COUNTED, facets, find

pytestmark = pytest.mark.django_db


def test_totals_are_those_of_the_list_for_everyone(world: World) -> None:
    rollups.rebuild()
    told = 0
    for name in world.accounts:
        access = world.actor(name).access
        found = of_scope(access, access.prefixes("members.view"))
        if found is not None:
            told += 1
            assert found == facets(find(access, {}), COUNTED), name
    assert told >= 3
