"""Nodes as a workbook: the same columns are read, exported and offered as a template."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import xlsxwriter

from unionhall.foundation.errors import Refused
from unionhall.kit.text import header_key, one_line, safe_cell
from unionhall.members.intake.cells import sheets
from unionhall.members.intake.files import inspect
from unionhall.organisations.models import Employer, Organisation

from .models import LEVELS, Node
from .rules.opening import Stretch, Unreadable, parse_week, week_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5000
_HEADING_WITHIN = 20
_WHY = "unions below the one whose nodes the actor keeps"

#: Key → heading, needed, an example for the template.
COLUMNS: tuple[tuple[str, str, bool, str], ...] = (
    ("code", "站点编号", False, ""),
    ("name", "名称", True, "码头街道职工服务站"),
    ("union", "所属工会代码", True, "T420103001-00009"),
    ("level", "层级", True, "乡镇街道级"),
    ("kind", "类别", True, "职工服务站"),
    ("mode", "模式", False, "会站合一"),
    ("functions", "功能", True, "维权、服务、教育、活动"),
    ("build", "建设方式", True, "新建"),
    ("employer", "所在单位", False, ""),
    ("partners", "共建单位", False, ""),
    ("division", "行政区划代码", True, "420103001"),
    ("address", "地址", True, "码头街道沿江路 8 号"),
    ("latitude", "纬度", False, "30.60312"),
    ("longitude", "经度", False, "114.30121"),
    ("area", "面积（平方米）", False, "86.5"),
    ("telephone", "电话", False, "027-82000000"),
    ("hours", "开放时间", False, "周一至周五 09:00-12:00，14:00-17:30；周六 09:00-12:00"),
    ("holidays", "节假日", False, "不开放"),
    ("about", "服务说明", False, "法律咨询、困难帮扶、职业介绍"),
)
_KEYS = {header_key(title): key for key, title, *_ in COLUMNS}
_TITLES = {key: title for key, title, *_ in COLUMNS}
_HOLIDAYS = {"": False, "不开放": False, "照常开放": True}
_CHOICES: dict[str, list[tuple[Any, str]]] = {
    "level": [(code, str(label)) for code, label in LEVELS],
    "kind": [(code, str(label)) for code, label in Node.Kind.choices],
    "mode": [(code, str(label)) for code, label in Node.Mode.choices],
    "build": [(code, str(label)) for code, label in Node.Build.choices],
}


@dataclass
class Read:
    """Sound rows as they are kept, and wrong ones with every mistake."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)


def read(path: Path | str, name: str, organisation: Organisation) -> Read:
    """Read a file. Refused when it is none, lacks a heading or is too long; a wrong row is a fault by itself."""
    checker = _Checker(organisation)
    found = Read()
    for sheet in sheets(Path(path), inspect(Path(path), name)):
        columns: dict[str, int] | None = None
        for number, cells in sheet.rows():
            texts = [one_line(cell or "") for cell in cells]
            if columns is None:
                columns = _columns(texts) if number <= _HEADING_WITHIN else None
                continue
            if not any(texts):
                continue
            if len(found.rows) + len(found.faults) >= MOST_ROWS:
                raise Refused(f"一个文件最多 {MOST_ROWS} 行，请分成几个文件。", "file")
            checker.take(
                number, {key: texts[at] if at < len(texts) else "" for key, at in columns.items()}, found
            )
        if columns is not None:
            return found
    needed = "、".join(title for _, title, must, _ in COLUMNS if must)
    raise Refused(f"没有找到表头。请用模板，表头应有：{needed}。", "file")


def _columns(texts: Sequence[str]) -> dict[str, int] | None:
    # The template says （必填） beside what is needed.
    plain = [header_key(text.replace("（必填）", "")) for text in texts]
    found = {_KEYS[text]: at for at, text in enumerate(plain) if text in _KEYS}
    if len(found) < 4:
        return None
    missing = [title for key, title, needed, _ in COLUMNS if needed and key not in found]
    if missing:
        raise Refused(f"缺少列：{'、'.join(missing)}。请对照模板补上。", "file")
    return found


