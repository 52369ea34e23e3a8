"""The tables of a figures page as workbook or text: numbers as numbers, nothing that a spreadsheet would run."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from unionhall.indicators import registry
from unionhall.kit.media import CSV, XLSX
from unionhall.kit.text import safe_cell

from .board import COLUMNS, Board

WITHHELD = "—"
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Cell = str | int
Table = list[list[Cell]]


@dataclass(frozen=True)
class Format:
    """A form in which the tables can be had."""

    code: str
    label: str
    suffix: str
    content_type: str


FORMATS = (
    Format("xlsx", "全部表格（Excel）", "xlsx", XLSX),
    Format("below", "下级工会（CSV）", "csv", CSV),
    Format("breakdowns", "会员构成（CSV）", "csv", CSV),
)


def _plain(value: Any) -> Cell:
    if value is None:
        return WITHHELD
    return value if isinstance(value, int) else safe_cell(str(value))


def own(board: Board) -> Table:
    """The union's own figures and those of the year before."""
    rows: Table = [["指标", "单位", f"{board.shown_day:%Y-%m-%d}", f"{board.year_before:%Y-%m-%d}"]]
    for tile in board.tiles():
        one = registry.get(tile["code"])
        rows.append([one.title, one.unit, _plain(tile["value"]), _plain(tile["before"])])
    return rows


def below(board: Board) -> Table:
    """A row for every union directly below."""
    rows: Table = [["工会", "组织代码", "备注", *(registry.get(code).title for code in COLUMNS)]]
    for row in board.rows:
        union, beside = row.below.organisation, "产业工会，不计入合计" if row.below.beside else ""
        rows.append(
            [
                safe_cell(row.below.name),
                safe_cell(union.code),
                beside,
                *(_plain(row.figures[code]) for code in COLUMNS),
            ]
        )
    return rows


def breakdowns(board: Board) -> Table:
    """Every breakdown, one below the other."""
    rows: Table = [["分类", "项目", "会员（人）"]]
    rows += [
        [one["title"], safe_cell(row["label"]), _plain(row["value"])]
        for one in board.breakdowns()
        for row in one["rows"]
    ]
    return rows


def course(board: Board) -> Table:
    """Month ends down, figures across."""
    table = board.course_table()
    return [table["head"], *([_plain(cell) for cell in row] for row in table["rows"])]


def about(board: Board) -> Table:
    """What the numbers are: union, day, definitions, what is withheld."""
    rows: Table = [
        ["工会", safe_cell(board.union.name)],
        ["组织代码", safe_cell(board.union.code)],
        ["截至日期", f"{board.shown_day:%Y-%m-%d}"],
    ]
    if text := board.secrecy():
        rows.append(["不显示的数字", text])
    rows += [
        [one.title, one.definition + (f"（{one.source}）" if one.source else "")]
        for one in board.definitions()
    ]
    return rows


def as_csv(table: Sequence[Sequence[Cell]]) -> bytes:
    """With the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")


def as_workbook(sheets: Sequence[tuple[str, Table]]) -> bytes:
    """One sheet per table, heads bold and frozen."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    head = book.add_format({"bold": True, "bg_color": "#EDEBE6"})
    number, text = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "@"})
    for title, table in sheets:
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        widths = [8] * max(len(row) for row in table)
        for place, row in enumerate(table):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(place, column, value, number)
                else:
                    sheet.write_string(place, column, value, head if place == 0 else text)
                    widths[column] = max(widths[column], min(60, 2 * len(value) + 2))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
    book.close()
    return out.getvalue()


def content(board: Board, what: str) -> tuple[bytes, int]:
    """The file, and how many rows of numbers it holds."""
    if what == "xlsx":
        tables = [own(board), below(board), breakdowns(board), course(board)]
        titles = ("本级", "下级工会", "会员构成", "走势")
        sheets: list[tuple[str, Table]] = [
            *zip(titles, tables, strict=True),
            ("说明", [["项目", "内容"], *about(board)]),
        ]
        return as_workbook(sheets), sum(len(table) - 1 for table in tables)
    table = below(board) if what == "below" else breakdowns(board)
    return as_csv(table), len(table) - 1
