"""`entitlements tell | mark | reckon`: what the nights do, now; and beginning without telling."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from unionhall.benefits.actions import entitlements, reach
from unionhall.foundation.actors import system_actor


class Command(BaseCommand):
    help = "告知新符合条件的职工；初次启用时只登记、不发消息；统计惠及情况。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        texts = {
            "tell": "给新符合条件、还没有告知过的职工各发一条消息",
            "mark": "把今天符合条件的职工登记为已知悉，不发消息（初次启用时用一次）",
            "reckon": "统计各级工会的惠及情况",
        }
        for verb, text in texts.items():
            verbs.add_parser(verb, help=text).add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, today = system_actor("运维人员"), timezone.localdate()
        if options["verb"] == "reckon":
            found: dict[str, Any] = {"rows": reach.reckon(actor, on=today)}
            words = f"已统计，{found['rows']} 行。"
        else:
            run = entitlements.run_through(actor, on=today, silent=options["verb"] == "mark")
            found = asdict(run)
            verb = "登记" if options["verb"] == "mark" else "告知"
            words = f"看了 {run.looked} 人，{verb} {run.persons} 人共 {run.items} 项。"
        self.stdout.write(json.dumps(found) if options["json"] else words)
