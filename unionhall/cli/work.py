"""`unionhall work`: the job worker."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from .arguments import Parser, at_least_one
from .surroundings import database, load_django


def run(arguments: list[str]) -> int:
    """Take jobs from the queue until told to stop; on SIGTERM the job at hand may finish first."""
    parser = Parser("work", "运行后台任务（导入、导出、通知、日志封存等）。可以同时运行多个。")
    parser.add_argument("--queue", action="append", help="只做这些队列（可重复；默认全部）")
    parser.add_argument("--concurrency", type=at_least_one, default=1, help="同时做几个任务（默认 1）")
    parser.add_argument("--grace", type=float, default=10.0, help="停止时等手头任务的秒数（默认 10）")
    parser.add_argument("--once", action="store_true", help="做完队列里已有的任务就退出")
    options = parser.parse_args(arguments)
    with database():
        load_django()
        from procrastinate.contrib.django import app

        from unionhall.foundation.jobs import worker_connector

        async def work(connected: Any) -> None:
            async with connected.open_async():
                await connected.run_worker_async(
                    queues=options.queue,
                    concurrency=options.concurrency,
                    wait=not options.once,
                    name=f"{socket.gethostname()}:{os.getpid()}",
                    shutdown_graceful_timeout=options.grace,
                    fetch_job_polling_interval=2.0,
                )

        with app.replace_connector(worker_connector()) as connected:
            asyncio.run(work(connected))
    return 0
