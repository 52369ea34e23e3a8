"""`unionhall drill`: a backup is worth what its restoration is worth, so restore it, look, and remove it again.

The backup goes into a scratch database on the same server, or into an embedded server of its own where the role may
not create databases (`--apart`). Compared are the rows of every table and the journal's head with what the backup
says of itself, the whole journal is verified, and a sample of sealed values and every attachment's place is opened.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from unionhall.foundation.postgres import Server

from . import archive, restore
from .arguments import Parser, at_least_one
from .backup import count_rows
from .errors import Refusal, plain, readable
from .surroundings import database, load_django, make_home, pending_migrations

SAMPLE = 200
PREFIX = "unionhall_drill_"
#: What a drill leaves behind when it is killed goes after so long: no drill takes a day, and another may be going on.
LEFTOVER_SECONDS = 24 * 3600


@dataclass
class Report:
    """What a drill found. `faults` are sentences; none means that this backup restores."""

    file: str
    made_at: str = ""
    seconds: float = 0.0
    restore_seconds: float = 0.0
    tables: int = 0
    rows: int = 0
    entries: int = 0
    blocks: int = 0
    opened: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def _chosen(options: Namespace) -> Path:
    if options.file is not None:
        return readable(options.file.expanduser().resolve())
    directory = options.directory or archive.directory()
    found = archive.newest(directory)
    if found is None:
        raise Refusal(f"{directory} 里没有本联合会的备份；请先执行 unionhall backup，或写明备份文件。")
    return found


@contextmanager
def _scratch(apart: bool) -> Iterator[None]:
    """Django's default connection leads to an empty scratch database while the block lasts."""
    from django.db import connection

    usual = dict(connection.settings_dict)
    if apart:
        with tempfile.TemporaryDirectory(prefix="uh-drill-") as place, Server(Path(place)) as server:
            found = server.connection()
            there = {
                "NAME": found["dbname"], "USER": found["user"], "HOST": found["host"], "PORT": str(found["port"]),
                "PASSWORD": "",
            }  # fmt: skip
            with _led_to(there, usual):
                yield
        return
    name = f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise Refusal(
                "数据库账号不能建临时数据库；请执行 ALTER ROLE … CREATEDB，或加 --apart 用自带的 PostgreSQL 演练。"
            )
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        with _led_to({"NAME": name}, usual):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _led_to(there: dict[str, Any], usual: dict[str, Any]) -> Iterator[None]:
    from django.db import connection

    connection.close()
    connection.settings_dict.update(there)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


