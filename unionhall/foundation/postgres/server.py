"""One home's PostgreSQL server: started when needed, shared by everyone who asks, stopped after the last."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import cluster, configuration, guardian
from .binaries import find_binaries
from .cluster import Say
from .confinement import Confinement, choose
from .errors import NotRunning, PostgresError, explain_log, explain_os_error
from .layout import DATABASE, DEFAULT_PORT, STATE_ROOT, USER, Layout, fingerprint

LOG_LIMIT = 20 * configuration.MEGABYTE
_STAMP = re.compile(r"^\S+ \S+ \S+ \[\d+\] ")
PATIENT_SECONDS = 3.0  # after this a wait is announced


def _say(text: str) -> None:
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a home's server without starting it."""

    running: bool
    ready: bool = False
    data: Path | None = None
    socket: Path | None = None
    version: str = ""
    postmaster: int | None = None
    guardian: int | None = None
    started_by: dict[str, Any] = field(default_factory=dict)
    confinement: str = ""


def _layout(home: Path | str, state_root: Path = STATE_ROOT) -> Layout:
    """Where the home's cluster is, without asking how it would be run."""
    here = Layout.of(home)
    elsewhere = Layout.of(home, state_root / "homes" / fingerprint(here.home))
    return elsewhere if os.geteuid() == 0 and elsewhere.data.exists() else here


def connection(home: Path | str) -> dict[str, Any]:
    """libpq parameters (host = socket directory, port, user, dbname) of the home's server, running or not."""
    layout = _layout(home)
    note = layout.read_note()
    port = int(note.get("port", DEFAULT_PORT))
    host = str(note.get("socket") or layout.socket_directory(port))
    return {"host": host, "port": port, "user": USER, "dbname": DATABASE}


def status(home: Path | str) -> Status:
    """Whether the home's server runs, and who started it."""
    layout = _layout(home)
    note = layout.read_note()
    if not note or _free(layout.guardian_lock):
        return Status(running=False, data=layout.data if layout.data.exists() else None)
    found = cluster.pid_file(layout.data)
    ready = bool(found and found[0] == note["postmaster"] and found[1] == "ready")
    return Status(
        True, ready, layout.data, Path(note["socket"]), note["version"], note["postmaster"], note["guardian"],
        note["started_by"], note["confinement"],
    )  # fmt: skip


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise explain_os_error(failure, path) from failure


def _free(path: Path, how: int = fcntl.LOCK_EX) -> bool:
    """Whether the lock could be had right now."""
    if not path.exists():
        return True
    handle = _open(path)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


