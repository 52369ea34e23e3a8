"""A trial programme with conditions, in a folder of its own, with publishing turned on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unionhall.rulebook import programmes
from unionhall.rulebook.book import reload
from unionhall.rulebook.calculators import Fixed, Table
from unionhall.rulebook.conditions import Clause
from unionhall.rulebook.programmes import Parameters, programme

NATION = """title = "生日慰问"
issuer = "全国试验"

[[version]]
from = 2020-01-01
status = "assumed"
source = { title = "全国试验文件" }
[version.parameters]
amount = { kind = "fixed", amount = 100 }
conditions = [
    { condition = "member" },
    { condition = "age", at_least = 18 },
]
"""
PROVINCE = """title = "生日慰问"
issuer = "鄂北省试验"

# 第一版
[[version]]
from = 2021-01-01
until = 2024-01-01
jurisdiction = "42"
status = "sourced"
source = { title = "省试验文件", number = "试〔2020〕1号" }
[version.parameters]
amount = { kind = "fixed", amount = 150 }
conditions = [{ condition = "member" }]

[[version]]
from = 2024-01-01
jurisdiction = "42"
status = "sourced"
inherits = true
source = { title = "省试验文件", number = "试〔2023〕2号" }
[version.parameters]
conditions = [
    { condition = "member" },
    { condition = "sex", is = "2" },
]
"""


class GiftScheme(Parameters):
    """What the texts above hold."""

    conditions: tuple[Clause, ...]
    amount: Fixed | Table
    per: str = "year"


@contextmanager
def standing(folder: Path, settings: Any) -> Iterator[Path]:
    """schemes/ with one programme "gift": the nation's version and the province's; everything as before afterwards."""
    (folder / "nation").mkdir(parents=True)
    (folder / "province").mkdir()
    (folder / "national").mkdir()
    # The rest of the site finds there what it reads from the same folder.
    for name in ("mappings", "national/statistics.toml"):
        (folder / name).symlink_to(Path(settings.SCHEMES_DIR) / name)
    programme("gift", title="生日慰问")(GiftScheme)
    (folder / "nation" / "gift.toml").write_text(NATION, encoding="utf-8")
    (folder / "province" / "gift.toml").write_text(PROVINCE, encoding="utf-8")
    settings.SCHEMES_DIR, settings.SCHEMES_PUBLISHED = str(folder), True
    reload()
    try:
        yield folder
    finally:
        reload()
        del programmes._programmes["gift"]
