"""Workbooks that people fill in: the template, and the rows that were refused with the reason beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from unionhall.kit.text import header_key, safe_cell

from ..documents import choices as document_choices
from .columns import COLUMNS, REQUIRED

__all__ = ["ERROR_TITLE", "ROW_TITLE", "write_errors", "write_template"]

ERROR_TITLE, ROW_TITLE = "错误说明", "原行号"
GUIDE, CODES = "填表说明", "代码表"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TEMPLATE_ROWS = 5_000
_CELL_LIMIT = 32_000
_RED = {"bg_color": "#FFD6D6", "font_color": "#A30000", "num_format": "@"}
Faults = Mapping[int, Sequence[Mapping[str, str]]]


class Sent(Protocol):
    """A table as somebody sent it in: its headings, and rows by their number."""

    @property
    def headings(self) -> Sequence[str]: ...

    def chosen(self, rows: Any) -> Iterable[tuple[int, Sequence[str]]]: ...


def write_errors(path: Path, table: Sent, faults: Faults) -> int:
    """The refused rows as they were sent in, all cells as text, the wrong ones red. Answers how many rows.

    `faults`: row number → [{"column": heading, "message": …}]. Put right, the workbook can be imported as it is.
    """
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    text, red = book.add_format({"num_format": "@"}), book.add_format(_RED)
    head = book.add_format({"bold": True, "bg_color": "#EDEBE6", "num_format": "@"})
    why = book.add_format({"font_color": "#A30000", "text_wrap": True, "num_format": "@"})
    sheet = book.add_worksheet("有误的行")
    sheet.freeze_panes(1, 0)
    ours = {header_key(ERROR_TITLE), header_key(ROW_TITLE)}
    kept = [place for place, title in enumerate(table.headings) if header_key(title) not in ours]
    sheet.set_column(0, len(kept) - 1, 18, text)
    sheet.set_column(len(kept), len(kept), 60, why)
    sheet.set_column(len(kept) + 1, len(kept) + 1, 9, text)
    titles = [table.headings[place] for place in kept] + [ERROR_TITLE, ROW_TITLE]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, safe_cell(title), head)
    written = 0
    for number, cells in table.chosen(faults):
        written += 1
        wrong = {fault["column"] for fault in faults[number]}
        for column, place in enumerate(kept):
            value = cells[place] if place < len(cells) else ""
            style = red if table.headings[place] in wrong else text
            sheet.write_string(written, column, safe_cell(value)[:_CELL_LIMIT], style)
        said = "\n".join(f"{fault['column']}：{fault['message']}" for fault in faults[number])
        sheet.write_string(written, len(kept), said[:_CELL_LIMIT], why)
        sheet.write_string(written, len(kept) + 1, str(number), text)
    book.close()
    return written


def write_template(path: Path) -> None:
    """The empty roster: the same columns as an export, text cells, drop-downs, and a sheet that explains."""
    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "constant_memory": False})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EDEBE6", "border": 1, "num_format": "@"})
    must = book.add_format(
        {"bold": True, "bg_color": "#B3262B", "font_color": "#FFFFFF", "border": 1, "num_format": "@"}
    )
    sheet = book.add_worksheet("会员名册")
    guide, codes = book.add_worksheet(GUIDE), book.add_worksheet(CODES)
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.title, must if column.key in REQUIRED else head)
        sheet.write_comment(0, place, _comment(column.key), {"x_scale": 1.6})
        labels = _labels(column.key)
        if not labels:
            continue
        codes.write_string(0, place, column.title, head)
        codes.write_column(1, place, labels)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        sheet.data_validation(
            1, place, _TEMPLATE_ROWS, place,
            {
                "validate": "list", "source": f"={CODES}!${letter}$2:${letter}${len(labels) + 1}",
                "error_title": column.title, "error_message": "请从下拉列表中选择。", "error_type": "warning",
            },
        )  # fmt: skip
    _write_guide(book, guide)
    book.close()


def _labels(key: str) -> list[str]:
    if key == "id_type":
        return [label for _, label in document_choices()]
    if key == "migrant_worker":
        return ["是", "否"]
    column = next(column for column in COLUMNS if column.key == key)
    return [label for _, label in column.codes.choices()] if column.codes else []


#: What to write, with an example. Kept in comments, so that no sample row is ever imported.
_HINTS = {
    "name": "必填。按证件填写；少数民族姓名用“·”分隔。例：张三",
    "id_type": "不填即为居民身份证。",
    "id_number": "必填。本列是文本格式，请勿改成数字，否则 Excel 会丢掉末尾几位。例：11010119900307****（填完整号码）",
    "sex": "可不填，按身份证号判断。",
    "birth": "可不填，按身份证号判断。例：1990-03-07",
    "phone": "11 位手机号。例：138****5678（填完整号码）",
    "joined_on": "例：2019-03-01；不知道日的填 2019-03。不填即为导入当天。",
    "union": "不填即为上传时所选的工会。填工会全称或组织代码。",
    "household_place": "例：湖北省某市某县",
    "native_place": "例：湖北某市",
    "work_unit": "用人单位全称。",
    "occupation": "例：焊工",
}


def _comment(key: str) -> str:
    return _HINTS.get(key, "从下拉列表中选择；不知道可不填。")


def _write_guide(book: Any, sheet: Any) -> None:
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90, wrap)
    rows = [
        ("怎么填", "从第 2 行起填写，一人一行。红色表头的列必填，其余可不填。列的次序可以变，也可以加列。"),
        ("身份证号", "请保持文本格式。从别处粘贴时选“只粘贴文本”。出现 4.40E+17 的，说明末尾数字已丢失，须重新填写。"),
        ("重复导入", "同一份名册导入两次不会重复登记；空白的单元格不会清掉系统里已有的内容。"),
        ("已在别处入会", "名册不能改变会籍。此人在其他工会的，预览时会列出，请发起会籍转接。"),
        ("", ""),
        *((column.title, _comment(column.key)) for column in COLUMNS),
    ]  # fmt: skip
    for index, (title, said) in enumerate(rows):
        sheet.write_string(index, 0, title, bold)
        sheet.write_string(index, 1, said, wrap)
