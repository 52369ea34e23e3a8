"""The catalogue as a workbook: the same columns are read, exported and offered as a template."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from unionhall.foundation.errors import Refused
from unionhall.kit.money import MoneyError, parse_yuan
from unionhall.kit.text import header_key, one_line, safe_cell
from unionhall.members.intake.cells import sheets
from unionhall.members.intake.files import inspect
from unionhall.organisations.models import Organisation

from .models import Merchant, Outlet, Service
from .schemes.member_services import MemberServices

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5000
_HEADING_WITHIN = 20
_WHY = "merchants of the union whose catalogue the actor keeps"
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

#: Key → heading, needed, an example for the template.
COLUMNS: tuple[tuple[str, str, bool, str], ...] = (
    ("code", "服务编号", True, "FW001"),
    ("category", "类别", True, "文体"),
    ("title", "名称", True, "羽毛球馆工作日白天场"),
    ("merchant", "商户", True, "江汉体育中心"),
    ("outlets", "网点", False, "江汉体育中心主馆；江汉体育中心分馆"),
    ("kind", "免费或优惠", True, "优惠"),
    ("price_words", "价格说明", True, "每小时 15 元（原价 40 元）"),
    ("reimbursed", "工会承担（元/次）", False, "10.00"),
    ("audience", "对象", False, "持卡会员"),
    ("quota", "每人次数", True, "2"),
    ("period", "次数周期", True, "每月"),
    ("stock", "总量", False, "500"),
    ("valid_from", "开始日期", True, "2026-01-01"),
    ("valid_until", "截止日期", False, "2026-12-31"),
    ("state", "状态", False, "在架"),
    ("summary", "说明", False, "凭券到前台换手牌，需提前一天预约"),
)
_KEYS = {header_key(title): key for key, title, *_ in COLUMNS}
_NEEDED = [title for _, title, needed, _ in COLUMNS if needed]
_TITLES = {key: title for key, title, *_ in COLUMNS}


@dataclass
class Read:
    """Sound rows as they are kept, and wrong ones with every mistake."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)


def read(path: Path, name: str, organisation: Organisation, scheme: MemberServices) -> Read:
    """Read a file. Refused when it is none, lacks a heading or is too long; a wrong row is a fault by itself."""
    checker = _Checker(organisation, scheme)
    found = Read()
    for sheet in sheets(path, inspect(path, name)):
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
    raise Refused(f"没有找到表头。请用模板，表头应有：{'、'.join(_NEEDED)}。", "file")


def _columns(texts: Sequence[str]) -> dict[str, int] | None:
    found = {_KEYS[header_key(text)]: at for at, text in enumerate(texts) if header_key(text) in _KEYS}
    if len(found) < 4:
        return None
    missing = [title for key, title, needed, _ in COLUMNS if needed and key not in found]
    if missing:
        raise Refused(f"缺少列：{'、'.join(missing)}。请对照模板补上。", "file")
    return found


class _Checker:
    """What a row may name: merchants and outlets of the union, audiences of the scheme; and codes seen before."""

    def __init__(self, organisation: Organisation, scheme: MemberServices) -> None:
        rows = Merchant.objects.everywhere(reason=_WHY).filter(
            organisation__path__startswith=organisation.path
        )
        self.merchants = {one.name: one.pk for one in rows}
        self.outlets: dict[int, dict[str, int]] = {}
        places = Outlet.objects.everywhere(reason=_WHY).filter(merchant__in=list(self.merchants.values()))
        for pk, merchant, name in places.values_list("pk", "merchant_id", "name"):
            self.outlets.setdefault(merchant, {})[name] = pk
        self.audiences = {one.label: one.code for one in scheme.audiences}
        self.seen: dict[tuple[int, str], int] = {}

    def take(self, number: int, given: dict[str, str], found: Read) -> None:
        wrong: list[str] = []
        row: dict[str, Any] = {"row": number}
        row["merchant"] = self._merchant(given, wrong)
        row["code"] = self._text(given, "code", 20, wrong)
        row["title"] = self._text(given, "title", 60, wrong)
        row["price_words"] = self._text(given, "price_words", 60, wrong)
        row["summary"] = self._text(given, "summary", 500, wrong, needed=False)
        row["category"] = _choice(given, "category", Service.Category.choices, wrong)
        row["kind"] = _choice(given, "kind", Service.Kind.choices, wrong)
        row["period"] = _choice(given, "period", Service.Period.choices, wrong)
        row["state"] = _choice(given, "state", Service.State.choices, wrong, default="offered")
        audiences = [(code, label) for label, code in self.audiences.items()]
        row["audience"] = _choice(given, "audience", audiences, wrong, default="member")
        row["quota"] = _whole(given, "quota", 1, 366, wrong)
        row["stock"] = _whole(given, "stock", 0, 100_000_000, wrong) if given.get("stock") else None
        row["reimbursed"] = _money(given, wrong)
        row["valid_from"] = _day(given, "valid_from", wrong)
        row["valid_until"] = _day(given, "valid_until", wrong) if given.get("valid_until") else None
        if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
            wrong.append("截止日期早于开始日期")
        row["outlets"] = self._outlets(given, row["merchant"], wrong)
        key = (row["merchant"] or 0, row["code"])
        if not wrong and key in self.seen:
            wrong.append(f"服务编号与第 {self.seen[key]} 行重复")
        if wrong:
            label = given.get("title") or given.get("code") or ""
            found.faults.append(
                {"row": number, "label": label[:60], "wrong": "；".join(wrong), "cells": given}
            )
            return
        self.seen[key] = number
        found.rows.append(row)

    def _merchant(self, given: dict[str, str], wrong: list[str]) -> int | None:
        name = given.get("merchant", "")
        found = self.merchants.get(name)
        if found is None:
            wrong.append(f"没有名为“{name[:40]}”的商户，请先登记商户" if name else "商户没有填写")
        return found

    def _outlets(self, given: dict[str, str], merchant: int | None, wrong: list[str]) -> list[int]:
        """Named ones; left empty, all of the merchant."""
        known = self.outlets.get(merchant or 0, {})
        names = [
            name for part in re.split(r"[;、,，；\n]", given.get("outlets", "")) if (name := part.strip())
        ]
        if merchant is None:
            return []
        missing = [name for name in names if name not in known]
        if missing:
            wrong.append(f"这个商户没有网点“{'、'.join(missing)[:60]}”")
        return sorted({known[name] for name in names if name in known} if names else set(known.values()))

    def _text(
        self, given: dict[str, str], key: str, longest: int, wrong: list[str], *, needed: bool = True
    ) -> str:
        text = given.get(key, "")
        if needed and not text:
            wrong.append(f"{_TITLES[key]}没有填写")
        if len(text) > longest:
            wrong.append(f"{_TITLES[key]}超过 {longest} 个字")
        return text.removeprefix("'")


