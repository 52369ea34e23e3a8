"""What the desk gets of settlements: the error workbook in the uploaded shape, and what waits in its one list."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from openpyxl import load_workbook

from tests.world import World
from unionhall.benefits.todo.medical import of_exceptions, of_files
from unionhall.foundation.todo import told
from unionhall.portal.own_data import gather

from .settlements import Settled, budget, cards, checked, lines, settled

pytestmark = pytest.mark.django_db


def test_the_error_file_has_the_shape_of_the_upload(
    world: World, tmp_path: Path, signed_in: Callable[[str], Client]
) -> None:
    cards(world)
    rows = [
        Settled("A1", "alpha_1", "5300"), Settled("A2", "alpha_2", "100", name="王五"), Settled("A3", "beta_1", "-20"),
    ]  # fmt: skip
    file = checked(world, tmp_path, rows)
    response = signed_in("river_officer").get(reverse("desk_medical_faults", args=[file.pk]))
    sheet: Any = load_workbook(BytesIO(response.content)).active
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0] == [
        "结算号",
        "结算日期",
        "姓名",
        "证件号码",
        "个人自付金额",
        "病种",
        "错误说明",
        "原行号",
    ]
    assert [row[0] for row in found[1:]] == ["A2", "A3"]
    assert found[1][6] == "姓名：姓名不符"
    assert found[2][6].startswith("个人自付金额：金额为负数")
    assert [row[7] for row in found[1:]] == ["3", "4"]
    assert sheet.cell(2, 3).fill.fgColor.rgb == "FFFFD6D6", "the wrong cell is red"
    assert sheet.cell(2, 4).number_format == "@"
    assert signed_in("gorge_officer").get(response.request["PATH_INFO"]).status_code in (403, 404)


def test_members_looked_up_by_their_number_are_counted(
    world: World, tmp_path: Path, signed_in: Callable[[str], Client], settings: Any
) -> None:
    settings.LOOKUPS_HOURLY = 1
    file = checked(world, tmp_path, [Settled("A1", "nobody", "5300", name="王五", id_number="1")])
    match = reverse("desk_medical_match", args=[lines(file)["A1"].pk])
    desk, given = signed_in("river_officer"), {"member": "000000000000", "reason": "名册核对"}
    assert desk.post(match, given).status_code == 422
    assert desk.post(match, given).status_code == 429
    assert desk.post(reverse("desk_medical_enrol"), given).status_code == 429


def waiting(world: World, who: str) -> dict[str, int]:
    request: Any = RequestFactory().get("/desk/")
    request.actor = world.actor(who)
    request.access = request.actor.access
    return {one.label: one.count for one in told(request, of_exceptions, of_files) if one.count}


def test_exceptions_and_files_wait_in_the_one_list(world: World, tmp_path: Path) -> None:
    cards(world)
    checked(world, tmp_path, [Settled("A1", "alpha_1", "5300"), Settled("A2", "alpha_2", "100", name="王五")])
    assert waiting(world, "river_officer") == {"医保结算文件待理算": 1, "医保结算例外待处理": 1}
    assert waiting(world, "chair_alpha") == {}
    assert waiting(world, "gorge_officer") == {}


def test_the_copy_of_ones_own_data_has_every_benefit(world: World, tmp_path: Path) -> None:
    cards(world)
    budget(world)
    settled(world, tmp_path, [Settled("A1", "alpha_1", "5300"), Settled("A2", "alpha_2", "9999")])
    found = gather(world.accounts["worker_alpha"], world.people["alpha_1"])
    (line,) = found["医疗互助结算"]
    assert (line["结算号"], line["个人自付金额"], line["病种"], line["互助金"]) == (
        "A1",
        "5300.00",
        "肺炎",
        "2,000.00",
    )
    assert {
        "医疗互助申请", "医疗互助参加记录", "保险保障", "保险理赔", "服务券", "服务评价", "技能证书",
        "助推补贴申请", "需求征集", "享受告知", "困难帮扶", "待遇发放",
    } <= set(found)  # fmt: skip
