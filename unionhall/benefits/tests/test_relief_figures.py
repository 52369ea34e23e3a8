"""How many households are in hardship: exact for who handles them, never a small number for anybody else."""

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import HardshipFile
from unionhall.benefits.tests.test_relief_aids import fake_filed
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.insights.disclosure import Disclosure

pytestmark = pytest.mark.django_db
CODES = [one.code for one in registry.all_indicators() if one.code.startswith("benefits.hardship_")]


def eyes(world: World, who: str, union: str = "river_city") -> Disclosure:
    return Disclosure(drilling.place(world.unions[union], world.actor(who).access, None))


def test_every_figure_of_hardship_is_private() -> None:
    assert len(CODES) == 4
    assert {registry.get(code).private for code in CODES} == {"benefits.relief"}


def test_one_household_is_seen_by_who_handles_it_and_by_nobody_else(world: World) -> None:
    file: HardshipFile = fake_filed(world)
    assert file.category
    handles, looks = eyes(world, "river_officer"), eyes(world, "leader")
    assert handles.values(["benefits.hardship_files"]) == {"benefits.hardship_files": 1}
    assert looks.values(CODES)["benefits.hardship_files"] is None
    assert {row.figures["benefits.hardship_files"] for row in looks.by_child(CODES)} <= {None, 0}
    assert {count for _, count in looks.breakdown("benefits.hardship_files", "category")} <= {None, 0}
    (_, found), *_ = looks.course(
        [(timezone.localdate(), {"benefits.hardship_files": 1, "members.count": 9})]
    )
    assert found["benefits.hardship_files"] is None


def test_what_is_shown_is_rounded(world: World) -> None:
    looks = eyes(world, "leader")
    (_, found), *_ = looks.course(
        [(timezone.localdate(), {"benefits.hardship_files": 13, "members.count": 99})]
    )
    assert found["benefits.hardship_files"] == 15
