"""`unionhall seed`: fill an empty database with an invented province."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from unionhall.foundation.errors import Refused
from unionhall.portal.seeding.progress import Progress
from unionhall.portal.seeding.seed import seed
from unionhall.portal.seeding.sizes import SCALES, scale_named


class Command(BaseCommand):
    help = "向空数据库放入虚构的示范省份：demo（2万人）、city（292万人）、province（1000万人）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale", type=scale_named, default="demo", help=f"规模：{'、'.join(SCALES)}（默认 demo）"
        )
        parser.add_argument(
            "--seed", type=int, default=1, metavar="N", help="随机种子，相同则结果相同（默认 1）"
        )
        parser.add_argument("--people", type=int, default=0, metavar="N", help="改用这个人数（用于测量）")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = SCALES[options["scale"]]
        if options["people"] > 0:
            sizes = sizes.scaled_people(options["people"])
        progress = Progress()
        try:
            prepare_database(progress)
            outcome = seed(sizes, options["seed"], progress)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            progress.close()
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(
                f"已放入 {outcome.unions:,} 个工会、{outcome.people:,} 人，用时 {outcome.seconds:.1f} 秒"
                f"（人员每秒 {outcome.rows_per_second:,.0f} 人）。"
            )


def prepare_database(progress: Progress) -> None:
    """Create or update the tables, so that seeding is one command on an empty data directory."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        progress("数据库结构", 0, 1)
        call_command("migrate", verbosity=0, interactive=False)
