"""`unionhall journal verify | list | head`: prove the journal, read it, note its head."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from unionhall.records import sealing
from unionhall.records.models import JournalEntry
from unionhall.records.verbs import label_of


class Command(BaseCommand):
    help = "日志：核验未被篡改（verify）、查看（list）、记下链头（head）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what",
            choices=["verify", "list", "head", "seal"],
            help="verify 核验，list 查看，head 链头，seal 立即封存",
        )
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument(
            "--head", default="", metavar="块号:摘要", help="verify：以前记下的链头，用来发现末尾被截断"
        )
        parser.add_argument("--limit", type=int, default=20, help="list：最多几条")
        parser.add_argument("--action", default="", help="list：只看某个动作，如 members.reveal")
        parser.add_argument("--actor", default="", help="list：只看某个操作人")

    def handle(self, *args: Any, **options: Any) -> None:
        answer = getattr(self, options["what"])(options)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))
        if options["what"] == "verify" and not answer["ok"]:
            raise CommandError(answer["fault"]["message"])

    def verify(self, options: dict[str, Any]) -> dict[str, Any]:
        verdict = sealing.verify(options["head"])
        if not options["json"] and verdict.ok:
            self.stdout.write(
                f"日志完好：{verdict.entries} 条，{verdict.blocks} 个封存块，{verdict.pending} 条等待封存。"
            )
        return verdict.as_json()

    def list(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        rows = JournalEntry.objects.everywhere(
            reason="the operator of the machine reads the journal"
        ).order_by("-pk")
        if options["action"]:
            rows = rows.filter(action=options["action"])
        if options["actor"]:
            rows = rows.filter(actor_name__contains=options["actor"])
        found = [
            {
                "id": row.pk, "at": row.at.isoformat(), "actor": row.actor_name, "action": row.action,
                "subject": row.subject_label, "reason": row.reason, "detail": row.detail,
            }
            for row in rows[: max(0, options["limit"])]
        ]  # fmt: skip
        if not options["json"]:
            for row in found:
                at = timezone.localtime(datetime.fromisoformat(row["at"]))
                words = [
                    f"{at:%Y-%m-%d %H:%M:%S}",
                    row["actor"],
                    label_of(row["action"]),
                    row["subject"],
                    row["reason"],
                ]
                self.stdout.write("  ".join(word for word in words if word))
        return found

    def head(self, options: dict[str, Any]) -> dict[str, str]:
        found = sealing.head()
        if not options["json"]:
            self.stdout.write(found or "还没有封存块。")
        return {"head": found}

    def seal(self, options: dict[str, Any]) -> dict[str, int]:
        count = 0
        while done := sealing.seal_pending(thorough=True):
            count += done
        if not options["json"]:
            self.stdout.write(f"已封存 {count} 条。")
        return {"sealed": count}
