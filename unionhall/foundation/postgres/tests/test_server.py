"""The supervisor against real servers: start, share, crash, recover, refuse."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from unionhall.foundation.postgres import (
    NotRunning,
    PostgresError,
    Server,
    connection,
    ensure_running,
    status,
)
from unionhall.foundation.postgres.configuration import MEGABYTE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgres")]
SOON = 20.0


def wait_until(happened: Any) -> None:
    deadline = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def ask(home: Path, sql: str) -> Any:
    with psycopg.connect(**connection(home), autocommit=True) as link:
        cursor = link.execute(sql)
        return cursor.fetchone() if cursor.description else None


HOLDER = """
import sys, time
from unionhall.foundation.postgres import Server
server = Server(sys.argv[1]); server.start(); print("ready", server.started, flush=True); time.sleep(600)
"""


@contextmanager
def another_user_of(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has started (or joined) the server and holds on to it."""
    command = [sys.executable, "-c", HOLDER, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        try:
            yield process
        finally:
            process.kill()


def test_a_fresh_home_gets_a_private_cluster_that_understands_chinese(place: Path) -> None:
    said: list[str] = []
    with Server(place / "new", say=said.append) as server:
        assert server.started
        assert said
        with psycopg.connect(**server.connection()) as link:
            assert link.execute("SHOW listen_addresses").fetchone() == ("",)
            assert link.execute("SHOW fsync").fetchone() == ("on",)
            link.execute("CREATE EXTENSION pg_trgm")
            found = link.execute("SELECT cardinality(show_trgm('张三丰'))").fetchone()
            assert found is not None
            assert found[0] > 1
        paths = [server.layout.base, server.layout.data, Path(server.connection()["host"])]
        assert {oct(path.stat().st_mode & 0o777) for path in paths} == {"0o700"}
    assert not server.status().running


def test_stopping_leaves_no_process_and_starting_again_keeps_the_data(home: Path) -> None:
    with Server(home) as server:
        ask(home, "CREATE TABLE kept AS SELECT 1 AS n")
        state = server.status()
    assert state.postmaster
    assert not psutil.pid_exists(state.postmaster)
    assert not psutil.pid_exists(state.guardian or 0)
    with Server(home):
        assert ask(home, "SELECT n FROM kept") == (1,)
    with pytest.raises(NotRunning):
        server.connection()


def test_a_second_starter_shares_and_the_last_to_leave_stops(home: Path) -> None:
    first, second = Server(home), Server(home)
    first.start()
    second.start()
    assert (first.started, second.started) == (True, False)
    assert first.stop() is False
    assert ask(home, "SELECT 1") == (1,)
    assert second.stop() is True
    assert not status(home).running


def test_two_starters_at_once_make_one_server(home: Path) -> None:
    servers = [Server(home), Server(home), Server(home)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.started for server in servers) == [False, False, True]
    assert [server.stop() for server in servers][-1] is True


def test_two_homes_run_side_by_side(home: Path, place: Path, fresh_home: Path) -> None:
    shutil.copytree(fresh_home, place / "other")
    with Server(home), Server(place / "other"):
        ask(home, "CREATE TABLE only_here ()")
        assert ask(place / "other", "SELECT to_regclass('only_here')") == (None,)


def test_the_server_ends_when_its_only_user_is_killed(home: Path) -> None:
    with another_user_of(home) as user:
        postmaster = status(home).postmaster
        assert postmaster
        user.kill()
        wait_until(lambda: not psutil.pid_exists(postmaster))


def test_the_server_survives_the_starter_while_someone_else_uses_it(home: Path) -> None:
    with another_user_of(home) as starter:
        mine = Server(home)
        mine.start()
        assert mine.started is False
        starter.kill()
        starter.wait()
        time.sleep(0.4)
        assert ask(home, "SELECT 1") == (1,)
        assert mine.stop() is True


def test_a_crash_loses_nothing_that_was_committed(home: Path) -> None:
    server = Server(home)
    server.start()
    ask(home, "CREATE TABLE kept AS SELECT generate_series(1, 200000) AS n")
    state = server.status()
    assert state.postmaster
    assert state.guardian
    # The server first: without its guardian it would begin to stop in good order.
    os.kill(state.postmaster, signal.SIGKILL)
    os.kill(state.guardian, signal.SIGKILL)
    server.stop()
    with Server(home) as again:
        assert again.started
        assert ask(home, "SELECT count(*) FROM kept") == (200000,)
        assert "redo done" in again.layout.log.read_text()


def test_a_guardian_killed_alone_takes_its_server_down_cleanly(home: Path) -> None:
    server = Server(home)
    server.start()
    state = server.status()
    assert state.postmaster
    assert state.guardian
    os.kill(state.guardian, signal.SIGKILL)
    server.stop()
    with Server(home) as again:
        assert again.started
        assert again.status().postmaster != state.postmaster
        assert ask(home, "SELECT 1") == (1,)


def test_orphaned_backends_of_a_crash_do_not_block_the_next_start(home: Path) -> None:
    server = Server(home)
    server.start()
    busy = psycopg.connect(**server.connection(), autocommit=True)
    spin = "DO $$ BEGIN LOOP END LOOP; END $$"

    def be_busy() -> None:
        with suppress(psycopg.Error):
            busy.execute(spin)

    thread = threading.Thread(target=be_busy)
    thread.start()
    wait_until(lambda: ask(home, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'") == (1,))
    state = server.status()
    assert state.postmaster
    assert state.guardian
    os.kill(state.guardian, signal.SIGKILL)
    os.kill(state.postmaster, signal.SIGKILL)
    server.stop()
    with Server(home):
        assert ask(home, "SELECT 1") == (1,)
    thread.join(SOON)


@pytest.mark.parametrize("pid", [os.getpid(), os.getppid(), 2**22 + 7], ids=["ours", "parent", "nobodys"])
def test_a_stale_pid_file_is_no_obstacle_even_when_the_number_is_taken(home: Path, pid: int) -> None:
    data = home / "postgres" / "data"
    lines = [str(pid), str(data), "1700000000", "5432", str(home / "postgres" / "socket"), "", "", "ready"]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    sockets = home / "postgres" / "socket"
    sockets.mkdir(exist_ok=True, mode=0o700)
    (sockets / ".s.PGSQL.5432.lock").write_text("\n".join(lines[:5]) + "\n")
    with Server(home):
        assert ask(home, "SELECT 1") == (1,)


def test_tcp_is_opened_on_request_with_a_password(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with Server(home, tcp_port=port) as server:
        assert server.connection()["port"] == port
        address = {"host": "127.0.0.1", "port": port, "user": "unionhall", "dbname": "unionhall"}
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**address)
        password = (home / "postgres" / "password").read_text()
        with psycopg.connect(**address, password=password) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)


def test_a_taken_port_is_named(home: Path) -> None:
    refused = pytest.raises(PostgresError, match="端口已被其他程序占用")
    with socket.create_server(("127.0.0.1", 0)) as taken, refused:
        Server(home, tcp_port=taken.getsockname()[1]).start()
    assert not status(home).running
    with Server(home):
        assert ask(home, "SELECT 1") == (1,)


def test_a_long_home_path_gets_a_short_private_socket_directory(place: Path, fresh_home: Path) -> None:
    deep = place / ("深" * 20) / ("x" * 60)
    deep.parent.mkdir()
    shutil.copytree(fresh_home, deep)
    with Server(deep) as server:
        host = Path(server.connection()["host"])
        assert host.parent == Path("/tmp")
        assert oct(host.stat().st_mode & 0o777) == "0o700"
        assert ask(deep, "SELECT 1") == (1,)
    shutil.rmtree(host)


def test_a_wrong_setting_is_reported_from_the_log(home: Path) -> None:
    with pytest.raises(PostgresError, match="no_such_setting") as failure:
        Server(home, settings={"no_such_setting": "1"}).start()
    assert str(home / "postgres" / "server.log") in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_full_disk_is_named(home: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 5 * MEGABYTE})
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(PostgresError, match="只剩 5 MB"):
        Server(place / "new").start()
    assert not (place / "new" / "postgres" / "data").exists()


def test_data_of_another_version_is_refused_with_advice(home: Path) -> None:
    (home / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match="PostgreSQL 9 建立"):
        Server(home).start()


def test_a_half_made_cluster_is_made_again(place: Path) -> None:
    left_by_a_killed_run = place / "new" / "postgres" / "data.new"
    left_by_a_killed_run.mkdir(parents=True)
    (left_by_a_killed_run / "PG_VERSION").write_text("18\n")
    with Server(place / "new", say=lambda _text: None):
        assert ask(place / "new", "SELECT 1") == (1,)


def test_ensure_running_ends_with_its_process(home: Path) -> None:
    script = f"from unionhall.foundation.postgres import ensure_running; print(ensure_running({str(home)!r}).started)"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout == "True\n"
    assert not status(home).running
    server = ensure_running(home)
    assert server.status().ready
    assert server.stop()
