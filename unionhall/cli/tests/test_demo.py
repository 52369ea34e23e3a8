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
import pytest

from unionhall.cli.tests.conftest import environment, unionhall
from unionhall.foundation.postgres import status

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


def test_serve_refuses_a_database_without_tables(unmigrated: Path) -> None:
    answer = unionhall(unmigrated, "serve")
    assert answer.returncode == 1
    assert "unionhall migrate" in answer.stderr
