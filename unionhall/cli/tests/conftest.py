"""Commands run as a person runs them: a process of their own, in a home of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prepared import furnish
from unionhall.foundation.postgres import Server

Answer = subprocess.CompletedProcess[str]
Run = Callable[..., Answer]


def environment(home: Path) -> dict[str, str]:
    """The person's environment, with this home and the embedded database."""
    dropped = ("DATABASE_URL", "UNIONHALL_DEMO", "UNIONHALL_KEYS", "UNIONHALL_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"UNIONHALL_HOME": str(home)}


def unionhall(home: Path, *words: str) -> Answer:
    """Run `unionhall words…` in `home` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "unionhall", *words],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def place() -> Iterator[Path]:
    """A short directory: socket paths are limited."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """A migrated home with one attachment."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        home = Path(name) / "home"
        home.mkdir(mode=0o700)
        if not furnish(home):
            answer = unionhall(home, "migrate", "--verbosity", "0")
            assert answer.returncode == 0, answer.stderr
        (home / "files" / "ab").mkdir(parents=True)
        (home / "files" / "ab" / "charter.pdf").write_bytes(b"%PDF-1.7 a charter")
        yield home


@pytest.fixture(scope="session")
def unmigrated() -> Iterator[Path]:
    """A home whose database has no tables yet."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        home = Path(name) / "home"
        home.mkdir(mode=0o700)
        with Server(home):
            pass
        yield home
