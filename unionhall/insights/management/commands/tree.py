"""`unionhall tree`: the tree of unions in the terminal, today or as of a day."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from unionhall.organisations.kinds import Chain, Kind, Level
from unionhall.organisations.models import Naming, Organisation, Placement
from unionhall.organisations.paths import depth

WHY = "the operator of the machine prints the tree"


def chosen_day(text: str | None) -> date | None:
    """The day of `--on`, or None for today. CommandError when it is no date."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"日期“{text}”不对，请按 YYYY-MM-DD 填写，例如 2025-12-31。")
    return day


def chosen_union(code: str | None) -> Organisation | None:
    """The union with the code; None when no code was given. CommandError when there is none."""
    if not code:
        return None
    found = Organisation.objects.everywhere(reason=WHY).filter(code=code.upper()).first()
    if found is None:
        raise CommandError(f"没有代码为 {code} 的工会。执行 unionhall tree 可以看到代码。")
    return found


def nodes(top: Organisation | None, day: date | None, levels: int) -> list[dict[str, Any]]:
    """Unions in tree order as of the day: two queries. `levels` below the top."""
    on = day or timezone.localdate()
    rows = Placement.objects.everywhere(reason=WHY).filter(chain=Chain.REGION, period__contains=on)
    base = 1
    if top is not None:
        prefix = top.path_on(on)
        if prefix is None:
            raise CommandError(f"“{top.name}”在 {on:%Y-%m-%d} 不在组织中。")
        rows = rows.filter(path__startswith=prefix)
        base = depth(prefix)
    placed = list(rows.select_related("organisation").order_by("path"))
    placed = [row for row in placed if depth(row.path) - base <= levels]
    named = Naming.objects.everywhere(reason=WHY).filter(period__contains=on)
    names = dict(named.values_list("organisation_id", "name"))
    return [
        {
            "code": row.organisation.code,
            "name": names.get(row.organisation_id, row.organisation.name),
            "kind": row.organisation.kind,
            "level": row.organisation.level,
            "depth": depth(row.path) - base,
            "path": row.path,
        }
        for row in placed
    ]


class Command(BaseCommand):
    help = "显示组织树：可以指定工会、层数和日期"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", metavar="组织代码", help="从哪个工会开始；不填则从最高一级")
        parser.add_argument("--depth", type=int, default=3, metavar="层数", help="向下显示几层，默认 3")
        parser.add_argument("--on", metavar="日期", help="截至哪一天，例如 2025-12-31")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        found = nodes(chosen_union(options["code"]), chosen_day(options["on"]), options["depth"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        if not found:
            self.stdout.write("还没有工会组织。")
        for node in found:
            words = f"{Level(node['level']).label} {Kind(node['kind']).label}"
            self.stdout.write(f"{'  ' * node['depth']}{node['name']}  [{node['code']}] {words}")
