"""The roster that the tour imports: as an office might send it, with a title above the heading and errors planted."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.utils import timezone

from unionhall.members.models import Membership
from unionhall.members.synthetic import people
from unionhall.organisations.models import Organisation

__all__ = ["HEADINGS", "SAMPLE_NAME", "demo_union", "sample_roster", "sample_rows"]

SAMPLE_NAME = "楚驿达快递职工花名册（示例，含错误）.xlsx"
#: A block of invented identities that nothing else uses.
SEED = 877
WHY = "示范数据"
HEADINGS = (
    "序号", "职工姓名", "性别", "身份证号码", "联系电话", "民族", "文化程度", "政治面貌", "出生年月日", "岗位",
    "用工形式", "是否农民工", "入会时间", "备注",
)  # fmt: skip
_EDUCATION = {
    "10": "硕士", "20": "本科", "30": "大专", "40": "中专", "60": "高中", "70": "初中", "80": "小学", "90": "",
}  # fmt: skip
_ETHNIC = {
    "01": "汉族",
    "15": "土家",
    "06": "苗族",
    "03": "回族",
    "08": "壮族",
    "12": "侗族",
    "02": "蒙古族",
    "11": "满族",
}
_POLITICAL = {"01": "党员", "03": "团员", "13": "群众", "02": "预备党员", "12": "无党派"}
_FORMS = {"1": "合同制", "2": "劳务派遣", "3": "聘用制", "4": "非全日制", "5": "平台用工", "9": "其他"}


def demo_union() -> Organisation | None:
    """The express company's union of the story."""
    rows = Organisation.objects.everywhere(reason=WHY)
    return rows.filter(name__contains="楚驿达快递").order_by("id").first()


def sample_rows(today: date, count: int = 46) -> list[list[Any]]:
    """Good rows of invented people, in the spellings that offices use, then the planted errors."""
    rows = []
    for place, row in enumerate(people(count, seed=SEED, on=today).iter_rows(named=True), start=1):
        birth, joined = row["birth"], row["joined_on"]
        rows.append(
            [
                place, row["name"], "男" if row["sex"] == "1" else "女", row["id_number"], row["phone"],
                _ETHNIC.get(row["ethnicity"], "汉族"), _EDUCATION.get(row["education"], ""),
                _POLITICAL.get(row["political"], "群众"),
                (f"{birth:%Y-%m-%d}", f"{birth:%Y/%m/%d}", f"{birth:%Y%m%d}")[place % 3],
                row["occupation"], _FORMS.get(row["form"], "合同制"), "是" if row["migrant_worker"] else "否",
                _day_as_written(joined, place), "",
            ]
        )  # fmt: skip
    _plant(rows, today)
    return rows


def _day_as_written(day: date, place: int) -> str:
    return (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}")[place % 3]


def _plant(rows: list[list[Any]], today: date) -> None:
    """One of each mistake that offices make; the remark says nothing, the check has to find them."""
    number = str(rows[4][3])
    rows[4][3] = number[:-1] + ("0" if number[-1] != "0" else "1")  # wrong check digit
    rows[9][3] = float(rows[9][3][:17] + "0")  # a number: Excel has lost the last digits
    rows[13][2] = "女" if rows[13][2] == "男" else "男"  # contradicts the ID
    rows[17][1:] = rows[16][1:]  # twice in the file
    rows[21][4] = "1380000"  # too short
    rows[25][12] = "2023-02-30"  # no such day
    rows[29][1] = ""  # no name
    rows[33][3] = rows[33][3][:17]  # a digit is missing
    rows[37][12] = f"{today + timedelta(days=40):%Y-%m-%d}"  # in the future
    rows[2][1] = f" {rows[2][1][0]} {rows[2][1][1:]}"  # blanks are no error
    rows[6][4] = f"+86 {rows[6][4][:3]} {rows[6][4][3:7]} {rows[6][4][7:]}"
    rows[8][3] = "".join(chr(ord(char) + 0xFEE0) for char in str(rows[8][3]))  # full width is no error
    if str(rows[10][3]).endswith("X"):
        rows[10][3] = rows[10][3].lower()


def _known(rows: list[list[Any]]) -> None:
    """A member of this union whose phone has changed, and a member of another union: to be transferred, not added."""
    union = demo_union()
    if union is None:
        return
    current = (
        Membership.objects.everywhere(reason=WHY)
        .current()
        .filter(person__account=None)
        .select_related("person")
    )
    mine = current.filter(organisation=union).order_by("id").first()
    other = (
        current.exclude(organisation=union).filter(path__startswith=union.path[:-4]).order_by("id").first()
    )
    for place, held in ((41, mine), (43, other)):
        if held is None:
            continue
        person = held.person
        rows[place][1:4] = [person.name, "男" if person.sex == "1" else "女", person.id_number.reveal()]
        rows[place][8] = f"{person.birth:%Y-%m-%d}" if person.birth else ""
        rows[place][12] = f"{held.joined_on:%Y-%m-%d}"


def sample_roster(today: date | None = None) -> bytes:
    """The workbook."""
    today = today or timezone.localdate()
    rows = sample_rows(today)
    _known(rows)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("花名册")
    head = book.add_format({"bold": True, "bg_color": "#F4F5F7", "border": 1})
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "楚驿达快递有限公司职工花名册", title)
    sheet.write(1, 0, f"填报日期：{today:%Y-%m-%d}    填报人：人事部")
    sheet.write_row(2, 0, HEADINGS, head)
    for place, row in enumerate(rows, start=3):
        for column, value in enumerate(row):
            sheet.write(place, column, value)
    sheet.set_column(3, 4, 21)
    sheet.set_column(8, 12, 13)
    sheet.freeze_panes(3, 2)
    book.close()
    return target.getvalue()
