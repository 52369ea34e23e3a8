"""Certificates from a file: read row by row, faults in words, the wrong rows back in the shape in which they came."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from unionhall.foundation.errors import Refused
from unionhall.kit.codes import SkillLevel
from unionhall.kit.text import header_key, one_line, strip_blanks
from unionhall.members.actions.persons import checked_name, read_document
from unionhall.members.documents import RESIDENT, code_of
from unionhall.members.intake.cells import Row, sheets
from unionhall.members.intake.files import inspect
from unionhall.members.worksheets import MOST_ROWS, day_of

from .certificates import Listed

_HEADING_WITHIN = 20
#: Key → headings, the first is ours.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("证书编号", "证书号"),
    "holder": ("姓名", "持证人"),
    "id_type": ("证件类型",),
    "id_number": ("证件号码", "身份证号", "身份证号码"),
    "occupation": ("职业（工种）", "职业", "工种", "职业名称"),
    "level": ("等级", "技能等级", "证书等级"),
    "issuer": ("发证机构", "评价机构"),
    "issued_on": ("发证日期",),
}
TITLES = {key: titles[0] for key, titles in COLUMNS.items()}
_KEYS = {header_key(title): key for key, titles in COLUMNS.items() for title in titles}
_NEEDED = [key for key in COLUMNS if key != "id_type"]
_LEVELS = {one.label: one.value for one in SkillLevel} | {one.value: one.value for one in SkillLevel}


@dataclass
class Sent:
    """What a file holds: sound certificates, faults by row, and the rows themselves as they came."""

    headings: tuple[str, ...] = ()
    listed: dict[int, Listed] = field(default_factory=dict)
    faults: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)

    def chosen(self, rows: Container[int]) -> Iterator[tuple[int, Row]]:
        return ((number, cells) for number, cells in self.rows.items() if number in rows)


def read(path: Path, name: str, today: date) -> Sent:
    """Refused when it is no such file; a wrong row is a fault by itself."""
    for sheet in sheets(path, inspect(path, name)):
        found = Sent()
        columns: dict[str, int] = {}
        for number, cells in sheet.rows():
            if not columns:
                if number > _HEADING_WITHIN:
                    break
                columns = _columns(cells)
                found.headings = tuple(text or "" for text in cells)
                continue
            if any(one_line(text or "") for text in cells):
                if len(found.rows) >= MOST_ROWS:
                    raise Refused(f"一个文件最多 {MOST_ROWS} 行，请分成几个文件。", "file")
                _take(number, cells, columns, found, today)
        if columns:
            if not found.rows:
                raise Refused("表头下面没有内容。请填好后再上传。", "file")
            return found
    needed = "、".join(TITLES[key] for key in _NEEDED)
    raise Refused(f"没有找到表头。文件应有这些列：{needed}。", "file")


def _columns(cells: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(cells):
        key = _KEYS.get(header_key(text or ""))
        if key is not None:
            found.setdefault(key, place)
    return found if set(_NEEDED) <= set(found) else {}


def _take(number: int, cells: Row, columns: dict[str, int], found: Sent, today: date) -> None:
    text = {key: one_line(cells[place] or "") if place < len(cells) else "" for key, place in columns.items()}
    faults: list[dict[str, str]] = []

    def fault(key: str, message: str) -> None:
        faults.append({"column": found.headings[columns[key]], "message": message})

    for key in _NEEDED:
        if not text[key]:
            fault(key, "不能为空。")
    kind = code_of(text.get("id_type", "")) or RESIDENT
    document = holder = ""
    try:
        document = read_document(kind, text["id_number"], today).number if text["id_number"] else ""
    except Refused as refusal:
        fault("id_number", str(refusal))
    try:
        holder = checked_name(text["holder"]) if text["holder"] else ""
    except Refused as refusal:
        fault("holder", str(refusal))
    level = _LEVELS.get(text["level"], "")
    if text["level"] and not level:
        fault("level", f"应为{'、'.join(one.label for one in SkillLevel)}。")
    issued_on = day_of(text["issued_on"]) if text["issued_on"] else None
    if text["issued_on"] and (issued_on is None or issued_on > today):
        fault("issued_on", "应为日期，写作 2026-01-31，不能晚于今天。")
    mark = strip_blanks(text["number"]).upper()
    if any(one.number == mark for one in found.listed.values()):
        fault("number", "和前面的行重复。")
    found.rows[number] = cells
    if faults or issued_on is None:
        found.faults[number] = faults
        return
    found.listed[number] = Listed(
        mark, holder, document, text["occupation"][:60], level, text["issuer"][:120], issued_on, kind
    )
