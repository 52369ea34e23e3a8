"""Roster files as offices send them, made on the spot: the one place where tests build workbooks."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

from unionhall.kit.codes import EDUCATION, SEX
from unionhall.members.synthetic import people

Rows = Sequence[Sequence[Any]]
HEAD = ["姓名", "身份证号", "性别", "手机号", "学历", "入会日期"]


def roster(count: int, seed: int = 5, **changes: dict[int, str]) -> list[list[str]]:
    """A heading and `count` right rows; `phone={2: "1"}` spoils the phone of the second."""
    frame = people(count, seed)
    rows: list[list[str]] = [
        [
            person["name"],
            person["id_number"],
            SEX.label(person["sex"]),
            person["phone"],
            EDUCATION.label(person["education"]),
            f"{person['joined_on']:%Y-%m-%d}",
        ]
        for person in frame.iter_rows(named=True)
    ]
    keys = ["name", "id_number", "sex", "phone", "education", "joined_on"]
    for key, values in changes.items():
        for row, value in values.items():
            rows[row - 1][keys.index(key)] = value
    return [list(HEAD), *rows]


def xlsx(path: Path, rows: Rows, sheets: dict[str, Rows] | None = None) -> Path:
    """Cells keep their Python type: a number is a number, a text a text."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"})
    for name, content in (sheets or {"Sheet1": rows}).items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(content):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    book.close()
    return path


def xls(path: Path, rows: Rows) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.save(str(path))
    return path


def text(path: Path, rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def repacked(source: Path, target: Path, **entries: bytes) -> Path:
    """A copy of a workbook with entries added or replaced (`__` in a name stands for "/")."""
    added = {name.replace("__", "/"): content for name, content in entries.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in added:
                new.writestr(entry, old.read(entry))
        for name, content in added.items():
            new.writestr(name.replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return target
