"""Journey: a stoppage is reported at the desk, logged from a phone on site, released, supervised; the wall."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import incidents_release
from unionhall.cases.models import Case, IncidentEntry, IncidentRelease, SupervisionNote
from unionhall.cases.tests.test_tasks import asked, given
from unionhall.kit.tests.test_pictures import jpeg

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def test_a_stoppage_from_the_first_report_to_the_release(
    standing: World, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    desk = visit("desk", "river_rights")
    page = desk.go("/desk/incidents/new/")
    desk.picture("incident-new")
    ago = timezone.localtime() - timedelta(minutes=50)
    page.get_by_label("处置工会").select_option(label="江东区总工会")
    page.get_by_label("事件名称").fill("停工讨薪")
    for label in ("发生时间", "知悉时间"):
        page.get_by_label(label).fill(f"{ago:%Y-%m-%d %H:%M}")
    page.get_by_label("地点").fill("厂区东门")
    page.get_by_label("参与人数").fill("120")
    desk.press("首报", "incident-room")
    # Entered to the minute: twenty, or a little more where filling the form took its time.
    assert page.get_by_text(re.compile("首报迟报 2[0-2] 分钟")).count()
    case = Case.objects.everywhere(reason=WHY).get(kind="incident")

    phone = visit("phone", "river_officer")
    scene = phone.go(f"/desk/incidents/{case.number}/log/")
    scene.get_by_label("情况").fill("人群在东门内侧，情绪平稳。")
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(jpeg())
    scene.locator("input[type=file]").set_input_files(photo)
    phone.picture("incident-log")
    phone.press("记录", "incident-room-phone")
    assert IncidentEntry.objects.everywhere(reason=WHY).get().photo is not None

    desk.go(f"/desk/incidents/{case.number}/release/")
    page.get_by_label("标题").fill("情况通报")
    page.get_by_label("正文").fill("区总工会已到现场，正在听取职工意见。")
    desk.press("提交核实")
    release = IncidentRelease.objects.everywhere(reason=WHY).get()
    incidents_release.check(standing.actor("river_officer"), release)
    leader = visit("desk", "leader")
    leader.go(f"/desk/incidents/{case.number}/").get_by_role("link", name="签发").click()
    leader.picture("incident-sign")
    leader.press("签发")
    desk.go(f"/desk/incidents/releases/{release.pk}/publish/")
    desk.press("发布", "incident-released")
    assert IncidentRelease.objects.everywhere(reason=WHY).get().state == "published"

    wall = visit("screen", "leader")
    wall.go(f"/desk/incidents/{case.number}/wall/")
    wall.picture("incident-wall")

    leader.go("/desk/supervision/")
    leader.picture("supervision")
    leader.press("江东区总工会")
    leader.go("/desk/supervision/overdue/")
    leader.page.get_by_role("link", name=re.compile(r"督办\s*停工讨薪")).click()
    leader.page.get_by_label("督办要求").fill("一小时内说明迟报原因。")
    leader.press("发出督办单", "supervision-note")
    assert SupervisionNote.objects.everywhere(reason=WHY).count() == 1


def test_pages_of_tasks(standing: World, visit: Callable[..., Visit]) -> None:
    task = given(standing)
    part = asked(standing, task, "pier")
    desk = visit("desk", "river_officer")
    for path, name in (
        ("/desk/tasks/", "tasks"), ("/desk/plans/", "plans"), (f"/desk/tasks/{task.number}/", "task"),
        (f"/desk/tasks/parts/{part.pk}/", "task-part"), (f"/desk/tasks/{task.number}/ask/", "task-ask"),
        ("/desk/case-transfers/", "case-transfers"), ("/desk/supervision/notes/", "supervision-notes"),
    ):  # fmt: skip
        desk.go(path)
        desk.picture(name)
