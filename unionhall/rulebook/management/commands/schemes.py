"""`schemes check | list | show CODE [--on DATE] [--division CODE] [--json]`."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from unionhall.rulebook.book import Book, last_day
from unionhall.rulebook.checking import check_files, check_used, with_published
from unionhall.rulebook.programmes import programme_of
from unionhall.rulebook.versions import STATUS_LABELS, Version


class Command(BaseCommand):
    help = "检查、列出、查看方案文件（schemes/<发布机关>/<方案>.toml）"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="检查全部方案文件和示例，有错误时以状态 1 退出")
        check.add_argument("--files-only", action="store_true", help="不连接数据库，不核对已使用的版本")
        listing = verbs.add_parser("list", help="列出全部版本")
        show = verbs.add_parser("show", help="查看某方案某日适用的版本")
        show.add_argument("code", help="方案代码，例如 standing")
        show.add_argument("--on", type=_day, default=None, help="日期，写作 2026-01-01，默认今天")
        show.add_argument("--division", default="", help="行政区划代码，默认全国")
        for verb in (check, listing, show):
            verb.add_argument("--json", action="store_true", help="输出 JSON")
            verb.add_argument("--folder", type=Path, default=None, help="方案目录，默认为本项目的 schemes")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"] or settings.SCHEMES_DIR)
        if not folder.is_dir():
            raise CommandError(f"没有方案目录：{folder}", returncode=1)
        {"check": self._check, "list": self._list, "show": self._show}[options["verb"]](folder, options)

    def _check(self, folder: Path, options: dict[str, Any]) -> None:
        book, mistakes, examples = check_files(folder)
        if not options["files_only"]:
            try:
                book, more = with_published(book)
                mistakes += more + check_used(book)
            except DatabaseError as failure:
                raise CommandError(
                    f"不能核对已使用的版本：数据库连不上或还没有建表（{str(failure).splitlines()[0]}）。"
                    "只检查文件请加 --files-only。",
                    returncode=1,
                ) from failure
        count = sum(map(len, book.versions.values()))
        if options["json"]:
            self.stdout.write(
                _dump(
                    {
                        "versions": count,
                        "examples": examples,
                        "mistakes": [
                            {"file": str(one.place.path), "line": one.place.line, "text": one.text}
                            for one in mistakes
                        ],
                    }
                )
            )
        else:
            for mistake in mistakes:
                self.stderr.write(str(mistake))
        if mistakes:
            raise CommandError(f"发现 {len(mistakes)} 处错误。", returncode=1)
        if not options["json"]:
            self.stdout.write(f"{len(book.versions)} 个方案、{count} 个版本、{examples} 个示例，没有错误。")

    def _book(self, folder: Path) -> Book:
        """Files, and what was published on the desk where a database can be asked."""
        try:
            return with_published(Book(folder))[0]
        except DatabaseError:
            self.stderr.write("数据库连不上或还没有建表，只列出方案文件。")
            return Book(folder)

    def _list(self, folder: Path, options: dict[str, Any]) -> None:
        found = [version for versions in self._book(folder).versions.values() for version in versions]
        if options["json"]:
            self.stdout.write(_dump([_summary(version) for version in found]))
            return
        for version in found:
            until = last_day(version)
            self.stdout.write(
                f"{version.programme:<12} {version.jurisdiction or '全国':<6} {version.starts}"
                f" 至 {until or '今后':<10} {STATUS_LABELS[version.status]}  {version.title} {version.source}"
            )

    def _show(self, folder: Path, options: dict[str, Any]) -> None:
        if programme_of(options["code"]) is None:
            raise CommandError(f"没有名为“{options['code']}”的方案。", returncode=1)
        on = options["on"] or timezone.localdate()
        found = self._book(folder).pick(options["code"], on, options["division"])
        if found is None:
            raise CommandError(f"{on} 没有适用的版本。", returncode=1)
        whole = _summary(found) | {"parameters": found.parameters.model_dump(mode="json")}
        if options["json"]:
            self.stdout.write(_dump(whole))
            return
        self.stdout.write(
            f"{found}　{found.place}\n出处：{found.source}　状态：{STATUS_LABELS[found.status]}"
        )
        for reference in found.references:
            self.stdout.write(f"　其中 {'、'.join(reference.parameters)}：{reference}")
        if found.note:
            self.stdout.write(f"说明：{found.note}")
        self.stdout.write(f"摘要：{found.digest}\n参数：{_dump(whole['parameters'])}")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _summary(version: Version[Any]) -> dict[str, Any]:
    return {
        "programme": version.programme,
        "title": version.title,
        "issuer": version.issuer,
        "jurisdiction": version.jurisdiction,
        "from": version.starts,
        "until": version.ends,
        "status": version.status,
        "source": version.source.model_dump(),
        "references": [reference.model_dump() for reference in version.references],
        "digest": version.digest,
        "file": str(version.place),
    }


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
