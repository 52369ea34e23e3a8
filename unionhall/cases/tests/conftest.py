"""A kind of its own for tests of the core. What needs Django is imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.world import World
    from unionhall.cases.kinds import Kind
    from unionhall.cases.models import Case

SCHEMES = Path(__file__).resolve().parents[3] / "schemes"


@pytest.fixture
def trial(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    """The kind `trial` beside the others, with a scheme file of its own."""
    from unionhall.cases import kinds
    from unionhall.cases.tests.trial import CODE, TEXT, TRIAL, TrialScheme
    from unionhall.rulebook import programmes
    from unionhall.rulebook.book import reload

    folder = tmp_path / "schemes"
    folder.mkdir()
    for place in SCHEMES.iterdir():
        if place.is_dir():
            (folder / place.name).symlink_to(place)
    (folder / "trial").mkdir()
    (folder / "trial" / f"{CODE}.toml").write_text(TEXT, encoding="utf-8")
    settings.SCHEMES_DIR = str(folder)
    known = programmes.Programme(CODE, TRIAL.title, TrialScheme)
    monkeypatch.setitem(programmes._programmes, CODE, known)
    monkeypatch.setitem(kinds._kinds, TRIAL.code, TRIAL)
    reload()
    yield TRIAL
    reload()


@pytest.fixture
def opened(trial: Kind, world: World) -> Callable[..., Case]:
    """`opened()` opens a trial case of the worker of alpha in the union alpha; anything said replaces it."""
    from unionhall.cases.actions import core

    def open_one(**more: Any) -> Case:
        facts: dict[str, Any] = {
            "kind": trial.code,
            "organisation": world.unions["alpha"],
            "title": "拖欠三个月工资",
            "channel": "0",
            "statement": "老板说下个月再发。",
            "person": world.people["alpha_1"],
            "filed_by_account": world.accounts["worker_alpha"],
        } | more
        return core.open_case(world.actor("worker_alpha"), **facts)

    return open_one
