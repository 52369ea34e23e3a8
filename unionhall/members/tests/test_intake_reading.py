"""What offices send, and what must not be opened: files of every shape, built here."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from unionhall.foundation.errors import Refused
from unionhall.members.intake.files import inspect
from unionhall.members.intake.reading import Table, open_table

from . import intake_files as make

ROWS = make.roster(3)
TITLES = [["某某公司工会会员名册"], [], ["填报时间：2026 年 3 月"]]


def opened(path: Path, name: str = "", mapping: str = "") -> Table:
    return open_table(path, inspect(path, name or path.name), mapping)


def cells(table: Table) -> list[dict[str, Any]]:
    return [row for chunk in table.chunks() for row in chunk.iter_rows(named=True)]


FORMATS: dict[str, Callable[[Path, make.Rows], Path]] = {
    "xlsx": lambda folder, rows: make.xlsx(folder / "a.xlsx", rows),
    "xls": lambda folder, rows: make.xls(folder / "a.xls", rows),
    "utf-8": lambda folder, rows: make.text(folder / "a.csv", rows),
    "utf-8-sig": lambda folder, rows: make.text(folder / "a.csv", rows, "utf-8-sig"),
    "utf-16": lambda folder, rows: make.text(folder / "a.csv", rows, "utf-16"),
    "gb18030": lambda folder, rows: make.text(folder / "a.csv", rows, "gb18030"),
    "tab": lambda folder, rows: make.text(folder / "a.txt", rows, delimiter="\t"),
    "semicolon": lambda folder, rows: make.text(folder / "a.csv", rows, delimiter=";"),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("above", [[], TITLES], ids=["plain", "titled"])
def test_every_format_gives_the_same_rows(kind: str, above: list[list[str]], tmp_path: Path) -> None:
    table = opened(FORMATS[kind](tmp_path, [*above, *ROWS]))
    found = cells(table)
    assert [row["row"] for row in found] == [len(above) + 2, len(above) + 3, len(above) + 4]
    assert [row["id_number"] for row in found] == [row[1] for row in ROWS[1:]]
    assert [row["name"] for row in found] == [row[0] for row in ROWS[1:]]
    assert table.heading_row == len(above) + 1


def test_row_numbers_count_blank_rows_and_quoted_line_breaks(tmp_path: Path) -> None:
    rows = [
        ["姓名", "证件号码", "备注"],
        ["甲一", "1", "两\n行"],
        [],
        ["", "", ""],
        ["乙二", "2", ""],
        ["", "", "合计"],
    ]
    assert [row["row"] for row in cells(opened(make.text(tmp_path / "a.csv", rows)))] == [2, 5]
    assert [row["row"] for row in cells(opened(make.xlsx(tmp_path / "a.xlsx", rows)))] == [2, 5]


@pytest.mark.parametrize(
    "heading",
    [
        "身份证号",
        "＊证件号码（必填）",
        "身份证",
        "公民身份号码：",
        " 身份证 号码 ",
        "身份证号\n（18位）",
        "居民身份证号码*",
    ],
)
def test_heading_synonyms(heading: str, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", [["联系电话", heading, "职工姓名"], ["154", "1", "甲"]])
    assert cells(opened(path)) == [{"row": 2, "phone": "154", "id_number": "1", "name": "甲"}]


def test_unknown_columns_are_kept_aside_and_ours_are_not_unknown(tmp_path: Path) -> None:
    path = make.text(
        tmp_path / "a.csv",
        [["序号", "姓名", "证件号码", "车牌", "会员号", "错误说明"], ["1", "甲", "1", "x", "", ""]],
    )
    assert opened(path).unknown == ["车牌"]


def test_two_columns_for_the_same_thing(tmp_path: Path) -> None:
    table = opened(
        make.text(tmp_path / "a.csv", [["姓名", "证件号码", "手机", "联系电话"], ["甲", "1", "2", "3"]])
    )
    assert cells(table)[0]["phone"] == "2"
    assert "联系电话" in table.unknown
    assert "只用前一列" in table.notes[0]


def test_typed_cells_lose_nothing_silently(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["姓名", "证件号码", "手机号", "入会日期", "出生日期"],
        [
            "甲",
            429101198504080652,
            15400000001,
            datetime(2019, 3, 1),  # noqa: DTZ001 - a cell of a spreadsheet has no zone
            31145,
        ],
        ["乙", "4.40E+17", "１５４０００００００２", date(2020, 1, 2), None],
    ]
    found = cells(opened(make.xlsx(tmp_path / "a.xlsx", rows)))
    assert found[0]["id_number"] == "4.29101198504081E+17"
    assert (found[0]["phone"], found[0]["joined_on"], found[0]["birth"]) == (
        "15400000001",
        "2019-03-01",
        "31145",
    )
    assert found[1]["id_number"] == "4.40E+17"
    assert found[1]["joined_on"] == "2020-01-02"


def test_excel_text_formulas_and_guards(tmp_path: Path) -> None:
    path = make.text(
        tmp_path / "a.csv", [["姓名", "证件号码", "籍贯"], ["甲", '="429101198504080652"', "'=湖北"]]
    )
    assert cells(opened(path))[0] == {
        "row": 2,
        "name": "甲",
        "id_number": "429101198504080652",
        "native_place": "=湖北",
    }


def test_merged_cells_fill_down_and_a_repeated_heading_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.merge_range("A1:C1", "名册")
    for row, values in ((1, ["所在工会", "姓名", "证件号码"]), (2, ["", "甲", "1"]), (3, ["", "乙", "2"])):
        sheet.write_row(row, 0, values)
    sheet.write_row(4, 0, ["所在工会", "姓名", "证件号码"])
    sheet.write_row(5, 0, ["二厂", "丙", "3"])
    sheet.merge_range("A3:A4", "一厂")
    book.close()
    assert [(row["row"], row["union"]) for row in cells(opened(path))] == [
        (3, "一厂"),
        (4, "一厂"),
        (6, "二厂"),
    ]


def test_merged_cells_fill_the_column_they_stand_in_wherever_the_table_starts(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(1, 1, ["姓名", "证件号码", "所在工会", "手机号"])
    for row, values in (
        (2, ["甲", "1", "", "13900000001"]),
        (3, ["乙", "2", "", ""]),
        (4, ["丙", "3", "二厂", ""]),
    ):
        sheet.write_row(row, 1, values)
    sheet.merge_range("D3:D4", "一厂")
    book.close()
    found = cells(opened(path))
    assert [row["union"] for row in found] == ["一厂", "一厂", "二厂"]
    assert [row.get("phone") for row in found] == ["13900000001", None, None]


def test_a_table_that_starts_away_from_the_corner(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(4, 2, ["姓名", "证件号码"])
    sheet.write_row(5, 2, ["甲", "1"])
    book.close()
    table = opened(path)
    assert (table.heading_row, cells(table)) == (5, [{"row": 6, "name": "甲", "id_number": "1"}])


def test_the_first_sheet_with_a_heading_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    path = make.xlsx(tmp_path / "a.xlsx", [], {"说明": [["请阅读"]], "名册": ROWS, "离职": ROWS})
    table = opened(path)
    assert table.sheet.name == "名册"
    assert "“离职”" in table.notes[-1]


def test_sources_are_recognised_by_their_marks(tmp_path: Path) -> None:
    rows = [["姓名", "证件号码", "单位就业状况", "变动类型", "会员标识"], ["甲", "1", "5", "", ""]]
    table = opened(make.text(tmp_path / "a.csv", rows))
    assert table.mapping.name == "d2"
    assert table.mapping.code_of("status", "5") == "6"
    assert table.mapping.code_of("status", "离休") == "5"
    assert opened(make.text(tmp_path / "b.csv", ROWS)).mapping.name == "default"
    assert opened(make.text(tmp_path / "b.csv", ROWS), mapping="d2").mapping.name == "d2"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["姓名", "手机号"], ["甲", "1"]], "“证件号码”"),
        ([["证件号码", "手机号"], ["甲", "1"]], "“姓名”"),
        ([["a", "b"], ["c", "d"]], "没有找到表头"),
        ([[], [""]], "是空的"),
    ],
)
def test_a_wrong_heading_names_what_is_missing_and_what_was_found(
    rows: make.Rows, said: str, tmp_path: Path
) -> None:
    for path in (make.text(tmp_path / "a.csv", rows), make.xlsx(tmp_path / "a.xlsx", rows)):
        with pytest.raises(Refused, match=said) as refusal:
            opened(path)
        if rows[0]:
            assert rows[0][1] in str(refusal.value)


def test_a_heading_after_thirty_rows_is_not_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="前 30 行"):
        opened(make.text(tmp_path / "a.csv", [*[["说明"]] * 30, *ROWS]))


# What must not be opened.


def refused(path: Path, name: str = "") -> str:
    with pytest.raises(Refused) as refusal:
        inspect(path, name or path.name)
    return str(refusal.value)


def test_files_that_are_not_what_they_say(tmp_path: Path) -> None:
    good = make.xlsx(tmp_path / "good.xlsx", ROWS)
    old = make.xls(tmp_path / "old.xls", ROWS)
    plain = make.text(tmp_path / "plain.csv", ROWS)
    page = tmp_path / "page.xls"
    page.write_text("<html><table></table></html>")
    other = tmp_path / "x.csv"
    other.write_bytes(b"%PDF-1.7 ...")
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert "扩展名" in refused(good, "a.xls")
    assert "扩展名" in refused(good, "a.csv")
    assert "扩展名" in refused(old, "a.xlsx")
    assert "扩展名" in refused(plain, "a.xlsx")
    assert "网页" in refused(page)
    assert "PDF" in refused(other)
    assert "空的" in refused(empty)
    assert "不接收" in refused(good, "a.docx")
    assert "不接收" in refused(good, "名册")


def test_macros_are_refused_whatever_the_name(tmp_path: Path) -> None:
    good = make.xlsx(tmp_path / "good.xlsx", ROWS)
    assert "宏" in refused(good, "a.xlsm")
    hidden = make.repacked(good, tmp_path / "hidden.xlsx", **{"xl__vbaProject.bin": b"x"})
    assert "宏" in refused(hidden)
    old = make.xls(tmp_path / "old.xls", ROWS)
    old.write_bytes(old.read_bytes() + "_VBA_PROJECT".encode("utf-16-le"))
    assert "宏" in refused(old)


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    assert "密码" in refused(locked)


def test_decompression_bombs_are_refused_quickly(tmp_path: Path) -> None:
    good = make.xlsx(tmp_path / "good.xlsx", ROWS)
    big = make.repacked(
        good, tmp_path / "big.xlsx", **{"xl__worksheets__sheet9.xml": b"0" * (64 * 1024 * 1024)}
    )
    assert big.stat().st_size < 200_000
    assert "解压" in refused(big)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    good = make.xlsx(tmp_path / "good.xlsx", ROWS)
    big = make.repacked(
        good, tmp_path / "lie.xlsx", **{"xl__worksheets__sheet9.xml": b"0" * (64 * 1024 * 1024)}
    )
    content = bytearray(big.read_bytes())
    with zipfile.ZipFile(big) as archive:
        entry = archive.getinfo("xl/worksheets/sheet9.xml")
    real, small = entry.file_size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert content.count(real) >= 1
    big.write_bytes(bytes(content).replace(real, small))
    assert "解压" in refused(big)


def test_two_far_cells_are_a_bomb_too(tmp_path: Path) -> None:
    path = make.xlsx(tmp_path / "far.xlsx", [["姓名", "证件号码"]])
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "姓名")
    sheet.write_string(1_048_575, 16_383, "x")
    book.close()
    assert path.stat().st_size < 10_000
    assert "解压" in refused(path)


def test_oversized_files_are_refused(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_MAX_BYTES = 10
    assert "超过" in refused(make.text(tmp_path / "a.csv", ROWS))


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    good = make.xlsx(tmp_path / "good.xlsx", ROWS)
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(good.read_bytes()[:-200])
    assert "损坏" in refused(cut)


def test_bytes_in_no_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,证件号码\n".encode() + b"\xff\xff\xff\x80,1\n")
    with pytest.raises(Refused, match="编码"):
        opened(path)
