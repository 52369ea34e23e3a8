"""The catalogue as a workbook: the same columns are read, exported and offered as a template."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from unionhall.kit.money import MoneyError, parse_yuan
from unionhall.members.worksheets import Cells, Column, Read, Worksheet
from unionhall.organisations.models import Organisation

from .models import Merchant, Outlet, Service
from .schemes.member_services import MemberServices

_WHY = "merchants of the union whose catalogue the actor keeps"

WORKSHEET = Worksheet(
    "服务目录",
    [
        Column("code", "服务编号", True, "FW001"),
        Column("category", "类别", True, "文体", Service.Category.choices),
        Column("title", "名称", True, "羽毛球馆工作日白天场"),
        Column("merchant", "商户", True, "江汉体育中心"),
        Column("outlets", "网点", False, "江汉体育中心主馆；江汉体育中心分馆"),
        Column("kind", "免费或优惠", True, "优惠", Service.Kind.choices),
        Column("price_words", "价格说明", True, "每小时 15 元（原价 40 元）"),
        Column("reimbursed", "工会承担（元/次）", False, "10.00"),
        Column("audience", "对象", False, "持卡会员"),
        Column("quota", "每人次数", True, "2"),
        Column("period", "次数周期", True, "每月", Service.Period.choices),
        Column("stock", "总量", False, "500"),
        Column("valid_from", "开始日期", True, "2026-01-01"),
        Column("valid_until", "截止日期", False, "2026-12-31"),
        Column("state", "状态", False, "在架", Service.State.choices),
        Column("summary", "说明", False, "凭券到前台换手牌，需提前一天预约"),
    ],
)


def read(path: Path | str, name: str, organisation: Organisation, scheme: MemberServices) -> Read:
    """Read a file. Refused when it is none, lacks a heading or is too long; a wrong row is a fault by itself."""
    checker = _Checker(organisation, scheme)
    found = Read()
    for cells in WORKSHEET.read(path, name):
        found.add(cells, checker.row(cells), cells["title"] or cells["code"])
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
        self.audiences = [(one.code, one.label) for one in scheme.audiences]
        self.seen: dict[tuple[int, str], int] = {}

    def row(self, cells: Cells) -> dict[str, Any]:
        merchant = self._merchant(cells)
        row: dict[str, Any] = {
            "row": cells.number,
            "merchant": merchant,
            "code": cells.text("code", 20),
            "title": cells.text("title", 60),
            "price_words": cells.text("price_words", 60),
            "summary": cells.text("summary", 500),
            "category": cells.choice("category"),
            "kind": cells.choice("kind"),
            "period": cells.choice("period"),
            "state": cells.choice("state", default="offered"),
            "audience": cells.choice("audience", default="member", among=self.audiences),
            "quota": cells.whole("quota", 1, 366),
            "stock": cells.whole("stock", 0, 100_000_000) if cells["stock"] else None,
            "reimbursed": _money(cells),
            "valid_from": cells.day("valid_from"),
            "valid_until": cells.day("valid_until"),
            "outlets": self._outlets(cells, merchant),
        }
        if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
            cells.wrong.append("截止日期早于开始日期")
        key = (merchant or 0, row["code"])
        if not cells.wrong and key in self.seen:
            cells.wrong.append(f"服务编号与第 {self.seen[key]} 行重复")
        if not cells.wrong:
            self.seen[key] = cells.number
        return row

    def _merchant(self, cells: Cells) -> int | None:
        name = cells["merchant"]
        found = self.merchants.get(name)
        if found is None:
            cells.wrong.append(f"没有名为“{name[:40]}”的商户，请先登记商户" if name else "商户没有填写")
        return found

    def _outlets(self, cells: Cells, merchant: int | None) -> list[int]:
        """Named ones; left empty, all of the merchant."""
        if merchant is None:
            return []
        known, names = self.outlets.get(merchant, {}), cells.several("outlets")
        missing = [name for name in names if name not in known]
        if missing:
            cells.wrong.append(f"这个商户没有网点“{'、'.join(missing)[:60]}”")
        return sorted({known[name] for name in names if name in known} if names else set(known.values()))


def _money(cells: Cells) -> str:
    text = cells["reimbursed"]
    if not text:
        return "0.00"
    try:
        found = parse_yuan(text)
    except MoneyError as fault:
        cells.wrong.append(f"工会承担：{fault.message_zh}")
        return "0.00"
    if not Decimal(0) <= found < Decimal(10) ** 8:
        cells.wrong.append("工会承担应在 0 至 99999999 元之间")
    return f"{found:.2f}"


def export(services: Iterable[Service], scheme: MemberServices, outlets: dict[int, list[str]]) -> bytes:
    """The catalogue as it is, in the columns in which it is read. `outlets`: service → names."""
    labels = {one.code: one.label for one in scheme.audiences}
    return WORKSHEET.book(
        {
            "code": one.code,
            "category": one.get_category_display(),
            "title": one.title,
            "merchant": one.merchant.name,
            "outlets": "；".join(outlets.get(one.pk, [])),
            "kind": one.get_kind_display(),
            "price_words": one.price_words,
            "reimbursed": f"{one.reimbursed:.2f}",
            "audience": labels.get(one.audience, one.audience),
            "quota": str(one.quota),
            "period": one.get_period_display(),
            "stock": "" if one.stock is None else str(one.stock),
            "valid_from": one.valid_from.isoformat(),
            "valid_until": one.valid_until.isoformat() if one.valid_until else "",
            "state": one.get_state_display(),
            "summary": one.summary,
        }
        for one in services
    )
