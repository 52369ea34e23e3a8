"""`unionhall rollup rebuild | fold | check`: the figures counted ahead, made anew, brought up to date, compared."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unionhall.insights import rollups


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # `check` is a verb here: Django would call it before every verb
    help = "统计汇总：按登记重建（rebuild）、并入最近变动（fold）、与登记核对（check）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", choices=["rebuild", "fold", "check"], help="rebuild 重建，fold 并入变动，check 核对"
        )
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        answer: dict[str, Any] = getattr(self, f"do_{options['what']}")()
        answer["seconds"] = round(time.monotonic() - began, 2)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write(f"{answer['words']}用时 {answer['seconds']} 秒。")
        if answer.get("differences"):
            raise CommandError(
                "统计汇总与登记不一致。请执行 unionhall rollup rebuild 重建，并把上面的差异告诉开发者。"
            )

    def do_rebuild(self) -> dict[str, Any]:
        changed = rollups.rebuild()
        return {"changed": changed, "words": f"统计汇总已按登记重建，更正 {changed:,} 行，"}

    def do_fold(self) -> dict[str, Any]:
        folded = rollups.fold()
        words = "另一个进程正在合并，这次没有执行，" if folded is None else f"已并入 {folded:,} 条变动，"
        return {"folded": folded, "words": words}

    def do_check(self) -> dict[str, Any]:
        if not rollups.is_trusted():
            raise CommandError("统计汇总还没有建立，现在按登记逐条计数。请执行 unionhall rollup rebuild。")
        count, found = rollups.check()
        rows = [{"table": one.table, "key": one.key, "short": one.short} for one in found]
        lines = [f"{one['table']} {one['key']}：少 {one['short']}" for one in rows]
        words = "\n".join([*lines, f"有 {count:,} 行与登记不一致，"]) if count else "统计汇总与登记一致，"
        return {"differences": count, "first": rows, "words": words}
