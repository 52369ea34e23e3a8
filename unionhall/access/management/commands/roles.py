"""`unionhall roles [--json]`: every role, and which roles its holder may grant."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from unionhall.access import tables
from unionhall.foundation.permissions import Role


class Command(BaseCommand):
    help = "列出角色，以及各角色可以授予哪些角色。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(tables.roles(), ensure_ascii=False))
            return
        for row in tables.roles():
            may = "、".join(Role(code).label for code in row["may_grant"]) or "—"
            self.stdout.write(
                f"{row['label']}（{row['code']}）：{len(row['permissions'])} 项权限；可授予：{may}"
            )