def _choice(
    given: dict[str, str], key: str, choices: Iterable[tuple[str, str]], wrong: list[str], default: str = ""
) -> str:
    text, known = given.get(key, ""), {label: code for code, label in choices}
    if not text and default:
        return default
    if text not in known:
        wrong.append(f"{_TITLES[key]}“{text[:20]}”应是：{'、'.join(known)}")
    return known.get(text, "")


def _whole(given: dict[str, str], key: str, least: int, most: int, wrong: list[str]) -> int | None:
    text = given.get(key, "").removesuffix(".0")
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        wrong.append(f"{_TITLES[key]}“{text[:20]}”应是 {least} 至 {most} 的整数")
        return None
    return int(text)


def _money(given: dict[str, str], wrong: list[str]) -> str:
    text = given.get("reimbursed", "")
    if not text:
        return "0.00"
    try:
        found = parse_yuan(text)
    except MoneyError as fault:
        wrong.append(f"工会承担：{fault.message_zh}")
        return "0.00"
    if not Decimal(0) <= found < Decimal(10) ** 8:
        wrong.append("工会承担应在 0 至 99999999 元之间")
    return f"{found:.2f}"


def day_of(text: str) -> date | None:
    """A day as people write it; None where it cannot be read, or there is no such day."""
    found = _DATE.match(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _day(given: dict[str, str], key: str, wrong: list[str]) -> str | None:
    text = given.get(key, "")
    found = day_of(text)
    if found is not None:
        return found.isoformat()
    wrong.append(
        f"{_TITLES[key]}“{text[:20]}”看不懂，请写成 2026-01-31" if text else f"{_TITLES[key]}没有填写"
    )
    return None


# Writing ---------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """The empty workbook with one example row, lists to choose from, and text columns."""
    return _workbook([[example for *_, example in COLUMNS]], choices=True)


def export(services: Iterable[Service], scheme: MemberServices, outlets: dict[int, list[str]]) -> bytes:
    """The catalogue as it is, in the columns in which it is read."""
    labels = {one.code: one.label for one in scheme.audiences}
    rows = [
        [
            one.code, one.get_category_display(), one.title, one.merchant.name, "；".join(outlets.get(one.pk, [])),
            one.get_kind_display(), one.price_words, f"{one.reimbursed:.2f}", labels.get(one.audience, one.audience),
            str(one.quota), one.get_period_display(), "" if one.stock is None else str(one.stock),
            one.valid_from.isoformat(), one.valid_until.isoformat() if one.valid_until else "",
            one.get_state_display(), one.summary,
        ]
        for one in services
    ]  # fmt: skip
    return _workbook(rows)


def fault_workbook(faults: Sequence[dict[str, Any]]) -> bytes:
    """The wrong rows as they were, with what is wrong in a last column."""
    rows = [[*(fault["cells"].get(key, "") for key, *_ in COLUMNS), fault["wrong"]] for fault in faults]
    return _workbook(rows, more=("错误说明",))


def _workbook(rows: Sequence[Sequence[str]], *, choices: bool = False, more: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    head, text = book.add_format({"bold": True, "bg_color": "#EDEBE6"}), book.add_format({"num_format": "@"})
    red = book.add_format({"num_format": "@", "font_color": "#B5151B"})
    sheet = book.add_worksheet("服务目录")
    sheet.freeze_panes(1, 0)
    titles = [*(title + ("（必填）" if needed and choices else "") for _, title, needed, _ in COLUMNS), *more]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, max(12, 2 * len(title) + 2), text)
    for place, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(place, column, safe_cell(value), red if column >= len(COLUMNS) else text)
    if choices:
        listed = {
            "category": Service.Category.labels, "kind": Service.Kind.labels, "period": Service.Period.labels,
            "state": Service.State.labels,
        }  # fmt: skip
        for column, (key, *_) in enumerate(COLUMNS):
            if key in listed:
                sheet.data_validation(
                    1, column, MOST_ROWS, column, {"validate": "list", "source": listed[key]}
                )
    book.close()
    return out.getvalue()
