"""`unionhall figures`: the figures of a union and of those directly below, today or as of a day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unionhall.foundation.actors import SystemAccess
from unionhall.indicators import registry
from unionhall.insights import drilling

from .tree import chosen_day, chosen_union

COLUMNS = (
    "members.count",
    "members.women",
    "members.migrant",
    "members.new_form",
    "organisations.base_unions",
)


class Command(BaseCommand):
    help = "显示统计数据：本级、构成和下级"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", metavar="组织代码", help="哪个工会；不填则为最高一级")
        parser.add_argument("--on", metavar="日期", help="截至哪一天，例如 2025-12-31")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        access = SystemAccess()
        top = chosen_union(options["code"]) or drilling.top_for(access)
        if top is None:
            raise CommandError("还没有工会组织。先执行 unionhall seed 或导入组织。")
        where = drilling.place(top, access, chosen_day(options["on"]))
        known = registry.all_indicators()
        values = registry.values([one.code for one in known], where)
        parts = {
            dimension.code: registry.breakdown("members.count", where, dimension.code)
            for dimension in registry.get("members.count").dimensions
        }
        below = drilling.by_child(COLUMNS, where)
        if options["json"]:
            found = {
                "code": top.code,
                "name": top.name,
                "on": f"{where.day:%Y-%m-%d}" if where.day else None,
                "figures": values,
                "breakdowns": {code: dict(rows) for code, rows in parts.items()},
                "below": [
                    {"code": row.organisation.code, "name": row.name, "figures": row.figures} for row in below
                ],
            }
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"{top.name}  [{top.code}]" + (f"  截至 {where.day:%Y-%m-%d}" if where.day else ""))
        for one in known:
            self.stdout.write(f"  {one.title}：{values[one.code]:,} {one.unit}")
        for dimension in registry.get("members.count").dimensions:
            words = "，".join(
                f"{dimension.labels.get(key, dimension.unknown)} {count:,}"
                for key, count in parts[dimension.code]
            )
            self.stdout.write(f"  按{dimension.title}：{words or '无'}")
        for row in below:
            words = "，".join(f"{registry.get(code).title} {row.figures[code]:,}" for code in COLUMNS)
            self.stdout.write(f"    {row.name}  [{row.organisation.code}] {words}")
