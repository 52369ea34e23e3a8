"""Nodes as a workbook: the same columns are read, exported and offered as a template."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from unionhall.members.worksheets import Cells, Column, Read, Worksheet
from unionhall.organisations.models import Employer, Organisation

from .models import LEVELS, Node
from .rules.opening import Stretch, Unreadable, parse_week, week_text

_WHY = "unions below the one whose nodes the actor keeps"
_HOURS = "周一至周五 09:00-12:00，14:00-17:30；周六 09:00-12:00"

WORKSHEET = Worksheet(
    "服务站点",
    [
        Column("code", "站点编号"),
        Column("name", "名称", True, "码头街道职工服务站"),
        Column("union", "所属工会代码", True, "T420103001-00009"),
        Column("level", "层级", True, "乡镇街道级", LEVELS),
        Column("kind", "类别", True, "职工服务站", Node.Kind.choices),
        Column("mode", "模式", False, "会站合一", Node.Mode.choices),
        Column("functions", "功能", True, "维权、服务、教育、活动"),
        Column("build", "建设方式", True, "新建", Node.Build.choices),
        Column("employer", "所在单位"),
        Column("partners", "共建单位"),
        Column("division", "行政区划代码", True, "420103001"),
        Column("address", "地址", True, "码头街道沿江路 8 号"),
        Column("latitude", "纬度", False, "30.60312"),
        Column("longitude", "经度", False, "114.30121"),
        Column("area", "面积（平方米）", False, "86.5"),
        Column("telephone", "电话", False, "027-82000000"),
        Column("hours", "开放时间", False, _HOURS),
        Column("holidays", "节假日", False, "不开放", [(False, "不开放"), (True, "照常开放")]),
        Column("about", "服务说明", False, "法律咨询、困难帮扶、职业介绍"),
    ],
)


def read(path: Path | str, name: str, organisation: Organisation) -> Read:
    """Read a file. Refused when it is none, lacks a heading or is too long; a wrong row is a fault by itself."""
    checker = _Checker(organisation)
    found = Read()
    for cells in WORKSHEET.read(path, name):
        found.add(cells, checker.row(cells), cells["name"] or cells["code"])
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

    def row(self, cells: Cells) -> dict[str, Any]:
        row: dict[str, Any] = {
            "row": cells.number,
            "code": cells["code"],
            "name": cells.text("name", 100),
            "address": cells.text("address", 200),
            "union": self.unions.get(cells["union"]),
            "level": cells.choice("level"),
            "kind": cells.choice("kind"),
            "mode": cells.choice("mode", default=Node.Mode.ORDINARY),
            "build": cells.choice("build"),
            "functions": _functions(cells),
            "division": _division(cells),
            "partners": cells.text("partners", 200),
            "telephone": cells.text("telephone", 30),
            "about": cells.text("about", 500),
            "latitude": _degrees(cells, "latitude", 90),
            "longitude": _degrees(cells, "longitude", 180),
            "area": _area(cells),
            "hours": _hours(cells),
            "open_on_holidays": cells.choice("holidays", default=False),
            "employer": employer_of(cells["employer"], cells.wrong),
        }
        self._check(cells, row)
        return row

    def _check(self, cells: Cells, row: Mapping[str, Any]) -> None:
        """What only several cells together, or the register, can tell."""
        if row["code"] and row["code"] not in self.codes:
            cells.wrong.append(f"没有编号为“{row['code'][:24]}”的站点；新站点的编号不填")
        if row["union"] is None:
            cells.wrong.append(f"您的范围里没有代码为“{cells['union'][:24]}”的工会")
        elif row["level"] and row["level"] < self.levels[row["union"]]:
            cells.wrong.append("层级不能高于所属工会")
        if (row["latitude"] is None) != (row["longitude"] is None):
            cells.wrong.append("经度和纬度要一起填写")
        if row["mode"] == Node.Mode.HOME and row["employer"] is None and not cells["employer"]:
            cells.wrong.append("会家合一要填所在单位")
        for key in filter(None, (row["code"], (row["union"], row["name"]) if row["union"] else None)):
            if not cells.wrong and key in self.seen:
                cells.wrong.append(f"与第 {self.seen[key]} 行是同一个站点")
            self.seen.setdefault(key, cells.number)


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


def _functions(cells: Cells) -> list[str]:
    known = {str(label): code for code, label in Node.Function.choices}
    said = " ".join(cells.several("functions")).split()
    strange = [one for one in said if one not in known]
    if strange or not said:
        cells.wrong.append(
            f"功能“{'、'.join(strange)[:20]}”应是：{'、'.join(known)}" if strange else "功能没有填写"
        )
    return [code for label, code in known.items() if label in said]


def _division(cells: Cells) -> str:
    text = cells["division"].removesuffix(".0")
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12)):
        cells.wrong.append(f"行政区划代码“{text[:12]}”应是 6 位区县代码或 9 位街道代码")
    return text


def _degrees(cells: Cells, key: str, most: int) -> float | None:
    text = cells[key]
    if not text:
        return None
    try:
        value = round(float(text), 6)
    except ValueError:
        value = 999.0
    if not -most <= value <= most:
        cells.wrong.append(f"{cells.title(key)}“{text[:12]}”应是 -{most} 至 {most} 的小数")
        return None
    return value


def _area(cells: Cells) -> str | None:
    text = cells["area"]
    if not text:
        return None
    with suppress(InvalidOperation):  # no number, or one that can't be compared: NaN
        value = Decimal(text).quantize(Decimal("0.1"))
        if 0 < value < 10_000_000:
            return str(value)
    cells.wrong.append(f"面积“{text[:12]}”应是大于 0、小于 1000 万的数")
    return None


def _hours(cells: Cells) -> str:
    try:
        return week_text(parse_week(cells["hours"]))
    except Unreadable as fault:
        cells.wrong.append(f"开放时间：{fault}")
        return ""


def export(nodes: Iterable[Node], weeks: Mapping[int, Mapping[int, Sequence[Stretch]]]) -> bytes:
    """Nodes as they are, in the columns in which they are read. `weeks`: node → its hours."""
    return WORKSHEET.book(
        {
            "code": one.code,
            "name": one.name,
            "union": one.organisation.code,
            "level": one.get_level_display(),
            "kind": one.get_kind_display(),
            "mode": one.get_mode_display(),
            "functions": one.function_words,
            "build": one.get_build_display(),
            "employer": one.employer.uscc or one.employer.name if one.employer else "",
            "partners": one.partners,
            "division": one.division,
            "address": one.address,
            "latitude": _plain(one.latitude),
            "longitude": _plain(one.longitude),
            "area": "" if one.area is None else f"{one.area:.1f}",
            "telephone": one.telephone,
            "hours": week_text(weeks.get(one.pk, {})),
            "holidays": "照常开放" if one.open_on_holidays else "不开放",
            "about": one.about,
        }
        for one in nodes
    )


def _plain(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.6f}".rstrip("0").rstrip(".")
