"""A house of its own for the faults: its own server with real fsync, on a small disk that can be filled."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.prepared import furnish
from unionhall.cli.tests.conftest import environment
from unionhall.foundation.postgres import PostgresError, Server

from . import stage

DISK_MEGABYTES = 700
SECONDS = 180.0


class Failed(AssertionError):
    """An act ended with an exception, which is told."""


@dataclass
class Act:
    """A running act."""

    house: House
    pid: int
    answer: Path

    def kill(self, after: float = 0.0) -> None:
        """kill -9, unless it has ended by itself by then."""
        time.sleep(after)
        with suppress(ProcessLookupError):
            os.kill(self.pid, 9)

    def while_running(self, after: float, happening: Callable[[], None]) -> None:
        """Let something happen to it after some seconds, then wait for it however it ends."""
        time.sleep(after)
        happening()
        self.end()

    def reached(self, marker: Path) -> None:
        """Wait until it tells that it is where it was wanted (tests.faults.holding). Raises Failed when it ended."""
        until = time.monotonic() + SECONDS
        while not marker.exists():
            if self.answer.exists() and not marker.exists():
                raise Failed(self.failure() or "it ended without coming so far")
            assert time.monotonic() < until, "an act never came so far"
            time.sleep(0.002)

    def end(self) -> int:
        """Wait for it: 0 done, 1 failed, -9 killed."""
        return int(self.house.ask({"wait": self.pid}))

    def failure(self) -> str:
        """The traceback of an act that failed, or "" when it did not."""
        code = self.end()
        return str(self._told().get("failure", f"ended with {code}" if code else ""))

    def value(self) -> Any:
        """What it answered. Raises Failed with the act's own traceback."""
        if failure := self.failure():
            raise Failed(failure)
        return self._told()["value"]

    def _told(self) -> dict[str, Any]:
        return json.loads(self.answer.read_text(encoding="utf-8")) if self.answer.exists() else {}


@dataclass
class House:
    """A home with its server and the stage on which acts are performed."""

    home: Path
    server: Server
    process: subprocess.Popen[str]
    small_disk: bool
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, request: dict[str, Any]) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def begin(self, act: str, *arguments: Any) -> Act:
        """Start an act and don't wait."""
        answer = self.home.parent / f"answer-{next(self.numbers)}.json"
        return Act(self, int(self.ask({"act": act, "arguments": arguments, "answer": str(answer)})), answer)

    def do(self, act: str, *arguments: Any) -> Any:
        """Perform an act to its end and answer its value."""
        return self.begin(act, *arguments).value()

    def killed_again_and_again(
        self, act: str, *arguments: Any, seed: int, moments: Sequence[float] = (0.03, 0.15, 0.3, 0.45)
    ) -> int:
        """Perform an act, killed hard about so many seconds in; then let it end. Answers how many kills hit."""
        chance, hits = random.Random(seed), 0
        began = time.monotonic()
        for moment in moments:
            running = self.begin(act, *arguments)
            running.kill(after=moment * (1 + chance.random()))
            hits += running.end() == -9
        assert time.monotonic() - began < SECONDS
        self.do(act, *arguments)
        return hits

    def crash(self) -> None:
        """kill -9 of the whole database server: the postmaster, its guardian and every backend."""
        state = self.server.status()
        assert state.postmaster
        assert state.guardian
        backends = psutil.Process(state.postmaster).children(recursive=True)
        for pid in (state.guardian, state.postmaster, *(one.pid for one in backends)):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.server.stop()

    def start(self) -> None:
        self.server.start()

    def revive(self) -> None:
        """A server that gave up (its disk was full) is started again, as its supervisor's user would do."""
        with suppress(PostgresError):
            self.server.stop()
        self.server.start()

    @contextmanager
    def full_disk(self, left: int) -> Iterator[None]:
        """Fill the small disk until only `left` bytes are free; room again afterwards."""
        place = self.home.parent
        filler = place / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(place).free - left)
        try:
            yield
        finally:
            filler.unlink()

    def audit(self) -> dict[str, Any]:
        """Everything that must always hold, asked in the database (see acts.audit); answers the counts."""
        found: dict[str, Any] = self.do("audit")
        assert found.pop("wrong") == []
        return found


@contextmanager
def disk(small: bool) -> Iterator[tuple[Path, bool]]:
    """A directory on a small file system of its own, when that is asked and this machine lets us mount one."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        options = ["-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=0755"]
        mounted = (
            small
            and os.geteuid() == 0
            and not subprocess.run(
                ["mount", *options, "unionhall-faults", name], check=False, stderr=subprocess.DEVNULL
            ).returncode
        )
        try:
            yield Path(name), mounted
        finally:
            if mounted:
                subprocess.run(["umount", "--lazy", name], check=False)


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with disk(small="soak" not in request.config.option.markexpr.replace("not soak", "")) as (
        place,
        small_disk,
    ):
        home = place / "home"
        home.mkdir(mode=0o700)
        furnish(home)
        server = Server(home, settings={"max_wal_size": "128MB", "min_wal_size": "32MB"})
        server.start()
        process = subprocess.Popen(
            [sys.executable, stage.__file__],
            env=environment(home) | {"UNIONHALL_DEMO": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == stage.SERVING
            made = House(home, server, process, small_disk)
            made.do("prepare")
            yield made
        finally:
            process.kill()
            process.wait()
            server.stop()
