"""`unionhall permissions [--json | --markdown]`: every permission and the roles that carry it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from unionhall.access import tables
from unionhall.foundation.permissions import Role


class Command(BaseCommand):
    help = "列出权限，以及哪些角色拥有。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="输出 JSON")
        form.add_argument("--markdown", action="store_true", help="输出 docs/permissions.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(tables.permissions(), ensure_ascii=False))
        elif options["markdown"]:
            self.stdout.write(tables.markdown(), ending="")
        else:
            for row in tables.permissions():
                who = "、".join(Role(code).label for code in row["roles"])
                self.stdout.write(f"{row['code']}  {row['label']}：{who}")
