"""Certificates from a file: looked at, the wrong rows back with the reason, taken over once."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.world import World
from unionhall.benefits.models import Certificate
from unionhall.records.models import Attachment

pytestmark = pytest.mark.django_db
WHY = "test"
HEAD = "证书编号,姓名,身份证号,职业,等级,发证机构,发证日期"


def send(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("证书.csv", text.encode())
    return client.post(reverse("desk_certificates"), {"file": file})


def test_from_the_file_to_the_registry(world: World, signed_in: Callable[[str], Client]) -> None:
    one, two = world.people["alpha_1"], world.people["beta_1"]
    rows = [
        f"s0001,{one.name},{one.id_number.reveal()},电工,技师,鉴定中心,2026-01-31",
        f"S0002,{two.name},{two.id_number.reveal()},焊工,特级,鉴定中心,2026-02-30",
        f"S0001,{two.name},420103199001011234,焊工,1,鉴定中心,2026-01-31",
    ]
    officer = signed_in("province_officer")
    sent = send(officer, "\n".join([HEAD, *rows]))
    assert sent.status_code == 302
    page = officer.get(sent.headers["Location"])
    looked = page.context["looked"]
    assert (looked.new, looked.known, looked.wrong) == (1, 0, 2)
    assert "等级：应为高级技师、技师" in page.content.decode()
    assert not Certificate.objects.everywhere(reason=WHY).exists()
    book = officer.get(sent.headers["Location"] + "errors/").content
    sheet: Any = load_workbook(BytesIO(book)).active
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0][-2:] == ["错误说明", "原行号"]
    assert "发证日期" in found[1][-2]
    assert "重复" in found[2][-2]
    assert "证件号码" not in found[2][:3]
    assert officer.post(sent.headers["Location"]).status_code == 302
    held = Certificate.objects.everywhere(reason=WHY).get()
    assert (held.number, held.level, held.person_id, held.is_best) == ("S0001", "2", one.pk, True)
    again = send(officer, "\n".join([HEAD, rows[0]]))
    looked = officer.get(again.headers["Location"]).context["looked"]
    assert (looked.new, looked.known) == (0, 1)


def test_only_at_the_top_and_only_ones_own(world: World, signed_in: Callable[[str], Client]) -> None:
    one = world.people["alpha_1"]
    text = f"{HEAD}\nS1,{one.name},{one.id_number.reveal()},电工,技师,鉴定中心,2026-01-31"
    assert send(signed_in("river_officer"), text).status_code in (403, 422)
    assert not Attachment.objects.everywhere(reason=WHY).filter(purpose="benefits.certificates").exists()
    assert "没有找到表头" in send(signed_in("province_officer"), "甲,乙\n1,2").content.decode()
    sent = send(signed_in("province_officer"), text)
    assert signed_in("river_officer").get(sent.headers["Location"]).status_code == 404
