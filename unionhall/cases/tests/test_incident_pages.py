"""The room's pages: list, room, log from the phone, releases, photos; who sees them; how many statements."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, incidents_release, incidents_room
from unionhall.cases.models import Case, IncidentEntry, IncidentRelease
from unionhall.kit.tests.test_pictures import jpeg
from unionhall.organisations.models import Employer

from .incidents import OFFICER, WHY, log, now, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(world: World, client: Client) -> Client:
    client.force_login(world.accounts[OFFICER])
    return client


def room(case: Case) -> str:
    return reverse("desk_incident", args=[case.number])


def test_a_report_from_the_form_opens_the_room(world: World, officer: Client) -> None:
    ago = timezone.localtime() - timedelta(minutes=20)
    given = {
        "organisation": world.unions["east"].pk, "title": "停工", "employer": world.employers["alpha"].name,
        "occurred_at": f"{ago:%Y-%m-%d %H:%M}", "known_at": f"{ago:%Y-%m-%d %H:%M}", "place": "东门",
        "headcount": 60, "deaths": 0, "triggers": ["blockade"], "statement": "",
    }  # fmt: skip
    alpha = world.employers["alpha"]
    Employer.objects.create(name=f"{alpha.name}物业分公司", division=alpha.division)
    for wrong in (
        {"employer": "没有的单位"},
        {"employer": alpha.name[:-1]},
        {"occurred_at": "0001-01-01 00:00"},
    ):
        assert officer.post(reverse("desk_incident_new"), given | wrong).status_code == 422
    page = officer.post(reverse("desk_incident_new"), given, follow=True)
    assert Case.objects.everywhere(reason=WHY).get(kind="incident").employer == alpha
    assert "较大（Ⅲ级）" in page.content.decode()
    assert "电话首报" in page.content.decode()


def test_the_room_shows_clocks_flags_and_what_may_be_done(world: World, officer: Client) -> None:
    known = timezone.now() - timedelta(hours=3)
    case = reported(world, known_at=known, occurred_at=known - timedelta(days=2))
    text = officer.get(room(case)).content.decode()
    for words in ("超时", "首报迟报 2 小时 30 分钟", "疑似瞒报", "第一时间", "记日志", "到达现场"):
        assert words in text
    part = officer.get(room(case), headers={"HX-Request": "true", "HX-Target": "clocks"}).content.decode()
    assert 'id="clocks"' in part
    assert "<html" not in part


def test_a_line_with_photo_and_position_from_the_phone(world: World, officer: Client) -> None:
    case = reported(world)
    address = reverse("desk_incident_log", args=[case.number])
    assert "geolocation=(self)" in officer.get(address)["Permissions-Policy"]
    photo: Any = BytesIO(jpeg())
    photo.name = "现场.jpg"
    given = {
        "kind": "scene",
        "body": "人群在东门",
        "latitude": "30.59333",
        "longitude": "114.30333",
        "photo": photo,
    }
    assert officer.post(address, given).status_code == 302
    entry = IncidentEntry.objects.everywhere(reason=WHY).get(case=case)
    assert (str(entry.latitude), str(entry.longitude)) == ("30.59333", "114.30333")
    shown = officer.get(reverse("desk_incident_photo", args=[entry.pk]))
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]


def test_moves_with_their_words_and_refusals(world: World, officer: Client) -> None:
    case = reported(world)
    verify = reverse("desk_incident_move", args=[case.number, "verify"])
    assert officer.post(verify, {"opinion": ""}).status_code == 422
    assert officer.post(verify, {"opinion": "属实"}).status_code == 302
    assert officer.post(reverse("desk_incident_move", args=[case.number, "arrive"])).status_code == 302
    assert (
        "职工意见"
        in officer.post(reverse("desk_incident_move", args=[case.number, "gather"])).content.decode()
    )
    assert officer.get(reverse("desk_incident_move", args=[case.number, "released"])).status_code == 404
    given = {"topic": "wages", "body": "要求补发", "people": 30}
    assert officer.post(reverse("desk_incident_opinion", args=[case.number]), given).status_code == 302
    assert now(case).state == "on_site"


def test_a_release_by_three_people_in_their_pages(world: World, client: Client) -> None:
    case = reported(world)

    def post(who: str, name: str, args: list[Any], given: dict[str, Any] | None = None) -> int:
        client.force_login(world.accounts[who])
        return client.post(reverse(name, args=args), given or {}).status_code

    assert post(OFFICER, "desk_incident_release", [case.number], {"title": "通报", "body": "已到场。"}) == 302
    release = IncidentRelease.objects.everywhere(reason=WHY).get()
    verb = "desk_incident_release_act"
    assert post(OFFICER, verb, [release.pk, "check"]) == 422
    assert post("river_officer", verb, [release.pk, "check"]) == 302
    assert post("river_officer", verb, [release.pk, "sign"]) == 403
    assert post("leader", verb, [release.pk, "sign"]) == 302
    assert post(OFFICER, verb, [release.pk, "publish"]) == 302
    assert post(OFFICER, verb, [release.pk, "nothing"]) == 404
    correction = {"title": "通报（更正）", "body": "更正", "reason": "地点有误"}
    assert post(OFFICER, verb, [release.pk, "correct"], correction) == 302
    text = client.get(room(case)).content.decode()
    assert "更正“通报”：地点有误" in text


def test_others_do_not_see_it(world: World, client: Client) -> None:
    case = reported(world)
    for who, status in (("gorge_officer", 404), ("chair_gamma", 404), ("leader", 200), ("reviewer", 200)):
        client.force_login(world.accounts[who])
        assert client.get(room(case)).status_code == status, who
    client.force_login(world.accounts["leader"])
    assert client.get(reverse("desk_incident_log", args=[case.number])).status_code == 403


def _statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_statements_do_not_grow_with_what_is_in_the_room(world: World, officer: Client) -> None:
    case, actor = reported(world), world.actor(OFFICER)
    core.link(actor, case, reported(world), "related")

    def fill() -> None:
        log(world, case, "scene")
        incidents_room.collect(actor, case, topic="wages", body="x", people=1)
        incidents_room.stand_in(actor, case, role="duty", account=world.accounts[OFFICER])
        incidents_release.draft(actor, case, title="t", body="b")

    fill()
    pages = [room(case), reverse("desk_incident_wall", args=[case.number]), reverse("desk_incidents")]
    before = [_statements(officer, page) for page in pages]
    fill()
    fill()
    reported(world)
    assert [_statements(officer, page) for page in pages] == before
    assert max(before) < 40


def test_the_wall_tells_what_happened_in_one_stream_and_what_else_is_open_below(
    world: World, client: Client
) -> None:
    case, other = reported(world), reported(world)
    log(world, case, "scene", "人群在东门。", headcount=80)
    incidents_room.collect(world.actor(OFFICER), case, topic="wages", body="x", people=7)
    client.force_login(world.accounts["leader"])
    found = client.get(reverse("desk_incident_wall", args=[case.number]))
    stream = found.context["stream"]
    assert [one["body"] for one in stream].count("人群在东门。") == 1
    assert [one["at"] for one in stream] == sorted((one["at"] for one in stream), reverse=True)
    assert any(not one["log"] for one in stream), "the report itself stands there too"
    assert [one["width"] for one in found.context["bars"]] == [100]
    assert [row["case"].pk for row in found.context["others"]["rows"]] == [other.pk]
    client.force_login(world.accounts["gorge_officer"])
    assert client.get(reverse("desk_incident_wall", args=[case.number])).status_code == 404
