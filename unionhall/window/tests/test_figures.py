"""Figures of windows: by kind and hall, each leading to as many records; how long people waited; who may look."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_window as scene
from tests.world import SINCE, World
from unionhall.access.models import Grant
from unionhall.foundation.permissions import Line, Role
from unionhall.indicators import registry
from unionhall.network.models import GridCell, GridWorker
from unionhall.window.models import Intake, Ticket
from unionhall.window.panels import windows_of_union
from unionhall.window.views.figures import CODES, Place

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]


def waited(world: World, *minutes: int) -> None:
    hall, now = scene.hall(world), timezone.now()
    Ticket.objects.bulk_create(
        Ticket(
            hall=hall, day=timezone.localdate(), letter="A", queue="A", number=number, state="done",
            taken_at=now - timedelta(minutes=60), called_at=now - timedelta(minutes=60 - one),
        )
        for number, one in enumerate(minutes, 1)
    )  # fmt: skip
    Ticket.objects.create(hall=hall, day=timezone.localdate(), letter="A", queue="A", number=99)


def test_a_figure_leads_to_as_many_intakes(world: World, signed_in: SignIn) -> None:
    scene.intake(world)
    dropped = scene.intake(world)
    Intake.objects.everywhere(reason=WHY).filter(pk=dropped.pk).update(state="dropped")
    waited(world, 10, 25)
    where = Place(world.unions["pier"], None, world.actor("river_officer").access, 0)
    assert list(registry.values(CODES, where).values()) == [1, 0, 1, 2, 18], (
        "17.5 minutes on average, rounded"
    )
    other = Place(world.unions["gorge_city"], None, world.actor("province_officer").access, 0)
    assert set(registry.values(CODES, other).values()) == {0}
    client = signed_in("river_officer")
    page = client.get(reverse("window_figures"))
    for one in (*page.context["matters"], *page.context["halls"]):
        assert client.get(one["url"]).context["total"] == one["count"] == 1, one
    for tile in page.context["tiles"][:3]:
        if tile["url"]:
            assert client.get(tile["url"]).context["total"] == tile["value"], tile
    assert page.context["matters"][0]["label"] != "join", "people read its title"
    (row,) = client.get(page.context["tiles"][3]["url"]).context["rows"]
    assert (row["called"], round(row["wait"], 1), round(row["longest"])) == (2, 17.5, 25)
    assert client.get(reverse("window_figures") + "?under=NONE").status_code == 404
    east = f"?under={world.unions['west'].code}"
    assert signed_in("east_officer").get(reverse("window_intakes") + east).status_code == 404


@pytest.mark.parametrize("name", ["window_figures", "window_waits", "window_intakes"])
def test_more_rows_ask_no_more(
    world: World, signed_in: SignIn, name: str, django_assert_max_num_queries: Any
) -> None:
    scene.intake(world)
    client = signed_in("river_officer")
    client.get(reverse(name))
    with django_assert_max_num_queries(22) as one:
        client.get(reverse(name))
    waited(world, 3, 4, 5)
    for _ in range(3):
        scene.intake(world)
    with django_assert_max_num_queries(len(one)):
        client.get(reverse(name))


def test_the_dashboard_shows_windows_and_stations(world: World, signed_in: SignIn) -> None:
    scene.intake(world)
    page = signed_in("river_officer").get(reverse("desk_figures")).content.decode()
    assert "服务站点和网格" in page
    assert "一站式窗口（今年）" in page
    assert reverse("window_intakes") in page
    past = signed_in("river_officer").get(reverse("desk_figures") + "?on=2024-05-01").content.decode()
    assert "服务站点和网格" not in past, "they are today's"


def test_who_sees_one_window_is_not_told_how_few_came_to_all(world: World) -> None:
    """He reads the figures of the province and the windows of a street."""
    scene.intake(world)
    Grant.objects.create(
        account=world.accounts["operator"], role=Role.CLERK, line=Line.GENERAL, organisation=world.unions["pier"],
        period=DateRange(SINCE, None), granted_by=WHY,
    )  # fmt: skip
    request: Any = RequestFactory().get("/")
    request.access = world.actor("operator").access
    for union, value in (("province", None), ("pier", 1)):
        panel = windows_of_union(request, world.unions[union], None)
        assert panel is not None
        assert panel.given["tiles"][0]["value"] == value, union


def test_the_grid_stands_in_the_menu_of_its_workers_only(world: World, signed_in: SignIn) -> None:
    client = signed_in("worker_alpha")
    assert reverse("m_grid") not in client.get(reverse("m_matters")).content.decode()
    cell = GridCell.objects.create(
        code="C1", name="码头一格", organisation=world.unions["pier"], division="420103"
    )
    GridWorker.objects.create(cell=cell, account=world.accounts["worker_alpha"], name="张海林")
    assert reverse("m_grid") in client.get(reverse("m_matters")).content.decode()
