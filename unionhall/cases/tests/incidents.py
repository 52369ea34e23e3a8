"""Setting the scene for tests of incidents: one reported by the officer of rights work of the city."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import incidents, incidents_room
from unionhall.cases.actions.incidents import Facts
from unionhall.cases.models import Case, CaseClock, IncidentEntry

OFFICER = "river_rights"
WHY = "test"


def facts(minutes: int = 10, **more: Any) -> Facts:
    """It happened an hour ago and became known `minutes` ago."""
    now = timezone.now()
    known = now - timedelta(minutes=minutes)
    given: dict[str, Any] = {
        "occurred_at": known - timedelta(minutes=50),
        "known_at": known,
        "place": "厂区东门",
        "headcount": 120,
    } | more
    return Facts(**given)


def reported(world: World, minutes: int = 10, **more: Any) -> Case:
    return incidents.report(
        world.actor(OFFICER), organisation=world.unions["east"], title="停工讨薪", facts=facts(minutes, **more),
        employer=world.employers["alpha"], statement="工人张三 13800001111 说三个月没发工资。",
    )  # fmt: skip


def log(world: World, case: Case, kind: str, body: str = "现场平稳。", **more: Any) -> IncidentEntry:
    return incidents_room.log(world.actor(OFFICER), case, kind=kind, body=body, **more)


def now(case: Case) -> Case:
    rows = Case.objects.everywhere(reason=WHY).select_related("organisation", "incident")
    return rows.get(pk=case.pk)


def clock(case: Case, code: str) -> CaseClock:
    """The newest of the clock's runs."""
    return CaseClock.objects.everywhere(reason=WHY).filter(case=case, code=code).order_by("-pk")[0]
