"""`unionhall intake FILE --organisation CODE`: a roster from the command line, without the job worker."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation

from ...intake import actions
from ...models import RosterBatch, RosterRow

State = RosterBatch.State
_REFUSED_ROWS = (RosterRow.Outcome.ERROR, RosterRow.Outcome.DUPLICATE)


class Command(BaseCommand):
    help = "导入会员名册（Excel 或 CSV）：核对、入库、发卡\n有误的行逐行说明原因；整份不能接收时退出码为 1。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="名册文件（xlsx、xls、csv）")
        parser.add_argument("--organisation", required=True, metavar="CODE", help="工会的组织代码")
        parser.add_argument("--mapping", default="", help="代码对照（默认自动判断；见 schemes/mappings）")
        parser.add_argument("--dry-run", action="store_true", help="只核对，不写入")
        parser.add_argument("--json", action="store_true", help="结果输出为 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        self.json = options["json"]
        bar = _Bar(quiet=self.json and not sys.stderr.isatty())
        try:
            batch = self._take_in(options, bar)
        except Refused as refusal:
            raise self._refused(str(refusal)) from refusal
        finally:
            bar.close()
        result = report(batch)
        if options["dry_run"]:
            result["batch"] = None
            actions.forget(batch)
        if self.json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            self._tell(result, dry=options["dry_run"])

    def _take_in(self, options: dict[str, Any], bar: _Bar) -> RosterBatch:
        path: Path = options["file"]
        if not path.is_file():
            raise Refused(f"找不到文件 {path}。")
        rows = Organisation.objects.everywhere(reason="the command line runs with the operator's rights")
        organisation = rows.filter(code=options["organisation"]).first()
        if organisation is None:
            raise Refused(
                f"没有组织代码为 {options['organisation']} 的工会。用 unionhall tree 查看组织代码。"
            )
        actor = system_actor("命令行")
        batch = actions.receive(
            actor,
            organisation=organisation,
            path=path,
            name=path.name,
            mapping=options["mapping"],
            queue=False,
        )
        batch = actions.check(batch.pk, listener=bar)
        if batch.state != State.READY:
            raise Refused(batch.message)
        return batch if options["dry_run"] else _commit(batch, actor, bar)

    def _refused(self, reason: str) -> CommandError:
        if self.json:
            self.stdout.write(json.dumps({"refused": reason}, ensure_ascii=False))
        return CommandError(reason)

    def _tell(self, result: dict[str, Any], *, dry: bool) -> None:
        verb = "将" if dry else "已"
        self.stdout.write(
            f"共 {result['rows']} 行：{verb}新增 {result['new']} 人，{verb}更新 {result['changed']} 人，"
            f"无变化 {result['same']} 人，需转接 {result['transfers']} 人，"
            f"有误 {len({error['row'] for error in result['errors']})} 行。"
        )
        for error in result["errors"][:50]:
            self.stdout.write(f"  第 {error['row']} 行 {error['column']}：{error['message']}")
        if len(result["errors"]) > 50:
            self.stdout.write(f"  …… 另有 {len(result['errors']) - 50} 处，用 --json 查看全部。")
        if result["batch"]:
            self.stdout.write(f"批次 {result['batch']}")


def _commit(batch: RosterBatch, actor: Actor, bar: _Bar) -> RosterBatch:
    """Commit when there is anything to write; a file that changes nothing is done already."""
    if not batch.counts.get("new") and not batch.counts.get("changed"):
        return batch
    actions.ask_commit(actor, batch=batch, queue=False)
    batch = actions.commit(batch.pk, actor, listener=bar)
    if batch.state != State.COMMITTED:
        raise Refused(batch.message)
    return batch


def report(batch: RosterBatch) -> dict[str, Any]:
    """What became of the file, as `--json` prints it. `row` is the row number that Excel shows."""
    rows = RosterRow.objects.everywhere(reason="rows of the batch just taken in").filter(batch=batch)
    errors = [
        {"row": number, "column": fault["column"], "message": fault["message"]}
        for number, faults in rows.filter(outcome__in=_REFUSED_ROWS)
        .order_by("number")
        .values_list("number", "errors")
        for fault in faults
    ]
    found = batch.counts
    return {
        "rows": batch.rows, "new": found.get("new", 0), "changed": found.get("changed", 0),
        "same": found.get("same", 0), "transfers": found.get("transfer", 0), "errors": errors, "batch": batch.pk,
    }  # fmt: skip


class _Bar:
    """The progress bar on stderr: one line, redrawn by stage."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: tqdm[Any] | None = None

    def __call__(self, stage: str, done: int, rows: int) -> None:
        if self.quiet:
            return
        if self.bar is None:
            self.bar = tqdm(total=rows or None, file=sys.stderr, unit="行", leave=False, dynamic_ncols=True)
        self.bar.set_description(stage, refresh=False)
        self.bar.total = rows or self.bar.total
        self.bar.n = done
        self.bar.refresh()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
