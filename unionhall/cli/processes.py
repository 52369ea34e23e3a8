"""The site and the worker as child processes: started together, watched, stopped together."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from unionhall.foundation.postgres.guardian import die_with_parent

from .errors import Refusal
from .surroundings import house

GRACE_SECONDS = 10
SETTLED_SECONDS = 10.0


def site_command(host: str, port: int, workers: int, grace: int = GRACE_SECONDS) -> list[str]:
    """Granian serving the WSGI application. No access log: addresses of pages can carry what people searched for."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
        "--respawn-failed-workers", "--workers-kill-timeout", str(grace), "unionhall.wsgi:application",
    ]  # fmt: skip


def gather_metrics(port: int) -> None:
    """An empty directory in which the site's processes count together (foundation.metrics); said by environment."""
    place = house() / "metrics" / str(port)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place)


def worker_command(grace: int = GRACE_SECONDS) -> list[str]:
    """The job worker."""
    return [sys.executable, "-m", "unionhall", "work", "--grace", str(grace)]


@dataclass
class Child:
    """One child process; with `log`, its output goes there instead of the terminal."""

    title: str
    command: list[str]
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0

    def start(self) -> None:
        """Start it; it dies with this process, even when this process is killed hard."""
        output: IO[bytes] | None = None
        if self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            output = self.log.open("ab")
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                # Ctrl-C in the terminal reaches only the parent, which stops the children in order.
                process_group=0,
                preexec_fn=die_with_parent,
            )
        finally:
            if output is not None:
                output.close()
        self.since = time.monotonic()

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def last_words(self) -> str:
        """The last line of its log."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


class Household:
    """Children that live and die together.

    `stopping` becomes true on SIGINT, SIGTERM or SIGHUP; `watch` then returns and `stop` ends the children,
    giving them `grace` seconds for the requests and the job at hand; a second signal cuts that short."""

    def __init__(
        self, children: list[Child], say: Callable[[str], None], grace: float = GRACE_SECONDS
    ) -> None:
        self.children = children
        self.grace = grace
        self.hurried = False
        self.say = say
        self.stopping = False

    def listen(self) -> None:
        """Take the signals that mean "stop"."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.hurried = self.stopping
        self.stopping = True

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def watch(self, each_second: Callable[[], None] = lambda: None) -> None:
        """Wait until asked to stop. A child that ends early is a failure, a later one is started again."""
        last = time.monotonic()
        while not self.stopping:
            for child in self.children:
                if not child.ended or self.stopping:
                    continue
                if time.monotonic() - child.since < SETTLED_SECONDS:
                    raise Refusal(self.complaint(child))
                self.say(f"{child.title}意外停止，正在重新启动…")
                child.start()
            if time.monotonic() - last > 1:
                each_second()
                last = time.monotonic()
            time.sleep(0.1)

    def complaint(self, child: Child) -> str:
        """Why a child could not start, from its log."""
        where = f"，日志见 {child.log}" if child.log else ""
        words = child.last_words()
        return f"{child.title}没能启动{where}{f'：{words}' if words else ''}"

    def stop(self) -> None:
        """Ask every child to end, then insist."""
        living = [child for child in self.children if not child.ended]
        for child in living:
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + self.grace + 1
        for child in living:
            if child.process is None:
                continue
            while not child.ended and not self.hurried and time.monotonic() < deadline:
                time.sleep(0.05)
            if not child.ended:
                self.say(f"{child.title}没有及时停止，强制结束。")
            # Its own children too: they are in its process group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