def sweep() -> None:
    """Remove what drills that were killed left behind: their databases, and their directories in the home."""
    from django.db import DatabaseError, connection

    before = time.time() - LEFTOVER_SECONDS
    for directory in make_home().glob(".drill-*"):
        if directory.stat().st_mtime < before:
            shutil.rmtree(directory, ignore_errors=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'MEMBER') "
            "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datid = pg_database.oid)",
            [PREFIX],
        )
        for (name,) in cursor.fetchall():
            since = name.removeprefix(PREFIX).split("_")[0]
            if not since.isdecimal() or int(since) >= before:
                continue
            with suppress(DatabaseError):  # somebody connected just now
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _look(backup: restore.Unpacked, report: Report) -> None:
    """Compare the restored database with what the backup says of itself."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from unionhall.records import sealing

    manifest = backup.manifest
    with connection.cursor() as cursor:
        tables = count_rows(cursor, settings.FEDERATION)
    report.tables, report.rows = len(tables), sum(tables.values())
    if manifest.tables:
        differing = sorted(
            name
            for name in {*tables, *manifest.tables}
            if tables.get(name, -1) != manifest.tables.get(name, -1)
        )
        if differing:
            name = differing[0]
            report.faults.append(
                f"{len(differing)} 张表的行数与备份时不同，如 {name}："
                f"备份时 {manifest.tables.get(name, '无')}，恢复后 {tables.get(name, '无')}。"
            )
    elif not tables:
        report.faults.append("恢复后没有任何表。")
    if pending_migrations():
        # An older backup is brought up to date here, as it would be in earnest.
        call_command("migrate", verbosity=0, interactive=False)
    verdict = sealing.verify(manifest.journal_head)
    report.entries, report.blocks = verdict.entries, verdict.blocks
    if verdict.fault is not None:
        report.faults.append(verdict.fault.message)
    report.opened = _open_sample(report)
    report.files = _look_for_files(backup, report)


def _open_sample(report: Report) -> int:
    """Open some values of every sealed column, taken from all over the table; answers how many opened."""
    from django.db import connection

    from unionhall.foundation.resealing import Columns, places
    from unionhall.foundation.sealing import ring
    from unionhall.kit.sm import SealBroken

    opened = 0
    for place in places():
        if not isinstance(place, Columns):
            continue
        for name in place.names:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT "{name}" FROM "{place.table}" WHERE "{name}" IS NOT NULL '  # noqa: S608 — from the registry
                    f'AND "{place.key}" >= (SELECT (random() * coalesce(max("{place.key}"), 0))::bigint / 2 '
                    f'FROM "{place.table}") LIMIT {SAMPLE}'
                )
                blobs = [bytes(row[0]) for row in cursor.fetchall()]
            try:
                opened += len(ring().open_many(blobs))
            except (SealBroken, UnicodeDecodeError):
                report.faults.append(f"{place.label} 的 {name} 用现有密钥打不开。")
    return opened


def _look_for_files(backup: restore.Unpacked, report: Report) -> int:
    """Every attachment that a row names lies in the backup and opens to its first piece.

    Those excepted that were removed, with their rows, between the dump's snapshot and the copying of the files.
    """
    from unionhall.foundation.sealing import ring
    from unionhall.kit.sm import SealBroken, open_chunks
    from unionhall.records.models import Attachment

    rows = Attachment.objects.everywhere(reason="a drill looks whether files are there, not into them")
    found, missing = 0, 0
    for location in rows.values_list("location", flat=True).iterator():
        try:
            with (backup.files / location).open("rb") as sealed:
                next(open_chunks(ring().keys, sealed, location.encode()))
            found += 1
        except FileNotFoundError:
            missing += location not in backup.vanished
        except SealBroken:
            report.faults.append(f"附件 {location} 用现有密钥打不开。")
    if missing:
        report.faults.append(f"有 {missing} 个附件在数据库里有记录，备份里没有文件。")
    return found


def rehearse(source: Path, *, apart: bool = False) -> Report:
    """Restore the backup beside what runs, look at it, remove it. Refusals are faults: the backup doesn't restore."""
    began = time.monotonic()
    report = Report(str(source))
    sweep()
    scratch = Path(tempfile.mkdtemp(dir=make_home(), prefix=".drill-"))
    try:
        backup = restore.unpack(source, scratch)
        report.made_at = backup.manifest.made_at
        with _scratch(apart):
            restore.restore_database(backup.dump, backup.manifest.federation)
            report.restore_seconds = round(time.monotonic() - began, 1)
            _look(backup, report)
    except Refusal as refusal:
        report.faults.append(str(refusal))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        report.seconds = round(time.monotonic() - began, 1)
    return report


def _note(report: Report) -> None:
    from unionhall.foundation.actors import system_actor
    from unionhall.records.actions import journal

    detail = asdict(report)
    detail.pop("file")
    # Of a fault only its first line: what it says is about tables, never about rows.
    detail["faults"] = [fault[:200] for fault in report.faults[:5]]
    journal(
        system_actor("运维命令"), "portal.drilled", label="通过" if report.ok else "没有通过",
        detail={"ok": report.ok, **detail},
    )  # fmt: skip


def run(arguments: list[str]) -> int:
    """Rehearse and say what came of it; exit status 1 when the backup would not do."""
    parser = Parser("drill", "演练恢复：把最新的备份恢复到临时数据库，核对行数、日志和密钥，再删除。")
    parser.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help="备份文件（默认本联合会最新的一个）"
    )
    parser.add_argument("--directory", type=Path, help="备份所在目录（默认 UNIONHALL_BACKUPS）")
    parser.add_argument(
        "--apart", action="store_true", help="恢复到另一个自带的 PostgreSQL，不用现在的数据库"
    )
    parser.add_argument("--max-age", type=at_least_one, metavar="小时", help="备份比这更旧也算没有通过")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    source = _chosen(options)
    age = (time.time() - source.stat().st_mtime) / 3600
    with database():
        load_django()
        from django.db import connections

        try:
            report = rehearse(source, apart=options.apart)
        except Exception as failure:
            report = Report(str(source), faults=[plain(failure)[0]])
        if options.max_age and age > options.max_age:
            report.faults.append(f"备份已经是 {age:.0f} 小时以前的，超过了 {options.max_age} 小时。")
        _note(report)
        connections.close_all()
    if options.json:
        print(json.dumps({"ok": report.ok, **asdict(report)}, ensure_ascii=False))
    elif report.ok:
        print(
            f"演练通过：{source.name} 恢复用了 {report.restore_seconds} 秒，{report.tables} 张表 {report.rows} 行，"
            f"日志 {report.entries} 条 {report.blocks} 块完好，"
            f"抽查 {report.opened} 个加密值、{report.files} 个附件都能打开，共 {report.seconds} 秒。"
        )
    else:
        print(f"演练没有通过：{source.name}")
        for fault in report.faults:
            print(f"  {fault}")
    return 0 if report.ok else 1
