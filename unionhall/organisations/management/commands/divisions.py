"""`unionhall divisions`: load administrative divisions from the installed package."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unionhall.foundation.errors import Refused
from unionhall.organisations import divisions


class Command(BaseCommand):
    help = "载入行政区划：按省选择，可以到乡镇街道"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "provinces", nargs="*", metavar="省", help="两位省级代码，例如 42；不填则列出全部"
        )
        parser.add_argument("--no-streets", action="store_true", help="不载入乡镇街道")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = dict(divisions.provinces())
            if not options["provinces"]:
                self._say(options, [{"code": code, "name": name} for code, name in known.items()])
                return
            loaded = [
                {
                    "code": code[:2],
                    "name": known.get(code[:2], ""),
                    "count": divisions.load(code, streets=not options["no_streets"]),
                }
                for code in options["provinces"]
            ]
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self._say(options, loaded)

    def _say(self, options: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            count = f"  已载入 {row['count']} 个" if "count" in row else ""
            self.stdout.write(f"{row['code']}  {row['name']}{count}")
