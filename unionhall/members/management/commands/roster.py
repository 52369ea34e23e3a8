"""`unionhall roster --rows N --errors K --out FILE`: an invented roster to try the import with."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...intake.planting import write_roster


class Command(BaseCommand):
    help = (
        "生成一份虚构的会员名册，可埋入各类错误\n"
        "人员全部虚构：身份证号用不存在的行政区划代码，手机号用未启用的号段。同一 --seed 结果相同。"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, required=True, help="行数")
        parser.add_argument("--errors", type=int, default=0, help="其中有误的行数（各类错误轮流）")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE", help="输出文件（.csv 或 .xlsx）"
        )
        parser.add_argument("--seed", type=int, default=0, help="随机种子（默认 0）")
        parser.add_argument("--json", action="store_true", help="列出埋入的错误（JSON）")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rows"] < 1:
            raise CommandError("--rows 应为正整数。")
        try:
            planted = write_roster(options["out"], options["rows"], options["errors"], options["seed"])
        except ValueError as wrong:
            raise CommandError(f"{wrong}。") from wrong
        if options["json"]:
            result = {
                "file": str(options["out"]),
                "rows": options["rows"],
                "planted": [asdict(one) for one in planted],
            }
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(f"已生成 {options['out']}：{options['rows']} 行，其中 {len(planted)} 行有误。")
        for kind, count in sorted(Counter(one.kind for one in planted).items()):
            shown = "、".join(str(one.row) for one in planted if one.kind == kind)[:80]
            self.stdout.write(f"  {kind} {count} 处：第 {shown} 行")
