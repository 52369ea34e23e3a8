"""Lists of the hotline 12351: read and looked at, then taken (`hotline_taking`); faulty rows go back as they came.

A number of the hotline is registered once, whichever list brings it and however often.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import xlsxwriter
from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.dates import parse_date
from unionhall.kit.identifiers import IdentifierError
from unionhall.kit.text import header_key, safe_cell
from unionhall.members.intake.cells import sheets
from unionhall.members.intake.files import inspect
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..models import Appeal, HotlineList, HotlineRow
from ..rules.appeals import CAUSES
from .locking import WHY

PURPOSE = "cases.hotline"
MOST_ROWS = 5_000
Fate = HotlineRow.Fate
#: key → our title and what else exports head the column with.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("工单号", "工单编号", "受理编号", "诉求编号"),
    "called_at": ("来电时间", "受理时间", "登记时间"),
    "statement": ("反映内容", "诉求内容", "内容", "诉求描述"),
    "cause": ("事由", "诉求类别", "类别"),
    "name": ("姓名", "来电人", "诉求人"),
    "phone": ("电话", "联系电话", "来电号码"),
    "employer": ("单位", "涉及单位", "被反映单位"),
    "division": ("地区代码", "行政区划代码", "区划"),
    "urgent": ("紧急", "紧急程度"),
}
REQUIRED = ("number", "called_at", "statement")
_KEYS = {header_key(title): key for key, titles in COLUMNS.items() for title in titles}
_CAUSES = {label: code for code, label in CAUSES.items()}


def cause_of(cell: str) -> str:
    """The code of a cause that is given by its label or its code; "" for another."""
    return _CAUSES.get(cell, cell if cell in CAUSES else "")


def key_of(title: str) -> str:
    """Which of our columns a heading names; "" for another."""
    return _KEYS.get(header_key(title), "") if title and len(title) <= 60 else ""


def places(cells: list[str]) -> dict[str, int]:
    """Where each of our columns stands; of two with one name the first."""
    found = [(key, place) for place, text in enumerate(cells) if (key := key_of(text or ""))]
    return dict(reversed(found))


@dataclass(frozen=True)
class Table:
    """A heading and the rows below it."""

    columns: list[str]
    places: dict[str, int]
    rows: list[tuple[int, list[str]]]

    def values(self, cells: list[str]) -> dict[str, str]:
        return {
            key: (cells[place] or "").strip() if place < len(cells) else ""
            for key, place in self.places.items()
        }


@transaction.atomic
def receive(actor: Actor, *, organisation: Organisation, path: Path, name: str) -> HotlineList:
    """Read a list and say of each row what would become of it. Nothing is registered yet. Raises Refused."""
    actor.require("cases.hotline", *organisation.paths)
    kind = inspect(path, name)
    table = _table(path, kind)
    with path.open("rb") as source:
        stored = attachments.store(
            actor, source, name=Path(name).name, content_type="application/octet-stream", purpose=PURPOSE,
            paths=organisation.paths, size=path.stat().st_size,
        )  # fmt: skip
    made = HotlineList.objects.create(
        organisation=organisation,
        name=Path(name).name[:100],
        file=stored,
        columns=table.columns,
        by=actor.name[:80],
    )
    HotlineRow.objects.bulk_create(_rows(made, table), batch_size=1_000)
    found = tally(made)
    journal(
        actor,
        "cases.hotline_received",
        subject=made,
        label=made.name,
        paths=organisation.paths,
        detail=dict(found),
    )
    return made


def _table(path: Path, kind: str) -> Table:
    """The first sheet that has the heading, which stands within the first ten rows."""
    best: set[str] = set()
    for sheet in sheets(path, kind):  # type: ignore[arg-type]
        found: Table | None = None
        for number, cells in sheet.rows():
            if found is not None:
                if any(one and one.strip() for one in cells):
                    found.rows.append((number, [one or "" for one in cells]))
                if len(found.rows) > MOST_ROWS:
                    raise Refused(f"一次不超过 {MOST_ROWS:,} 行，请拆成几个文件上传。", "file")
            elif number > 10:
                break
            else:
                known = places(cells)
                best |= set(known)
                if set(REQUIRED) <= set(known):
                    found = Table([one or "" for one in cells], known, [])
        if found is not None:
            if not found.rows:
                raise Refused("文件里只有表头，没有工单。", "file")
            return found
    lacking = "、".join(f"“{COLUMNS[key][0]}”" for key in REQUIRED if key not in best)
    raise Refused(f"表头缺少{lacking or '要有的'}列。请按模板的列名整理后重新上传。", "file")


def _rows(made: HotlineList, table: Table) -> Iterator[HotlineRow]:
    numbers = {table.values(cells)["number"][:40] for _, cells in table.rows} - {""}
    rows = Appeal.objects.everywhere(reason="a number of the hotline is registered once, wherever it stands")
    known = set(rows.filter(source_number__in=numbers).values_list("source_number", flat=True))
    seen: set[str] = set()
    for number, cells in table.rows:
        given = table.values(cells)
        fault = _fault(given)
        if not fault and given["number"] in seen:
            fault = "这个工单号在文件里出现了不止一次。"
        seen.add(given["number"])
        fate = Fate.FAULT if fault else Fate.KNOWN if given["number"] in known else Fate.NEW
        yield HotlineRow(
            list=made, row=number, cells=json.dumps(cells, ensure_ascii=False), fate=fate, fault=fault[:300]
        )


def _fault(given: dict[str, str]) -> str:
    """What is wrong with a row, in words that hold nothing of it; "" for a good one."""
    if not given["number"] or len(given["number"]) > 40:
        return "工单号为空，或超过 40 个字符。"
    if not given["statement"]:
        return "反映内容为空。"
    if len(given["statement"]) > 5_000:
        return "反映内容超过 5000 个字。"
    try:
        called = parse_date(given["called_at"]).value
    except IdentifierError as mistake:
        return f"来电时间：{mistake}"
    if called > timezone.localdate():
        return "来电时间晚于今天。"
    if given.get("cause") and not cause_of(given["cause"]):
        return f"事由不在清单里，请填：{'、'.join(_CAUSES)}。"
    if given.get("division") and not (
        given["division"].isdigit() and len(given["division"]) in (2, 4, 6, 9, 12)
    ):
        return "地区代码应为 2、4、6、9 或 12 位数字。"
    return ""


def tally(made: HotlineList) -> Counter[str]:
    """How many rows are new, known, faulty."""
    return Counter(made.rows.values_list("fate", flat=True))


@transaction.atomic
def discard(actor: Actor, *, made: HotlineList) -> None:
    """Nothing of it is wanted; its rows go, and what is in its file."""
    fresh = locked(actor, made.pk)
    if fresh.state != HotlineList.State.CHECKED:
        raise Refused("这个文件已经处理过，不能放弃。")
    fresh.rows.all().delete()
    fresh.state, fresh.emptied_at = HotlineList.State.DISCARDED, timezone.now()
    fresh.save(update_fields=["state", "emptied_at"])
    # The row of the file stays, as the list names it; the callers' numbers that lay in it do not.
    attachments.empty(fresh.file)
    journal(actor, "cases.hotline_discarded", subject=fresh, label=fresh.name, paths=fresh.organisation.paths)


def locked(actor: Actor, number: int) -> HotlineList:
    """The list as it is now, locked until the transaction ends, for who may."""
    rows = HotlineList.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh: HotlineList = rows.select_related("organisation", "file").get(pk=number)
    actor.require("cases.hotline", *fresh.organisation.paths)
    return fresh


@transaction.atomic
def faults(actor: Actor, *, made: HotlineList) -> bytes:
    """A workbook with the faulty rows in the columns of the file, and why; corrected it can be uploaded again."""
    actor.require("cases.hotline", *made.organisation.paths)
    if made.emptied_at is not None:
        raise Refused("这个文件的内容已经到期清除，错误行不能再下载。")
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet, text = book.add_worksheet("错误行"), book.add_format({"num_format": "@"})
    red = book.add_format({"num_format": "@", "bg_color": "#F8D7DA"})
    width = len(made.columns)
    for place, title in enumerate([*made.columns, "错误说明"]):
        sheet.write_string(0, place, safe_cell(title), text)
    rows = made.rows.filter(fate=Fate.FAULT).order_by("row")
    for line, row in enumerate(rows, start=1):
        cells = (json.loads(row.cells.reveal()) + [""] * width)[:width]
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, safe_cell(cell), text)
        sheet.write_string(line, width, row.fault, red)
    book.close()
    journal(actor, "cases.hotline_faults", subject=made, label=made.name, paths=made.organisation.paths)
    return out.getvalue()
