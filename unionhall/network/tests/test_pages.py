"""Stations for everybody and on the phone; nodes, coverage and plans at the desk; lists from a file."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_network as scene
from tests.architecture import samples_services as services
from tests.world import World
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.kit.media import XLSX
from unionhall.network import coverage, nearness, nodes_file
from unionhall.network.models import NetworkPlan, Node, NodeImport

WHY = "test"
_SPREAD = ("id", "code", "name", "latitude", "longitude")
SignIn = Callable[[str], Client]


def names(page: Any) -> list[str]:
    return [row["node"].name for row in page.context["rows"]]


def test_stations_by_place_function_and_opening(world: World, client: Client) -> None:
    near = scene.node(world, name="近站")
    far = scene.node(world, name="远站", latitude=30.62, functions=["activity"], division="420111001")
    shut = scene.node(world, name="关着的站", latitude=30.61)
    shut.hours.all().delete()
    scene.node(world, "planned", name="规划站")
    scene.node(world, "suspended", name="停用站")
    url = reverse("public_stations")
    assert names(client.get(url)) == ["近站", "远站", "关着的站"]
    assert names(client.get(url, {"function": "activity"})) == ["远站"]
    assert names(client.get(url, {"area": "420111"})) == ["远站"]
    assert names(client.get(url, {"q": "远"})) == ["远站"]
    here = client.get(url, {"lat": "30.599", "lon": "114.3"})
    assert names(here) == ["近站", "关着的站", "远站"]
    html = here.content.decode()
    assert "<b>111 米</b>，北方向" in html
    assert "geolocation=(self)" in here["Permissions-Policy"]
    detail = client.get(reverse("public_station", args=[near.code]), {"lat": "30.599", "lon": "114.3"})
    text = detail.content.decode()
    assert "111 米，北方向" in text
    assert "不是会员也可以来" in text
    assert client.get(reverse("public_station", args=["ZD0"])).status_code == 404
    assert client.get(reverse("public_station_print", args=[far.code])).status_code == 200
    assert "离您的位置最近" in _phone(world, {"lat": "30.599", "lon": "114.3"})


def _phone(world: World, query: dict[str, str]) -> str:
    client = Client()
    client.force_login(world.accounts["worker_alpha"], backend="unionhall.access.backends.DeskBackend")
    return client.get(reverse("m_stations"), query).content.decode()


def test_only_what_is_open(world: World, client: Client) -> None:
    scene.node(world, name="关着的站").hours.all().delete()
    always = scene.node(world, name="全天站")
    always.hours.update(opens="00:00", closes="23:59:59")
    assert names(client.get(reverse("public_stations"), {"now": "on"})) == ["全天站"]


def test_a_station_leads_to_the_services_given_in_it(world: World, signed_in: SignIn) -> None:
    counter = services.outlet(world)
    counter.node = scene.node(world)
    counter.save()
    html = signed_in("worker_alpha").get(reverse("m_station", args=[counter.node.code])).content.decode()
    assert f"{reverse('m_services')}?station={counter.pk}" in html
    assert "在工会服务站点" in signed_in("worker_alpha").get(reverse("m_outlets")).content.decode()


@pytest.mark.parametrize("name", ["public_stations", "m_stations", "desk_network", "desk_network_coverage"])
def test_lists_cost_the_same_at_one_row_and_at_three(world: World, signed_in: SignIn, name: str) -> None:
    scene.node(world)
    client = signed_in("worker_alpha" if name == "m_stations" else "river_officer")
    query = {"lat": "30.6", "lon": "114.3", "within": "5"} if name.endswith("stations") else {}
    client.get(reverse(name), query)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            scene.node(world)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse(name), query)
        counts.append(len(found))
    assert counts[0] == counts[1] <= 30


def test_the_nearest_of_twenty_thousand_is_found_by_its_index(world: World) -> None:
    first = scene.node(world)
    columns = [str(f.column) for f in Node._meta.concrete_fields if f.column not in _SPREAD]
    with connection.cursor() as cursor:
        # Over 4° by 6°, one about every two kilometres.
        cursor.execute(
            f"INSERT INTO network_node (code, name, latitude, longitude, {', '.join(columns)}) "
            f"SELECT 'N' || n, '站' || n, 29 + n %% 200 * 0.02, 110 + n / 200 * 0.06, {', '.join(columns)} "
            "FROM network_node, generate_series(1, 20000) AS n WHERE id = %s",
            [first.pk],
        )
        cursor.execute("ANALYZE network_node")
    found: Any = nearness.near(Node.objects.everywhere(reason=WHY), 30.6, 114.3, 5)
    plan = found.order_by("metres", "pk")[:21].explain(analyze=True, buffers=True)
    assert "node_place" in plan
    assert "Seq Scan" not in plan


# The desk -------------------------------------------------------------------------------------------------------------


def test_the_desk_enters_a_node_and_takes_it_to_the_public(world: World, signed_in: SignIn) -> None:
    client = signed_in("pier_officer")
    given = {
        "name": "码头站", "organisation": world.unions["pier"].code, "kind": "station", "level": 4, "mode": "hall",
        "functions": ["rights"], "build": "new", "division": "420103001", "address": "沿江路 8 号", "area": "86",
        "telephone": "027-82000000",
    }  # fmt: skip
    wrong = client.post(reverse("desk_node_new"), given | {"organisation": world.unions["hill"].code})
    assert wrong.status_code == 422
    client.post(reverse("desk_node_new"), given)
    node = Node.objects.everywhere(reason=WHY).get()
    url = reverse("desk_node", args=[node.pk])
    client.post(reverse("desk_node_move", args=[node.pk, "start"]), {"on": timezone.localdate()})
    assert "由上级工会办理" in client.get(url).content.decode()
    assert client.get(reverse("desk_node_accept", args=[node.pk])).status_code == 404
    above = signed_in("east_officer")
    page = above.get(reverse("desk_node_accept", args=[node.pk])).content.decode()
    assert "登记面积 86.0 平方米" in page
    accepted = {"on": timezone.localdate(), "passed": "1", "seen": ["sign", "duty", "posted", "connected"]}
    assert above.post(reverse("desk_node_accept", args=[node.pk]), accepted).status_code == 302
    hours = {f"day_{day}": "09:00-12:00，14:00-17:30" for day in range(5)}
    assert client.post(reverse("desk_node_hours", args=[node.pk]), {"day_0": "九点"}).status_code == 422
    client.post(reverse("desk_node_hours", args=[node.pk]), hours)
    client.post(reverse("desk_node_move", args=[node.pk, "open"]), {"on": timezone.localdate()})
    html = Client().get(reverse("public_station", args=[node.code])).content.decode()
    assert "周一至周五" in html
    assert "周六至周日" in html


def test_what_is_exported_is_imported_unchanged(world: World, signed_in: SignIn) -> None:
    scene.node(world, name="原有站", level=5)
    client = signed_in("pier_officer")
    book = client.get(reverse("desk_network_export")).content
    reading = _upload(client, world, book)
    assert (reading.added, reading.changed, reading.same, reading.faults) == (0, 0, 1, [])
    assert _upload(
        client, world, nodes_file.WORKSHEET.template()
    ).faults  # the example names a union that is not there
    good = _book(world, name="新站", hours="周一至周五 09:00-17:00")
    reading = _upload(client, world, good)
    assert (reading.added, reading.faults) == (1, [])
    client.post(reverse("desk_nodes_reading", args=[reading.pk]))
    made = Node.objects.everywhere(reason=WHY).get(name="新站")
    assert (made.state, made.hours.count()) == ("planned", 5)
    again = _upload(client, world, good)
    assert (again.added, again.changed, again.same) == (0, 0, 1)
    bad = _upload(client, world, _book(world, name="坏站", hours="九点到五点", level="省级", longitude="300"))
    (fault,) = bad.faults
    assert all(word in fault["wrong"] for word in ("开放时间", "层级不能高于", "经度"))
    errors = client.get(reverse("desk_nodes_errors", args=[bad.pk]))
    assert errors["Content-Type"] == XLSX


@pytest.mark.parametrize("area", ["NaN", "9999999.96", "0.04", "Infinity", "1e400"])
def test_an_area_that_is_none_is_a_fault_of_its_row(world: World, signed_in: SignIn, area: str) -> None:
    reading = _upload(signed_in("pier_officer"), world, _book(world, area=area))
    (fault,) = reading.faults
    assert fault["wrong"] == f"面积“{area}”应是大于 0、小于 1000 万的数"


def test_the_largest_area_is_entered(world: World, signed_in: SignIn) -> None:
    client = signed_in("pier_officer")
    reading = _upload(client, world, _book(world, name="新站", area="9999999.94"))
    client.post(reverse("desk_nodes_reading", args=[reading.pk]))
    assert str(Node.objects.everywhere(reason=WHY).get(name="新站").area) == "9999999.9"


def _book(world: World, **more: str) -> bytes:
    examples = {column.key: column.example for column in nodes_file.WORKSHEET.columns}
    row = examples | {"union": world.unions["pier"].code, "level": "乡镇街道级", "mode": "普通"} | more
    return nodes_file.WORKSHEET.book([row])


def _upload(client: Client, world: World, book: bytes) -> NodeImport:
    file = SimpleUploadedFile("站点.xlsx", io.BytesIO(book).read(), content_type=XLSX)
    given = {"organisation": world.unions["pier"].code, "file": file}
    answer = client.post(reverse("desk_nodes_import"), given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return NodeImport.objects.everywhere(reason=WHY).latest("pk")


# How far it reaches ---------------------------------------------------------------------------------------------------


def test_coverage_over_both_chains(world: World) -> None:
    scene.node(world, union="pier", level=4)
    four = ["rights", "service", "learning", "activity"]
    scene.node(world, union="east", level=3, kind="centre", functions=four, division="420103")
    scene.node(world, "demonstration", kind="point", mode="home", employer=world.employers["alpha"])
    officer = world.actor("river_officer").access
    found = coverage.values(world.unions["river_city"], officer)
    assert [(one.reached, one.of) for one in coverage.shares(found)][:3] == [(1, 2), (1, 2), (1, 3)]
    rows = {row.organisation.short_name: row for row in coverage.rows(world.unions["river_city"], officer)}
    assert [(one.reached, one.of) for one in rows["east"].shares][:3] == [(1, 1), (1, 1), (1, 2)]
    assert (rows["east"].nodes, rows["west"].nodes) == (3, 0)
    # The industry union below the city counts its chain, though its firm stands in a street.
    assert (rows["transport"].nodes, rows["transport"].demonstrations) == (1, 1)
    chain = world.actor("transport_officer").access
    own = coverage.values(world.unions["transport"], chain)
    assert (own["network.nodes"], own["network.demonstrations"], own["network.firms_with_home"]) == (1, 1, 1)
    levels = {one["level"]: one["all"] for one in coverage.by_level(world.unions["river_city"], officer)}
    assert levels == {2: 0, 3: 1, 4: 1, 5: 1}


def test_figures_and_the_records_behind_them_agree(world: World) -> None:
    scene.node(world, union="pier", level=4)
    scene.item(world)
    where = drilling.place(world.unions["river_city"], world.actor("river_officer").access)
    codes = [one.code for one in registry.all_indicators() if one.code.startswith("network.")]
    assert len(codes) >= 18
    values = registry.values(codes, where)
    for code in codes:
        if code != "network.planned":
            assert registry.get(code).records(where).count() == values[code], code
    assert registry.breakdown("network.nodes", where, "kind") == [("station", 1)]


def test_each_figure_of_nodes_leads_to_its_own_list(world: World, signed_in: SignIn) -> None:
    four = ["rights", "service", "learning", "activity"]
    scene.node(world, union="east", level=3, kind="centre", functions=four, upgraded_on=date(2025, 1, 1))
    scene.node(world, "demonstration", kind="point", employer=world.employers["alpha"], build="joint")
    scene.node(world, "planned", kind="centre", functions=four)
    where = drilling.place(world.unions["river_city"], world.actor("river_officer").access)
    client = signed_in("river_officer")
    figures = [one for one in registry.all_indicators() if one.list_name == "desk_network"]
    values = registry.values([one.code for one in figures], where)
    assert (values["network.upper_centres"], values["network.firm_demonstrations"]) == (1, 1)
    for one in figures:
        page = client.get(
            reverse("desk_network"), {**one.list_query, "under": world.unions["river_city"].code}
        )
        assert page.context["total"] == values[one.code], one.code
    tiles = client.get(reverse("desk_network_coverage")).content.decode()
    assert "figure=network.upper_centres" in tiles


def test_a_plan_against_what_was_built(world: World, signed_in: SignIn) -> None:
    client, year = signed_in("river_officer"), timezone.localdate().year
    given = {
        "organisation": world.unions["river_city"].code, "title": "职工服务中心五年规划", "first_year": year,
        "last_year": year + 4, f"target_{year}_station_new": 2, f"target_{year + 1}_centre_upgrade": 3,
    }  # fmt: skip
    assert client.post(reverse("desk_network_plan_new"), given).status_code == 302
    assert client.post(reverse("desk_network_plan_new"), given).status_code == 422
    scene.node(world, opened_on=date(year, 1, 1))
    scene.node(world, opened_on=date(year, 1, 1), build="joint")
    plan = NetworkPlan.objects.everywhere(reason=WHY).select_related("organisation").get()
    access = world.actor("river_officer").access
    lines = {(one.kind, one.measure): one for one in coverage.lines(plan, access)}
    assert (lines["station", "new"].total.reached, lines["station", "new"].total.of) == (1, 2)
    assert lines["centre", "upgrade"].total.percent == 0
    areas = {one.organisation.short_name: one for one in coverage.areas(plan, access)}
    assert (areas["east"].total.reached, areas["east"].has_plan) == (2, False)
    html = client.get(reverse("desk_network_plan", args=[plan.pk])).content.decode()
    assert "新建职工服务站" in html
    assert "50%" in html
    form = client.get(reverse("desk_network_plan_edit", args=[plan.pk])).content.decode()
    assert 'value="3"' in form
    assert signed_in("chair_alpha").get(reverse("desk_network_plan", args=[plan.pk])).status_code == 404
