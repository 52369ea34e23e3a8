"""`unionhall lake export | check | figures`: facts as Parquet, and figures over several federations from them."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.insights import lake

from .tree import chosen_day


class Command(BaseCommand):
    help = "跨联合会统计：导出 Parquet（export）、核对（check）、统计（figures）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = parser.add_subparsers(dest="what", required=True, metavar="export|check|figures")
        out = words.add_parser("export", help="导出本联合会某一天的统计数据（不含姓名和号码）")
        out.add_argument("--out", type=Path, required=True, metavar="DIR", help="新目录")
        out.add_argument("--as-of", metavar="日期", help="截至哪一天，例如 2025-12-31；不填为今天")
        out.add_argument("--reason", required=True, metavar="事由", help="为什么导出；记入日志")
        out.add_argument(
            "--cells", action="store_true", help="只导出可以交给其他联合会的汇总数字（隐去过小的数字）"
        )
        check = words.add_parser("check", help="核对目录是否完整、有没有被改动")
        check.add_argument("directory", type=Path, metavar="DIR")
        figures = words.add_parser("figures", help="合并统计一个或多个联合会的导出")
        figures.add_argument("directories", type=Path, nargs="+", metavar="DIR")
        figures.add_argument(
            "--engine", default="duckdb", help="duckdb（默认）或 sc://主机:端口（Spark Connect）"
        )
        figures.add_argument(
            "--by", choices=("all", "federation", "area"), default="federation", help="合计到哪一级"
        )
        figures.add_argument("--figure", action="append", metavar="代码", help="只算这些（可重复；默认全部）")
        for one in (out, check, figures):
            one.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        run: Callable[[dict[str, Any]], Any] = getattr(self, f"_{options['what']}")
        try:
            lake.require()
            found = run(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        if options["what"] == "check" and found["faults"]:
            raise CommandError("；".join(found["faults"]) + "。请不要使用，重新导出。")

    def _export(self, options: dict[str, Any]) -> dict[str, Any]:
        from unionhall.insights.lake.writing import export

        target = options["out"].expanduser().resolve()
        found = export(
            system_actor(), target, reason=options["reason"], day=chosen_day(options["as_of"]),
            cells=options["cells"],
        )  # fmt: skip
        if not options["json"]:
            rows = "，".join(f"{name} {table.rows:,} 行" for name, table in found.tables.items())
            self.stdout.write(f"已导出到 {target}（{found.federation}，截至 {found.day}）：{rows}。")
            if not options["cells"]:
                self.stdout.write(
                    "里面的数字细到单个工会和出生年份，只供本联合会使用；要交给别处，请用 --cells。"
                )
        return json.loads(found.to_json()) | {"directory": str(target)}  # type: ignore[no-any-return]

    def _check(self, options: dict[str, Any]) -> dict[str, Any]:
        from unionhall.insights.lake.checking import faults
        from unionhall.insights.lake.writing import Manifest

        wrong = faults(options["directory"])
        found = Manifest.read(options["directory"])
        if not options["json"] and not wrong:
            self.stdout.write(f"完好：{found.federation}，截至 {found.day}，{len(found.tables)} 张表。")
        return {"federation": found.federation, "day": found.day, "kind": found.kind, "faults": wrong}

    def _figures(self, options: dict[str, Any]) -> dict[str, Any]:
        from unionhall.insights.lake.engines import opened
        from unionhall.insights.lake.figures import FIGURES, rows

        with opened(options["directories"], options["engine"]) as found:
            codes = options["figure"] or list(FIGURES)
            answers = {code: rows(found, code, options["by"]) for code in codes}
            day = f"{found.day:%Y-%m-%d}"
        if not options["json"]:
            self.stdout.write(f"截至 {day}")
            for code, lines in answers.items():
                self._print(FIGURES[code], lines)
        return {"day": day, "by": options["by"], "figures": answers}

    def _print(self, one: Any, lines: list[dict[str, Any]]) -> None:
        self.stdout.write(f"{one.title}（{one.unit}）")
        for line in lines:
            words = [line.get("federation", ""), line.get("area", "")]
            words.append(one.labels.get(line["key"], line["key"] or ("未填" if one.labels else "")))
            number = "不公布" if line["n"] is None else f"{line['n']:,}"
            share = f"，占 {line['n'] / line['of']:.1%}" if line["of"] and line["n"] is not None else ""
            short = (
                f"，另有 {line['hidden']} 处过小不公布" if line["hidden"] and line["n"] is not None else ""
            )
            self.stdout.write(
                f"  {' '.join(word for word in words if word) or '合计'}：{number}{share}{short}"
            )
