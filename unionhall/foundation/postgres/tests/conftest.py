"""Real servers in real directories; the templates of a fresh cluster are made once and copied."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from unionhall.foundation.postgres import Server


@pytest.fixture(scope="session")
def fresh_home() -> Iterator[Path]:
    """A home whose cluster has been made and stopped."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        Path(name).chmod(0o755)
        home = Path(name) / "fresh"
        with Server(home):
            pass
        yield home


@pytest.fixture
def place() -> Iterator[Path]:
    """A short directory (socket paths are limited) that an unprivileged user may enter."""
    with tempfile.TemporaryDirectory(prefix="uh-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def home(fresh_home: Path, place: Path) -> Path:
    """A home of its own with a cluster that has never been used."""
    shutil.copytree(fresh_home, place / "home", symlinks=True)
    (place / "home" / "postgres" / "server.log").unlink()
    return place / "home"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own PostgreSQL variables would redirect the server under test."""
    for name in [n for n in os.environ if n.startswith("PG")] + ["UNIONHALL_POSTGRES_RUN_AS"]:
        monkeypatch.delenv(name, raising=False)
