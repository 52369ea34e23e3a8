"""The trial programme for this room's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from unionhall.rulebook.tests import trial


@pytest.fixture
def gifts(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    with trial.standing(tmp_path / "schemes", settings) as folder:
        yield folder