class _Checker:
    """What a row may name: unions below, nodes there are, firms; and what was seen before in the file."""

    def __init__(self, organisation: Organisation) -> None:
        rows = Organisation.objects.everywhere(reason=_WHY).active()
        below = rows.filter(path__startswith=organisation.path, level__lte=5)
        self.unions = dict(below.values_list("code", "pk"))
        self.levels = dict(below.values_list("pk", "level"))
        known = Node.objects.everywhere(reason=_WHY).filter(organisation__path__startswith=organisation.path)
        self.codes = dict(known.values_list("code", "pk"))
        self.seen: dict[Any, int] = {}

    def take(self, number: int, given: dict[str, str], found: Read) -> None:
        wrong: list[str] = []
        given = {key: value.removeprefix("'") for key, value in given.items()}
        row: dict[str, Any] = {"row": number, "code": given.get("code", "")}
        if row["code"] and row["code"] not in self.codes:
            wrong.append(f"没有编号为“{row['code'][:24]}”的站点；新站点的编号不填")
        row["name"] = _text(given, "name", 100, wrong)
        row["address"] = _text(given, "address", 200, wrong)
        row["union"] = self.unions.get(given.get("union", ""))
        if row["union"] is None:
            wrong.append(f"您的范围里没有代码为“{given.get('union', '')[:24]}”的工会")
        for key, default in (("level", None), ("kind", None), ("mode", "ordinary"), ("build", None)):
            row[key] = _choice(given, key, default, wrong)
        if row["level"] and row["union"] and row["level"] < self.levels[row["union"]]:
            wrong.append("层级不能高于所属工会")
        row["functions"] = _functions(given, wrong)
        row["division"] = _division(given, wrong)
        row["partners"] = _text(given, "partners", 200, wrong, needed=False)
        row["telephone"] = _text(given, "telephone", 30, wrong, needed=False)
        row["about"] = _text(given, "about", 500, wrong, needed=False)
        row["latitude"] = _degrees(given, "latitude", 90, wrong)
        row["longitude"] = _degrees(given, "longitude", 180, wrong)
        if (row["latitude"] is None) != (row["longitude"] is None):
            wrong.append("经度和纬度要一起填写")
        row["area"] = _area(given, wrong)
        row["hours"] = _hours(given, wrong)
        if given.get("holidays", "") not in _HOLIDAYS:
            wrong.append("节假日应填：不开放、照常开放")
        row["open_on_holidays"] = _HOLIDAYS.get(given.get("holidays", ""), False)
        row["employer"] = employer_of(given.get("employer", ""), wrong)
        if row["mode"] == Node.Mode.HOME and row["employer"] is None and not given.get("employer"):
            wrong.append("会家合一要填所在单位")
        for key in filter(None, (row["code"], (row["union"], row["name"]) if row["union"] else None)):
            if not wrong and key in self.seen:
                wrong.append(f"与第 {self.seen[key]} 行是同一个站点")
            self.seen.setdefault(key, number)
        if wrong:
            label = (given.get("name") or row["code"])[:60]
            found.faults.append({"row": number, "label": label, "wrong": "；".join(wrong), "cells": given})
        else:
            found.rows.append(row)


def employer_of(said: str, wrong: list[str]) -> int | None:
    """The firm by credit code or its whole name; a name that two firms bear is asked for by its code."""
    if not said:
        return None
    found = list(Employer.objects.filter(uscc=said.upper()).values_list("pk", flat=True)) or list(
        Employer.objects.filter(name=said).values_list("pk", flat=True)[:2]
    )
    if len(found) != 1:
        many = (
            "有几个同名单位，请填统一社会信用代码"
            if found
            else "没有登记这个单位，请填全称或统一社会信用代码"
        )
        wrong.append(f"所在单位“{said[:30]}”{many}")
        return None
    return int(found[0])


def _text(given: Mapping[str, str], key: str, longest: int, wrong: list[str], *, needed: bool = True) -> str:
    text = given.get(key, "")
    if needed and not text:
        wrong.append(f"{_TITLES[key]}没有填写")
    if len(text) > longest:
        wrong.append(f"{_TITLES[key]}超过 {longest} 个字")
    return text


def _choice(given: Mapping[str, str], key: str, default: str | None, wrong: list[str]) -> Any:
    text, known = given.get(key, ""), {label: code for code, label in _CHOICES[key]}
    if not text and default:
        return default
    if text not in known:
        wrong.append(f"{_TITLES[key]}“{text[:20]}”应是：{'、'.join(known)}")
    return known.get(text)


