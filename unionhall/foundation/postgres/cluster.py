"""The data directory: made whole or not at all, configured at every start, cleaned after a crash."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from . import configuration
from .confinement import Confinement
from .errors import PostgresError, explain_log, explain_os_error
from .layout import DATABASE, USER, private_directory

Say = Callable[[str], None]
NEEDED_BYTES = 200 * configuration.MEGABYTE
NO_SUCH_PROCESS = 2**31 - 2  # above any pid_max


def made_by(data: Path) -> int | None:
    """The PostgreSQL major version that made the directory; None when there is no cluster yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def _give(path: Path, confinement: Confinement) -> None:
    if confinement.owner is not None:
        os.chown(path, confinement.owner, confinement.owner)


def _run(command: list[str], *, what: str, text: str | None = None) -> None:
    # PG* variables of the caller would redirect initdb; the working directory may be closed to nobody.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    answer = subprocess.run(
        command, input=text or "", capture_output=True, text=True, check=False, env=environment, cwd="/"
    )
    if answer.returncode != 0:
        said = (answer.stderr + answer.stdout).strip()
        advice = explain_log(said) or (said.splitlines()[-1] if said else "没有说明原因")
        raise PostgresError(f"{what}失败：{advice}。")


def create(confinement: Confinement, say: Say) -> None:
    """Make the cluster, its role and database beside the final place, then rename: all or nothing."""
    layout = confinement.layout
    free = shutil.disk_usage(layout.root).free
    if free < NEEDED_BYTES:
        raise PostgresError(
            f"{layout.root} 所在磁盘只剩 {free // configuration.MEGABYTE} MB,"
            f"建立数据库至少需要 {NEEDED_BYTES // configuration.MEGABYTE} MB；"
            "请腾出空间或换一个 UNIONHALL_HOME。"
        )
    say("第一次启动，正在建立数据库…")
    building = layout.root / "data.new"
    password = layout.root / "password"
    try:
        shutil.rmtree(building, ignore_errors=True)
        password.unlink(missing_ok=True)
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(24))
        _give(password, confinement)
        flags = configuration.initdb_flags(confinement.binaries.major)
        flags += [
            f"--username={USER}",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={password}",
        ]
        _run(confinement.command("initdb", "-D", str(building), *flags), what="建立数据库")
        create_database = confinement.command("postgres", "--single", "-F", "-D", str(building), "postgres")
        _run(create_database, what="建立数据库", text=f"CREATE DATABASE {DATABASE}\n")
        with (building / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"\ninclude_if_exists = '{configuration.INCLUDE}'\n")
        building.rename(layout.data)
    except OSError as failure:
        raise explain_os_error(failure, layout.root) from failure


def configure(confinement: Confinement, chosen: Mapping[str, str]) -> None:
    """Write the include file with this start's settings."""
    target = confinement.layout.data / configuration.INCLUDE
    text = configuration.render(chosen)
    try:
        if target.exists() and target.read_text(encoding="utf-8") == text:
            return
        fresh = target.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        _give(fresh, confinement)
        fresh.replace(target)
    except OSError as failure:
        raise explain_os_error(failure, target) from failure


def check_owner(confinement: Confinement) -> None:
    """Raise PostgresError unless the data directory belongs to whom PostgreSQL runs as; make it private."""
    data = confinement.layout.data
    expected = os.geteuid() if confinement.owner is None else confinement.owner
    try:
        found = data.stat().st_uid
    except OSError as failure:
        raise explain_os_error(failure, data) from failure
    if found != expected:
        raise PostgresError(
            f"数据目录 {data} 属于用户编号 {found}，而现在是 {expected}；请用原来的用户启动，"
            "或用 UNIONHALL_HOME 指定另一个目录。"
        )
    data.chmod(0o700)


def pid_file(data: Path) -> tuple[int, str] | None:
    """Process id and status word ("starting", "ready", …) in postmaster.pid; None without a readable file."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return abs(int(lines[0])), lines[7].strip() if len(lines) > 7 else "starting"
    except (OSError, ValueError, IndexError):
        return None


def _works_in(process: psutil.Process, data: Path, *, if_hidden: bool) -> bool:
    """Whether the process is a PostgreSQL of this data directory: the server changes into it at its start.

    `if_hidden` answers for a process whose directory we may not see."""
    try:
        if "postgres" not in process.name() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data
    except psutil.AccessDenied:
        return if_hidden
    except (psutil.NoSuchProcess, OSError):
        return False


def _alive(pid: int, data: Path) -> bool:
    try:
        return _works_in(psutil.Process(pid), data, if_hidden=os.geteuid() == 0)
    except psutil.NoSuchProcess:
        return False


def _orphans(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process, data, if_hidden=False)]


def clear_leftovers(confinement: Confinement, socket_directory: Path, say: Say) -> None:
    """After a crash: end an unguarded server, wait for orphaned backends, defuse a stale pid file and socket.

    Called under the start lock with no guardian alive, so whatever still runs belongs to nobody."""
    data = confinement.layout.data
    noted = pid_file(data)
    if noted and _alive(noted[0], data):
        say("上次的数据库没有人看管，正在停止它…")
        os.kill(noted[0], signal.SIGINT)
        while _alive(noted[0], data):
            time.sleep(0.1)
        noted = pid_file(data)
    began = time.monotonic()
    # Backends of a killed postmaster leave at their next wait; the busy ones are told to after a while.
    while orphans := _orphans(data):
        if time.monotonic() - began > 5:
            for orphan in orphans:
                orphan.kill()
        time.sleep(0.1)
    if noted and psutil.pid_exists(noted[0]):
        # The number is a stranger's now. Only it is replaced: PostgreSQL still checks the memory line.
        path = data / "postmaster.pid"
        _, _, rest = path.read_text(encoding="utf-8", errors="replace").partition("\n")
        path.write_text(f"{NO_SUCH_PROCESS}\n{rest}", encoding="utf-8")
    private_directory(socket_directory, confinement.owner)
    for leftover in socket_directory.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)
