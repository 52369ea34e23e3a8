"""A table that people fill in and send back: one list of columns is its template, what is read and what is written.

A wrong row never stops the others: it comes back as it was, with every mistake in words beside it.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from unionhall.foundation.errors import Refused
from unionhall.kit.text import header_key, one_line, safe_cell

from .intake.cells import sheets
from .intake.files import inspect

MOST_ROWS = 5000
_HEADING_WITHIN = 20
#: So many known headings make a row of cells the heading.
_HEADINGS = 4
_NEEDED = "（必填）"
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class Column:
    """`example` stands in the template; `choices` are (code, label): a list to choose from there."""

    key: str
    title: str
    needed: bool = False
    example: str = ""
    choices: Sequence[tuple[Any, str]] = ()


@dataclass
class Read:
    """Sound rows as they are kept, and wrong ones with every mistake."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def add(self, cells: "Cells", row: dict[str, Any], label: str) -> None:
        """The row, or its mistakes under a label by which people know it."""
        if not cells.wrong:
            self.rows.append(row)
            return
        told = {
            "row": cells.number,
            "label": label[:60],
            "wrong": "；".join(cells.wrong),
            "cells": cells.given,
        }
        self.faults.append(told)


class Cells:
    """One row as it was filled in. Each method reads one cell; what it cannot read joins `wrong`."""

    def __init__(self, worksheet: "Worksheet", number: int, given: Mapping[str, str]) -> None:
        self.number = number
        # Exports put an apostrophe before what a spreadsheet would take for a formula.
        self.given = {key: value.removeprefix("'") for key, value in given.items()}
        self.wrong: list[str] = []
        self._columns = worksheet.by_key

    def __getitem__(self, key: str) -> str:
        return self.given.get(key, "")

    def title(self, key: str) -> str:
        return self._columns[key].title

    def text(self, key: str, longest: int) -> str:
        text = self[key]
        if self._columns[key].needed and not text:
            self.wrong.append(f"{self.title(key)}没有填写")
        if len(text) > longest:
            self.wrong.append(f"{self.title(key)}超过 {longest} 个字")
        return text

    def choice(self, key: str, default: Any = None, among: Iterable[tuple[Any, str]] = ()) -> Any:
        """The code of a label: of the column's choices, or `among` those that only this reading knows."""
        text, known = self[key], {label: code for code, label in (among or self._columns[key].choices)}
        if not text and default is not None:
            return default
        if text not in known:
            self.wrong.append(f"{self.title(key)}“{text[:20]}”应是：{'、'.join(known)}")
        return known.get(text, "")

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number; spreadsheets write 2 as 2.0."""
        text = self[key].removesuffix(".0")
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            self.wrong.append(f"{self.title(key)}“{text[:20]}”应是 {least} 至 {most} 的整数")
            return None
        return int(text)

    def day(self, key: str) -> str | None:
        """A day as ISO text; an empty cell is a mistake only where the column is needed."""
        text = self[key]
        found = day_of(text)
        if found is not None:
            return found.isoformat()
        if text:
            self.wrong.append(f"{self.title(key)}“{text[:20]}”看不懂，请写成 2026-01-31")
        elif self._columns[key].needed:
            self.wrong.append(f"{self.title(key)}没有填写")
        return None

    def several(self, key: str) -> list[str]:
        """The parts of a cell that names more than one."""
        return [name for part in re.split(r"[;、,，；\n]", self[key]) if (name := part.strip())]


def day_of(text: str) -> date | None:
    """A day as people write it; None where it cannot be read, or there is no such day."""
    found = _DATE.match(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


class Worksheet:
    """A kind of table by its columns; `name` is the tab's."""

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        self.name, self.columns = name, columns
        self.by_key = {column.key: column for column in columns}
        self._keys = {header_key(column.title): column.key for column in columns}

    def read(self, path: Path | str, name: str) -> Iterator[Cells]:
        """The filled rows of the first sheet that has the heading. Refused: no table, no heading, too long."""
        table = Path(path)
        for sheet in sheets(table, inspect(table, name)):
            columns: dict[str, int] | None = None
            taken = 0
            for number, cells in sheet.rows():
                texts = [one_line(cell or "") for cell in cells]
                if columns is None:
                    columns = self._heading(texts) if number <= _HEADING_WITHIN else None
                    continue
                if not any(texts):
                    continue
                taken += 1
                if taken > MOST_ROWS:
                    raise Refused(f"一个文件最多 {MOST_ROWS} 行，请分成几个文件。", "file")
                given = {key: texts[at] if at < len(texts) else "" for key, at in columns.items()}
                yield Cells(self, number, given)
            if columns is not None:
                if not taken:
                    raise Refused("表头下面没有内容。请填好后再上传。", "file")
                return
        needed = "、".join(column.title for column in self.columns if column.needed)
        raise Refused(f"没有找到表头。请用模板，表头应有：{needed}。", "file")

    def _heading(self, texts: Sequence[str]) -> dict[str, int] | None:
        plain = [header_key(text.replace(_NEEDED, "")) for text in texts]
        found = {self._keys[text]: at for at, text in enumerate(plain) if text in self._keys}
        if len(found) < _HEADINGS:
            return None
        missing = [column.title for column in self.columns if column.needed and column.key not in found]
        if missing:
            raise Refused(f"缺少列：{'、'.join(missing)}。请对照模板补上。", "file")
        return found

    def template(self) -> bytes:
        """The empty workbook with one example row, lists to choose from, and text columns."""
        return self._book([[column.example for column in self.columns]], to_fill=True)

    def book(self, rows: Iterable[Mapping[str, str]]) -> bytes:
        """Rows by key, in the columns in which they are read."""
        return self._book([row.get(column.key, "") for column in self.columns] for row in rows)

    def faults(self, faults: Iterable[Mapping[str, Any]]) -> bytes:
        """The wrong rows as they were (`Read.faults`), with what is wrong in a last column."""
        rows = ([*(one["cells"].get(key, "") for key in self.by_key), one["wrong"]] for one in faults)
        return self._book(rows, more=("错误说明",))

    def _book(
        self, rows: Iterable[Sequence[str]], *, to_fill: bool = False, more: tuple[str, ...] = ()
    ) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, _OPTIONS)
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "bg_color": "#EDEBE6"})
        red = book.add_format({"num_format": "@", "font_color": "#B5151B"})
        sheet = book.add_worksheet(self.name)
        sheet.freeze_panes(1, 0)
        titles = [column.title + (_NEEDED if column.needed and to_fill else "") for column in self.columns]
        for place, title in enumerate([*titles, *more]):
            sheet.write_string(0, place, title, head)
            sheet.set_column(place, place, max(12, 2 * len(title) + 2), text)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                sheet.write_string(number, place, safe_cell(value), red if place >= len(titles) else text)
        for place, column in enumerate(self.columns if to_fill else ()):
            if column.choices:
                rule = {"validate": "list", "source": [label for _, label in column.choices]}
                sheet.data_validation(1, place, MOST_ROWS, place, rule)
        book.close()
        return out.getvalue()
