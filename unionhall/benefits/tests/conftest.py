"""Scenes that the tests of all nouns share. Read before Django is ready: what needs it is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django import Settings

    from unionhall.benefits.tests.trial import Trial

SCHEMES = Path(__file__).resolve().parents[3] / "schemes"


@pytest.fixture
def trial(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """Only what the test offers is offered; the nation's other schemes stand beside it."""
    from unionhall.benefits import offering
    from unionhall.benefits.tests.trial import Trial
    from unionhall.rulebook.book import reload

    folder = tmp_path / "schemes"
    folder.mkdir()
    for name in ("national", "mappings"):
        (folder / name).symlink_to(SCHEMES / name)
    settings.SCHEMES_DIR = str(folder)
    monkeypatch.setattr(offering, "_offerings", {})
    reload()
    found = Trial(folder)
    yield found
    found.forget()
    reload()
