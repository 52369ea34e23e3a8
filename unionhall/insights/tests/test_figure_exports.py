"""Figures taken along: a workbook and text, journalled, withholding what the page withholds."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from tests.world import World
from unionhall.organisations.models import Organisation
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db


def test_the_workbook_holds_numbers_and_no_formulas(world: World, signed_in: Any) -> None:
    Organisation.objects.everywhere(reason="test").filter(pk=world.unions["east"].pk).update(
        name="=1+1总工会"
    )
    world.unions["east"].namings.everywhere(reason="test").filter(organisation=world.unions["east"]).update(
        name="=1+1总工会"
    )
    answer = signed_in("river_officer").post(
        "/desk/figures/export/", {"what": "xlsx", "purpose": "年度统计报表"}
    )
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["本级", "下级工会", "会员构成", "走势", "说明"]
    rows = {str(row[0]): row for row in book["下级工会"].iter_rows(min_row=2, values_only=True)}
    assert rows["'=1+1总工会"][3] == 5
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert book["本级"]["C2"].value == 6
    entry = JournalEntry.objects.everywhere(reason="test").get(action="insights.figures_exported")
    assert entry.reason == "年度统计报表"
    assert entry.detail["format"] == "xlsx"
    assert entry.subject_id == world.unions["river_city"].pk


@pytest.mark.parametrize(
    ("what", "cells"), [("below", ["江东区总工会", "5"]), ("breakdowns", ["性别", "男", "3"])]
)
def test_the_tables_as_text(world: World, signed_in: Any, what: str, cells: list[str]) -> None:
    answer = signed_in("river_officer").post("/desk/figures/export/", {"what": what, "purpose": "年度统计"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert any(all(cell in row for cell in cells) for row in rows)


def test_an_export_withholds_what_the_page_withholds(world: World, signed_in: Any) -> None:
    answer = signed_in("leader").post("/desk/figures/export/", {"what": "below", "purpose": "年度统计"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[3] for row in rows[1:]} == {"—"}


def test_an_export_asks_what_for(world: World, signed_in: Any) -> None:
    answer = signed_in("river_officer").post("/desk/figures/export/", {"what": "xlsx", "purpose": "报"})
    assert answer.status_code == 422
    assert "请写明导出用途" in answer.content.decode()
    assert (
        not JournalEntry.objects.everywhere(reason="test").filter(action="insights.figures_exported").exists()
    )
