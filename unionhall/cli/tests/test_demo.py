"""The demo as a person runs it: it comes up, stops cleanly, and survives being killed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.world import World
from unionhall.cli import demo as demo_command
from unionhall.cli.tests.conftest import environment, unionhall
from unionhall.foundation.postgres import Server, status
from unionhall.members.models import Person

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cli")]


@contextmanager
def demo(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demo and its address."""
    command = [sys.executable, "-m", "unionhall", "demo", "--no-seed", "--port", "18000", "--workers", "1"]
    process = subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = next((m[1] for line in process.stdout if (m := re.search(r"(http://\S+)/demo/", line))), "")
        assert address, "the demo did not come up"
        yield process, address
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/", timeout=10):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def all_gone(processes: list[psutil.Process], seconds: float) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive


def test_killed_hard_it_leaves_nothing_running_starts_again_and_stops_all_that_it_started(
    installation: Path,
) -> None:
    with demo(installation) as (process, _):
        started = descendants(process)
        process.kill()
        process.wait()
        assert all_gone(started, 15)
    began = time.monotonic()
    with demo(installation) as (process, address):
        assert time.monotonic() - began < 15 * 3  # fifteen seconds on an idle machine
        assert answers(address)
        started = descendants(process)
        assert len(started) >= 4  # guardian, PostgreSQL, site, worker
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert all_gone(started, 1)
    assert not status(installation).running


def unions(home: Path) -> int:
    with Server(home) as server, psycopg.connect(**server.connection()) as link:
        (count,) = link.execute("SELECT count(*) FROM unionhall.organisations_organisation").fetchone() or (
            -1,
        )
    return int(count)


def test_killed_while_it_seeds_it_leaves_the_database_empty_and_no_mark(installation: Path) -> None:
    """Also after the province, which is a transaction by itself, when accounts and their work are made."""
    command = [sys.executable, "-m", "unionhall", "demo", "--scale", "tiny", "--port", "18000"]
    process = subprocess.Popen(
        command, env=environment(installation), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    reached = any("演示账号" in line for line in process.stderr)
    process.kill()
    process.wait()
    assert reached, "it was killed before there was anything to lose"
    assert unions(installation) == 0
    assert not (installation / "seed.unfinished").exists()


@pytest.mark.django_db
def test_what_stands_in_a_database_is_never_dropped(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor when a mark lies in the home that a seeding was broken off, as releases until 0.2.0 left it there."""
    (tmp_path / "seed.unfinished").touch()
    monkeypatch.setattr(demo_command, "house", lambda: tmp_path)
    before = Person.objects.everywhere(reason="test").count()
    demo_command.seed("tiny")
    assert Person.objects.everywhere(reason="test").count() == before > 0


def test_a_size_that_does_not_exist_is_refused_before_anything_begins(place: Path) -> None:
    answer = unionhall(place / "home", "demo", "--scale", "foo")
    assert answer.returncode == 2
    assert "示范数据规模应为 tiny、demo、city、province 之一，而不是 foo" in answer.stderr
    assert not (place / "home").exists()


def test_serve_refuses_a_database_without_tables(unmigrated: Path) -> None:
    answer = unionhall(unmigrated, "serve")
    assert answer.returncode == 1
    assert "unionhall migrate" in answer.stderr