def _functions(given: Mapping[str, str], wrong: list[str]) -> list[str]:
    known = {str(label): code for code, label in Node.Function.choices}
    said = [one for one in re.split(r"[、,，;；\s]+", given.get("functions", "")) if one]
    strange = [one for one in said if one not in known]
    if strange or not said:
        wrong.append(
            f"功能“{'、'.join(strange)[:20]}”应是：{'、'.join(known)}" if strange else "功能没有填写"
        )
    return [code for label, code in known.items() if label in said]


def _division(given: Mapping[str, str], wrong: list[str]) -> str:
    text = given.get("division", "").removesuffix(".0")
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12)):
        wrong.append(f"行政区划代码“{text[:12]}”应是 6 位区县代码或 9 位街道代码")
    return text


def _degrees(given: Mapping[str, str], key: str, most: int, wrong: list[str]) -> float | None:
    text = given.get(key, "")
    if not text:
        return None
    try:
        value = round(float(text), 6)
    except ValueError:
        value = 999.0
    if not -most <= value <= most:
        wrong.append(f"{_TITLES[key]}“{text[:12]}”应是 -{most} 至 {most} 的小数")
        return None
    return value


def _area(given: Mapping[str, str], wrong: list[str]) -> str | None:
    text = given.get("area", "")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 < value < 10_000_000:
        wrong.append(f"面积“{text[:12]}”应是大于 0 的数")
        return None
    return f"{value:.1f}"


def _hours(given: Mapping[str, str], wrong: list[str]) -> str:
    try:
        return week_text(parse_week(given.get("hours", "")))
    except Unreadable as fault:
        wrong.append(f"开放时间：{fault}")
        return ""


# Writing ---------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """The empty workbook with one example row, lists to choose from, and text columns."""
    return _workbook([[example for *_, example in COLUMNS]], choices=True)


def export(nodes: Iterable[Node], weeks: Mapping[int, Mapping[int, Sequence[Stretch]]]) -> bytes:
    """Nodes as they are, in the columns in which they are read. `weeks`: node → its hours."""
    rows = [
        [
            one.code, one.name, one.organisation.code, one.get_level_display(), one.get_kind_display(),
            one.get_mode_display(), one.function_words, one.get_build_display(),
            one.employer.uscc or one.employer.name if one.employer else "", one.partners, one.division, one.address,
            "" if one.latitude is None else f"{one.latitude:.6f}".rstrip("0").rstrip("."),
            "" if one.longitude is None else f"{one.longitude:.6f}".rstrip("0").rstrip("."),
            "" if one.area is None else f"{one.area:.1f}", one.telephone, week_text(weeks.get(one.pk, {})),
            "照常开放" if one.open_on_holidays else "不开放", one.about,
        ]
        for one in nodes
    ]  # fmt: skip
    return _workbook(rows)


def fault_workbook(faults: Sequence[dict[str, Any]]) -> bytes:
    """The wrong rows as they were, with what is wrong in a last column."""
    rows = [[*(fault["cells"].get(key, "") for key, *_ in COLUMNS), fault["wrong"]] for fault in faults]
    return _workbook(rows, more=("错误说明",))


def _workbook(rows: Sequence[Sequence[str]], *, choices: bool = False, more: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, {"in_memory": True, **plain})
    head, text = book.add_format({"bold": True, "bg_color": "#EDEBE6"}), book.add_format({"num_format": "@"})
    red = book.add_format({"num_format": "@", "font_color": "#B5151B"})
    sheet = book.add_worksheet("服务站点")
    sheet.freeze_panes(1, 0)
    titles = [*(title + ("（必填）" if needed and choices else "") for _, title, needed, _ in COLUMNS), *more]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, max(12, 2 * len(title) + 2), text)
    for place, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(place, column, safe_cell(value), red if column >= len(COLUMNS) else text)
    if choices:
        listed = {key: [label for _, label in rows] for key, rows in _CHOICES.items()}
        listed["holidays"] = [label for label in _HOLIDAYS if label]
        for column, (key, *_) in enumerate(COLUMNS):
            if key in listed:
                rule = {"validate": "list", "source": listed[key]}
                sheet.data_validation(1, column, MOST_ROWS, column, rule)
    book.close()
    return out.getvalue()
