"""Figures of notices and objections, in scope."""

import pytest

from tests.world import World
from unionhall.bulletins import actions
from unionhall.foundation.actors import system_actor
from unionhall.indicators import registry
from unionhall.insights import drilling

pytestmark = pytest.mark.django_db
CODES = [
    "bulletins.notices", "bulletins.notices_in_public", "bulletins.notices_passed", "bulletins.objections",
    "bulletins.objections_open",
]  # fmt: skip


def figures(world: World, name: str, union: str) -> list[int]:
    found = registry.values(CODES, drilling.place(world.unions[union], world.actor(name).access, None))
    return [found[code] for code in CODES]


def test_notices_are_counted_where_they_were_made(world: World) -> None:
    notice = actions.publicise(
        system_actor(), purpose="general", title="先进职工公示", organisation=world.unions["alpha"],
        rows=[actions.Listed("1", "张海林", "江城安达快递有限公司", ("先进职工",))], working_days=5,
    )  # fmt: skip
    actions.raise_objection(
        system_actor(), notice=notice, text="证书是去年取得的，不符合今年的条件。", contact="13800001234"
    )
    assert figures(world, "river_officer", "river_city") == [1, 1, 0, 1, 1]
    assert figures(world, "gorge_officer", "gorge_city") == [0, 0, 0, 0, 0]
