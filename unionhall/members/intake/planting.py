"""A roster to try the import with: invented people, and in chosen rows one mistake of every kind that offices make."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import xlsxwriter

from unionhall.kit.codes import (
    EDUCATION,
    EMPLOYMENT_FORM,
    EMPLOYMENT_STATUS,
    ETHNICITY,
    HUKOU_TYPE,
    POLITICAL_STATUS,
    SEX,
    SKILL_LEVEL,
)
from unionhall.kit.identifiers import ID_CHECK_CHARACTERS

from ..synthetic import REFERENCE_DAY, people

__all__ = ["KINDS", "Planted", "write_roster"]

_FIELDS = (
    ("姓名", "name"), ("身份证号", "id_number"), ("性别", "sex"), ("出生日期", "birth"), ("手机号", "phone"),
    ("民族", "ethnicity"), ("文化程度", "education"), ("政治面貌", "political"), ("户口类型", "household_type"),
    ("农民工", "migrant_worker"), ("技能等级", "skill"), ("工种", "occupation"), ("就业状况", "status"),
    ("用工形式", "form"), ("入会日期", "joined_on"),
)  # fmt: skip
_LABELS = {
    "sex": SEX, "ethnicity": ETHNICITY, "education": EDUCATION, "political": POLITICAL_STATUS,
    "household_type": HUKOU_TYPE, "skill": SKILL_LEVEL, "status": EMPLOYMENT_STATUS, "form": EMPLOYMENT_FORM,
}  # fmt: skip
_PLACE = {key: place for place, (_, key) in enumerate(_FIELDS)}
_CHUNK = 100_000

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted mistake: the row as Excel numbers it, the column's heading, the kind."""

    row: int
    column: str
    kind: str


def _put(key: str, value: str) -> Callable[[Cells, Cells], None]:
    def change(cells: Cells, first: Cells) -> None:
        cells[_PLACE[key]] = value

    return change


def _checksum(cells: Cells, first: Cells) -> None:
    number = cells[_PLACE["id_number"]]
    wrong = ID_CHECK_CHARACTERS[(ID_CHECK_CHARACTERS.index(number[-1]) + 1) % 11]
    cells[_PLACE["id_number"]] = number[:-1] + wrong


def _mangled(cells: Cells, first: Cells) -> None:
    cells[_PLACE["id_number"]] = f"{int(cells[_PLACE['id_number']][:17]) * 10:.2E}"


def _short(cells: Cells, first: Cells) -> None:
    cells[_PLACE["id_number"]] = cells[_PLACE["id_number"]][:17]


def _no_such_day(cells: Cells, first: Cells) -> None:
    number = cells[_PLACE["id_number"]]
    cells[_PLACE["id_number"]] = f"{number[:10]}0230{number[14:]}"


def _other_sex(cells: Cells, first: Cells) -> None:
    cells[_PLACE["sex"]] = "女" if cells[_PLACE["sex"]] == "男" else "男"


def _other_birth(cells: Cells, first: Cells) -> None:
    year = int(cells[_PLACE["birth"]][:4])
    cells[_PLACE["birth"]] = f"{year - 1}{cells[_PLACE['birth']][4:]}"


def _twice(cells: Cells, first: Cells) -> None:
    cells[_PLACE["id_number"]] = first[_PLACE["id_number"]]
    cells[_PLACE["sex"]], cells[_PLACE["birth"]] = first[_PLACE["sex"]], first[_PLACE["birth"]]


#: kind → (column, how a row is spoilt). The first data row is always right: "twice" copies its number.
KINDS: dict[str, tuple[str, Callable[[Cells, Cells], None]]] = {
    "checksum": ("id_number", _checksum),
    "mangled": ("id_number", _mangled),
    "short": ("id_number", _short),
    "impossible_birth": ("id_number", _no_such_day),
    "empty_id": ("id_number", _put("id_number", "")),
    "sex": ("sex", _other_sex),
    "birth": ("birth", _other_birth),
    "phone": ("phone", _put("phone", "0716-8123456")),
    "phone_length": ("phone", _put("phone", "154123456")),
    "empty_name": ("name", _put("name", "")),
    "name_digit": ("name", _put("name", "张3")),
    "joined_impossible": ("joined_on", _put("joined_on", "2019-02-30")),
    "joined_future": ("joined_on", _put("joined_on", "2099-01-01")),
    "education": ("education", _put("education", "博士后出站")),
    "twice": ("id_number", _twice),
}


def write_roster(
    path: Path, rows: int, errors: int = 0, seed: int = 0, on: date = REFERENCE_DAY
) -> list[Planted]:
    """Write `rows` rows of which `errors` are wrong, as .csv (UTF-8 with BOM) or .xlsx; the same for the same seed.

    ValueError when there cannot be that many wrong rows (the first is always right) or the ending is another.
    """
    if not 0 <= errors <= max(0, rows - 1):
        raise ValueError("有误的行数应在 0 到总行数减 1 之间（第一行总是对的）")
    chosen = _chosen(rows, errors, seed)
    planted: list[Planted] = []
    spoilt = _spoilt(rows, seed, on, chosen, planted)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow([title for title, _ in _FIELDS])
            writer.writerows(spoilt)
    elif path.suffix.lower() == ".xlsx":
        _write_xlsx(path, spoilt)
    else:
        raise ValueError("输出文件应以 .csv 或 .xlsx 结尾")
    return planted


def _chosen(rows: int, errors: int, seed: int) -> dict[int, str]:
    """Row index → kind; kinds take turns, so that a dozen errors are a dozen kinds."""
    places = np.random.default_rng([seed, rows, errors]).permutation(np.arange(1, rows))[:errors]
    kinds = list(KINDS)
    return {int(place): kinds[turn % len(kinds)] for turn, place in enumerate(sorted(places.tolist()))}


def _spoilt(
    rows: int, seed: int, on: date, chosen: dict[int, str], planted: list[Planted]
) -> Iterator[Cells]:
    first: Cells = []
    for index, cells in enumerate(_right(rows, seed, on)):
        first = first or list(cells)
        kind = chosen.get(index)
        if kind:
            column, spoil = KINDS[kind]
            spoil(cells, first)
            planted.append(Planted(index + 2, _FIELDS[_PLACE[column]][0], kind))
        yield cells


def _right(rows: int, seed: int, on: date) -> Iterator[Cells]:
    frame = people(rows, seed, on)
    for start in range(0, rows, _CHUNK):
        part = frame.slice(start, _CHUNK)
        columns: list[list[str]] = []
        for _, key in _FIELDS:
            values = part[key]
            if key in _LABELS:
                labels = dict(_LABELS[key].choices())
                columns.append([labels.get(value, "") for value in values.to_list()])
            elif key == "migrant_worker":
                columns.append(["是" if value else "否" for value in values.to_list()])
            else:
                columns.append([str(value) for value in values.to_list()])
        yield from map(list, zip(*columns, strict=True))


def _write_xlsx(path: Path, rows: Iterator[Cells]) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("会员名册")
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, len(_FIELDS) - 1, 14, text)
    for column, (title, _) in enumerate(_FIELDS):
        sheet.write_string(0, column, title)
    for number, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            sheet.write_string(number, column, value, text)
    book.close()
