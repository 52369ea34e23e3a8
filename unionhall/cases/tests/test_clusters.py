"""Cases against one employer raise a warning by themselves, once; it is joined, dismissed, raised again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases import clusters
from unionhall.cases.actions import core, incidents
from unionhall.cases.models import Case, CaseLink
from unionhall.foundation.actors import system_actor
from unionhall.records.models import Message

from .incidents import OFFICER, WHY, now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tasks_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks stand for the watched kinds here, so that no other kind's rules matter."""
    monkeypatch.setattr(clusters, "_watched", {"task"})


def opened(world: World, union: str = "alpha", heads: int = 3, days: int = 0) -> Case:
    case = core.open_case(
        system_actor(), kind="task", organisation=world.unions[union], title="欠薪", channel="7", headcount=heads,
        employer=world.employers["alpha"], at=timezone.now() - timedelta(days=days),
    )  # fmt: skip
    clusters.look(case)
    return case


def warnings() -> list[Case]:
    rows = (
        Case.objects.everywhere(reason=WHY).filter(kind="incident").select_related("organisation", "incident")
    )
    return list(rows.order_by("pk"))


def linked(case: Case) -> int:
    return CaseLink.objects.everywhere(reason=WHY).filter(case=case).count()


def test_five_cases_make_one_warning_and_the_sixth_joins(world: World) -> None:
    for _ in range(4):
        opened(world)
    assert warnings() == []
    opened(world)
    (warning,) = warnings()
    assert (warning.state, warning.headcount, warning.incident.cluster_cases) == ("warning", 15, 5)
    assert warning.organisation == world.unions["east"]
    assert linked(warning) == 5
    sixth = opened(world)
    assert len(warnings()) == 1
    assert linked(warning) == 6
    assert now(warning).headcount == 18
    assert clusters.of(sixth) == warning
    told = Message.objects.everywhere(reason=WHY).filter(title="案件集中预警")
    assert {one.recipient_id for one in told} >= {world.accounts["leader"].pk}


def test_few_people_old_cases_and_other_employers_do_not(world: World) -> None:
    for _ in range(6):
        opened(world, heads=1)
    assert warnings() == []
    for _ in range(5):
        opened(world, heads=50, days=31)
    assert warnings() == []


def test_cases_of_two_districts_go_to_the_city(world: World) -> None:
    for _ in range(4):
        opened(world)
    opened(world, union="gamma")
    assert warnings()[0].organisation == world.unions["river_city"]


def test_dismissed_stays_so_until_it_grows_by_half(world: World) -> None:
    for _ in range(6):
        opened(world, heads=2)
    (warning,) = warnings()
    incidents.dismiss(world.actor(OFFICER), warning, opinion="已核实，工资当日补发")
    for _ in range(2):
        opened(world, heads=2)
    assert len(warnings()) == 1
    opened(world, heads=2)
    again = warnings()[-1]
    assert (len(warnings()), again.state, again.incident.cluster_cases) == (2, "warning", 9)
    assert linked(again) == 9


def test_what_was_dealt_with_does_not_count_again(world: World) -> None:
    for _ in range(5):
        opened(world)
    (warning,) = warnings()
    Case.objects.everywhere(reason=WHY).filter(pk=warning.pk).update(state="closed", closed_at=timezone.now())
    for _ in range(4):
        opened(world)
    assert len(warnings()) == 1


def test_the_job_finds_what_nobody_looked_at(world: World) -> None:
    for _ in range(5):
        core.open_case(
            system_actor(), kind="task", organisation=world.unions["alpha"], title="欠薪", channel="7",
            headcount=5, employer=world.employers["alpha"],
        )  # fmt: skip
    assert warnings() == []
    assert clusters.sweep() == 1
    assert clusters.sweep() == 1
    assert len(warnings()) == 1
