"""`unionhall demo`: everything at once, for a first look. Ctrl-C stops all that it started."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from unionhall.foundation.postgres import Server
from unionhall.portal.seeding.sizes import scale_named

from . import ports
from .arguments import Parser, at_least_one, port
from .errors import Refusal
from .processes import Child, Household, gather_metrics, site_command, worker_command
from .surroundings import database, home, house, load_django, pending_migrations

#: Named by the federation, not by current_schema(): the schema may not be there yet.
MIGRATION_LOCK = "SELECT {}(hashtextextended(%s || ':migrate', 0))"
ANSWER_SECONDS = 60.0
GRACE_SECONDS = 3


def say(text: str) -> None:
    """Progress goes to stderr; what the person came for (addresses, accounts) to stdout."""
    # A terminal that was closed must not keep the children from being stopped.
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _options(arguments: list[str]) -> Namespace:
    parser = Parser("demo", "启动数据库、建表、放入示范数据、运行后台任务和网站；按 Ctrl-C 全部停止。")
    parser.add_argument(
        "--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1；0.0.0.0 可让手机访问）"
    )
    parser.add_argument(
        "--port", type=port, default=ports.DEFAULT_PORT, help="端口（默认 8000，被占用时自动换一个）"
    )
    parser.add_argument("--workers", type=at_least_one, default=2, help="网站进程数（默认 2）")
    parser.add_argument(
        "--scale", type=scale_named, default="demo", help="示范数据规模（交给 unionhall seed）"
    )
    parser.add_argument("--no-seed", action="store_true", help="不放示范数据")
    return parser.parse_args(arguments)


def migrate() -> None:
    """Bring the database up to date, one process at a time."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(MIGRATION_LOCK.format("pg_advisory_lock"), [settings.FEDERATION])
        try:
            if pending := pending_migrations():
                say(f"正在更新数据库结构（{len(pending)} 项）…")
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute(MIGRATION_LOCK.format("pg_advisory_unlock"), [settings.FEDERATION])


def _is_empty() -> bool:
    from django.apps import apps

    organisation = apps.get_model("organisations", "Organisation")
    from django.db import connection

    with connection.cursor() as cursor:
        table = connection.ops.quote_name(organisation._meta.db_table)
        cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 — a table name of ours
        row = cursor.fetchone()
    return bool(row and row[0])


def seed(scale: str) -> None:
    """Fill an empty database with demo data. A run that fails or is killed leaves it empty, the next begins anew."""
    from django.core.management import call_command

    if not _is_empty():
        return
    say("正在放入示范数据…")
    call_command("seed", scale=scale)


def _wait_for_answer(address: str, household: Household) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while not household.stopping:
        for child in household.children:
            if child.ended:
                raise Refusal(household.complaint(child))
        try:
            with urllib.request.urlopen(address, timeout=10):  # noqa: S310 — our own http address
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise Refusal(f"网站 {ANSWER_SECONDS:.0f} 秒内没有回应；日志见 {house() / 'logs'}") from None
            time.sleep(0.1)


def _accounts(path: Path) -> list[dict[str, str]]:
    """Demo accounts as `seed` wrote them: role, username, password, note."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [{key: str(value) for key, value in account.items()} for account in found]


def _announce(base: str, began: float) -> None:
    from rich.console import Console
    from rich.table import Table

    # Into a pipe or a log rich would assume 80 columns and cut the notes off.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    console.print(f"\n[bold red]职工之家[/] 已启动（{time.monotonic() - began:.1f} 秒）\n")
    addresses = Table(box=None, show_header=False, padding=(0, 2))
    for title, path in (
        ("一键体验各种身份", "/demo/"),
        ("公众首页", "/"),
        ("职工端（手机）", "/m/"),
        ("工会工作台", "/desk/"),
        ("运行维护", "/ops/"),
    ):
        addresses.add_row(title, f"{base}{path}")
    console.print(addresses)
    accounts = _accounts(house() / "demo-accounts.json")
    if accounts:
        console.print("\n[bold]示范账号[/]")
        table = Table(box=None, padding=(0, 2))
        for title in ("身份", "账号", "密码", "说明"):
            table.add_column(title, no_wrap=title == "账号", overflow="fold")
        for account in accounts:
            table.add_row(*(account.get(key, "") for key in ("role", "username", "password", "note")))
        console.print(table)
    console.print(f"\n数据在 {home()}；按 Ctrl-C 停止。", soft_wrap=True)


def _keep_database(server: Server | None) -> None:
    if server is not None and not server.status().running:
        say("数据库意外停止，正在重新启动…")
        server.stop()
        server.start()


def run(arguments: list[str]) -> int:
    """Start everything, print where it is, and run until told to stop."""
    options = _options(arguments)
    began = time.monotonic()
    chosen = ports.choose(options.host, options.port)
    if chosen != options.port:
        say(f"端口 {options.port} 已被占用，改用 {chosen}。")
    base = f"http://localhost:{chosen}"
    os.environ["UNIONHALL_DEMO"] = "1"
    os.environ.setdefault("UNIONHALL_ADDRESS", base)
    gather_metrics(chosen)
    logs = house() / "logs"
    household = Household(
        [
            Child(
                "网站", site_command(options.host, chosen, options.workers, GRACE_SECONDS), logs / "site.log"
            ),
            Child("后台任务", worker_command(GRACE_SECONDS), logs / "work.log"),
        ],
        say,
        GRACE_SECONDS,
    )
    with database() as server:
        load_django()
        migrate()
        if not options.no_seed:
            seed(options.scale)
        from django.db import connections

        connections.close_all()
        household.listen()
        try:
            household.start()
            reachable = "127.0.0.1" if options.host in ("0.0.0.0", "localhost") else options.host  # noqa: S104
            _wait_for_answer(f"http://{reachable}:{chosen}/", household)
            if not household.stopping:
                _announce(base, began)
            household.watch(lambda: _keep_database(server))
        finally:
            say("正在停止…")
            household.stop()
    say("已全部停止，数据已保存。")
    return 0