class Server:
    """The embedded PostgreSQL of one home directory.

    `tcp_port` also opens 127.0.0.1 (password in `<root>/password`); `settings` are extra server settings;
    `run_as` forces a confinement. Use as a context manager, or `start()` and `stop()`.
    `started` tells whether this object's start() started the server or found one running."""

    def __init__(
        self,
        home: Path | str,
        *,
        tcp_port: int | None = None,
        settings: Mapping[str, str] | None = None,
        run_as: str | None = None,
        state_root: Path = STATE_ROOT,
        say: Say = _say,
    ) -> None:
        self.layout = Layout.of(home)
        self.tcp_port = tcp_port
        self.settings = dict(settings or {})
        self.run_as = run_as
        self.state_root = state_root
        self.say = say
        self.started = False
        self._users: int | None = None
        self._guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self.tcp_port or DEFAULT_PORT

    def status(self) -> Status:
        """See the function of the same name."""
        return status(self.layout.home)

    def connection(self) -> dict[str, Any]:
        """libpq parameters. Raises NotRunning when no server runs."""
        if not self.status().running:
            raise NotRunning(
                f"{self.layout.home} 的数据库没有运行；请先执行 unionhall demo 或 unionhall serve。"
            )
        return connection(self.layout.home)

    def start(self) -> dict[str, Any]:
        """Start the server or join the running one, wait until it answers, and return libpq parameters.

        Waits as long as recovery needs. Raises PostgresError naming what failed and what to do."""
        if self._users is not None:
            return self.connection()
        confinement = self._confinement()
        confinement.prepare()
        mutex = _open(self.layout.start_lock)
        try:
            self._wait_for(mutex, fcntl.LOCK_EX, "另一个进程正在启动数据库，请稍候…")
            self._users = _open(self.layout.users_lock)
            self._wait_for(self._users, fcntl.LOCK_SH, "数据库正在停止，稍后重新启动…")
            self._start_or_join(confinement)
        except BaseException:
            self._release()
            raise
        finally:
            os.close(mutex)
        return connection(self.layout.home)

    def stop(self) -> bool:
        """Leave. The last to leave waits until the server has shut down; True when it is down afterwards."""
        if self._users is None:
            return False
        self._release()
        began, others, told = time.monotonic(), 0, False
        while not _free(self.layout.guardian_lock):
            # Someone holds it shared, and not the guardian exclusively: others are still at work.
            busy = _free(self.layout.users_lock, fcntl.LOCK_SH) and not _free(self.layout.users_lock)
            others = others + 1 if busy else 0
            if others >= 3:
                return False
            if not told and time.monotonic() - began > PATIENT_SECONDS:
                self.say("正在保存数据并停止数据库…")
                told = True
            time.sleep(0.03)
        if self._guardian is not None:
            self._guardian.wait()
            self._guardian = None
        return True

    def _confinement(self) -> Confinement:
        root = _layout(self.layout.home, self.state_root)
        return choose(
            self.layout.home, find_binaries(cluster.made_by(root.data)), self.run_as, self.state_root
        )

    def _release(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _wait_for(self, handle: int, how: int, announcement: str) -> None:
        began, told = time.monotonic(), False
        while True:
            try:
                fcntl.flock(handle, how | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if not told and time.monotonic() - began > PATIENT_SECONDS:
                    self.say(announcement)
                    told = True
                time.sleep(0.05)

    def _start_or_join(self, confinement: Confinement) -> None:
        layout = confinement.layout
        if not _free(layout.guardian_lock) and self._wait_until_ready(confinement, None, 0):
            running = layout.read_note()
            if self.tcp_port and running.get("port") != self.tcp_port:
                raise PostgresError(
                    f"数据库已在运行，但没有打开端口 {self.tcp_port}；请先停止正在使用它的程序。"
                )
            return
        # A guardian that was killed left its note, which would name the dead server as ready.
        layout.note.unlink(missing_ok=True)
        socket_directory = layout.socket_directory(self.port)
        cluster.clear_leftovers(confinement, socket_directory, self.say)
        if cluster.made_by(layout.data) is None:
            cluster.create(confinement, self.say)
        cluster.check_owner(confinement)
        chosen = configuration.settings(
            major=confinement.binaries.major,
            socket_directory=socket_directory,
            port=self.port,
            tcp=self.tcp_port is not None,
            extra=self.settings,
        )
        cluster.configure(confinement, chosen)
        began_at = self._rotate_log()
        self._guardian = self._spawn(confinement, socket_directory)
        if not self._wait_until_ready(confinement, self._guardian, began_at):
            raise self._failure(began_at)
        self.started = True

    def _rotate_log(self) -> int:
        """Keep one old log; returns the size of the current one, where this start's lines begin."""
        log = self.layout.log
        try:
            size = log.stat().st_size
        except FileNotFoundError:
            return 0
        if size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
            return 0
        return size

    def _spawn(self, confinement: Confinement, socket_directory: Path) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        order = {
            "command": confinement.command("postgres", "-D", str(confinement.layout.data)),
            "environment": environment,
            "log": str(self.layout.log),
            "note": str(self.layout.note),
            "users_lock": str(self.layout.users_lock),
            "guardian_lock": str(self.layout.guardian_lock),
            "told": {
                "socket": str(socket_directory),
                "port": self.port,
                "version": confinement.binaries.version,
                "confinement": confinement.mode,
                "started_by": {
                    "pid": os.getpid(),
                    "command": " ".join(sys.argv)[:200],
                    "at": int(time.time()),
                },
            },
        }
        script = str(Path(guardian.__file__))
        try:
            with self.layout.log.open("ab") as log:
                return subprocess.Popen(
                    [sys.executable, "-I", "-S", script, json.dumps(order)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,
                )
        except OSError as failure:
            raise explain_os_error(failure, self.layout.log) from failure

    def _wait_until_ready(
        self, confinement: Confinement, process: subprocess.Popen[bytes] | None, began_at: int
    ) -> bool:
        """Wait, without a limit, until the server says ready; False when it (or its guardian) is gone."""
        began = time.monotonic()
        announced = PATIENT_SECONDS
        while True:
            gone = process.poll() is not None if process else _free(self.layout.guardian_lock)
            if gone:
                return False
            note, found = self.layout.read_note(), cluster.pid_file(confinement.layout.data)
            if note and found == (note.get("postmaster"), "ready"):
                return True
            waited = time.monotonic() - began
            if waited > announced:
                recovering = "redo" in self._log_since(began_at) or "recovery" in self._log_since(began_at)
                what = "数据库上次没有正常关闭，正在恢复" if recovering else "数据库正在启动"
                self.say(f"{what}…已 {waited:.0f} 秒")
                announced = waited + 10
            time.sleep(0.03)

    def _log_since(self, position: int) -> str:
        try:
            with self.layout.log.open("rb") as log:
                log.seek(max(position, log.seek(0, os.SEEK_END) - 65536))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _failure(self, began_at: int) -> PostgresError:
        """What the log of this start says, as one line with advice and the place to read more."""
        text = self._log_since(began_at)
        lines = [_STAMP.sub("", line).strip() for line in text.strip().splitlines()]
        telling = [
            at for at, line in enumerate(lines) if line.startswith(("FATAL", "PANIC")) or "error" in line
        ]
        # The line before the last complaint often names the cause.
        said = (
            " ".join(lines[max(telling[-1] - 1, 0) : telling[-1] + 1] if telling else lines[-1:])
            or "日志为空"
        )
        advice = explain_log(text)
        reason = f"{advice}({said})" if advice else said
        return PostgresError(f"PostgreSQL 没能启动：{reason}。日志见 {self.layout.log}")


def ensure_running(home: Path | str, *, say: Say = _say) -> Server:
    """The home's server, running; it is left again when this process ends, however it ends."""
    server = Server(home, say=say)
    server.start()
    atexit.register(server.stop)
    return server
