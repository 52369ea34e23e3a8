"""A trial programme with conditions, in a folder of its own, with publishing turned on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from unionhall.rulebook import programmes
from unionhall.rulebook.book import reload
from unionhall.rulebook.calculators import Fixed, Table
from unionhall.rulebook.conditions import Clause
from unionhall.rulebook.programmes import Parameters, programme
from unionhall.rulebook.tests import trial


class GiftScheme(Parameters):
    conditions: tuple[Clause, ...]
    amount: Fixed | Table
    per: str = "year"


@pytest.fixture
def gifts(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """schemes/ with one programme "gift": the nation's version and the province's."""
    folder = tmp_path / "schemes"
    (folder / "nation").mkdir(parents=True)
    (folder / "province").mkdir()
    # The rest of the site finds there what it reads from the same folder.
    (folder / "mappings").symlink_to(Path(settings.SCHEMES_DIR) / "mappings")
    programme("gift", title="生日慰问")(GiftScheme)
    (folder / "nation" / "gift.toml").write_text(trial.NATION, encoding="utf-8")
    (folder / "province" / "gift.toml").write_text(trial.PROVINCE, encoding="utf-8")
    settings.SCHEMES_DIR = str(folder)
    settings.SCHEMES_PUBLISHED = True
    reload()
    yield folder
    reload()
    del programmes._programmes["gift"]
