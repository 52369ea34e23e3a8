"""`unionhall serve`: the site in production, on granian."""

from __future__ import annotations

import os

from . import ports
from .arguments import Parser, at_least_one, port
from .demo import say
from .errors import Refusal
from .processes import Child, Household, gather_metrics, site_command
from .surroundings import database, load_django, pending_migrations


def run(arguments: list[str]) -> int:
    """Serve until told to stop. Refuses to start on a database whose migrations are not current."""
    parser = Parser("serve", "运行网站（生产环境）。后台任务另用 unionhall work。")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1，前面放反向代理）")
    parser.add_argument("--port", type=port, help=f"端口（默认 {ports.DEFAULT_PORT}，被占用时自动换一个）")
    parser.add_argument("--workers", type=at_least_one, default=2, help="进程数（默认 2）")
    options = parser.parse_args(arguments)
    if options.port is not None and not ports.is_free(options.host, options.port):
        raise Refusal(f"端口 {options.port} 已被占用；请先停掉占用它的程序，或换一个 --port。")
    chosen = options.port or ports.choose(options.host, ports.DEFAULT_PORT)
    with database() as server:
        load_django()
        pending = pending_migrations()
        if pending:
            raise Refusal(
                f"数据库有 {len(pending)} 个更新还没执行（如 {pending[0]}）；请先执行 unionhall migrate。"
            )
        from django.db import connections

        connections.close_all()
        print(f"网站：http://{options.host}:{chosen}/", flush=True)
        gather_metrics(chosen)
        command = site_command(options.host, chosen, options.workers)
        if server is None:
            os.execv(command[0], command)  # noqa: S606 — the site takes this process over
        household = Household([Child("网站", command)], say)
        household.listen()
        try:
            household.start()
            household.watch()
        finally:
            household.stop()
    return 0
