"""Children start together, are watched, and end together."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from unionhall.cli import processes
from unionhall.cli.errors import Refusal
from unionhall.cli.processes import Child, Household

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def child(program: str, log: Path | None = None) -> Child:
    return Child("孩子", [sys.executable, "-c", program], log)


def test_a_child_that_ends_at_once_is_a_failure_with_its_last_words(tmp_path: Path) -> None:
    household = Household([child("import sys; sys.exit('port is gone')", tmp_path / "log")], print)
    household.start()
    with pytest.raises(Refusal, match=r"孩子没能启动.*port is gone"):
        household.watch()


def test_a_child_that_ends_later_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "SETTLED_SECONDS", 0)
    said: list[str] = []
    household = Household([child("import time; time.sleep(60)", tmp_path / "log")], said.append)
    household.start()
    first = household.children[0].process
    assert first is not None
    first.kill()
    watching = threading.Thread(target=household.watch)
    watching.start()
    deadline = time.monotonic() + 10
    while household.children[0].process is first and time.monotonic() < deadline:
        time.sleep(0.02)
    household.stopping = True
    watching.join()
    assert household.children[0].process is not first
    assert said == ["孩子意外停止，正在重新启动…"]
    household.stop()
    assert household.children[0].ended


def test_a_stubborn_child_is_ended_after_the_grace(tmp_path: Path) -> None:
    said: list[str] = []
    household = Household([child(STUBBORN, tmp_path / "log")], said.append, grace=-0.5)
    household.start()
    while "up" not in (tmp_path / "log").read_text():
        time.sleep(0.02)
    household.stop()
    assert household.children[0].ended
    assert said == ["孩子没有及时停止，强制结束。"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_is_stopped_by_a_key_a_supervisor_and_a_closed_terminal(number: signal.Signals) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    household = Household([], print)
    try:
        household.listen()
        os.kill(os.getpid(), number)
        assert household.stopping
        assert not household.hurried
        os.kill(os.getpid(), number)
        assert household.hurried, "a second one cuts the grace short"
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    program = (
        "from unionhall.cli.processes import *; import time;"
        "c = Child('x', [sys.executable, '-c', 'import time; time.sleep(60)']); c.start();"
        "print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = child(program, tmp_path / "log")
    parent.start()
    deadline = time.monotonic() + 20
    while not (tmp_path / "log").read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.02)
    grandchild = psutil.Process(int((tmp_path / "log").read_text()))
    assert parent.process is not None
    os.kill(parent.process.pid, signal.SIGKILL)
    parent.process.wait()
    grandchild.wait(10)
