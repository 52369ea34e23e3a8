"""The documents are true: every model is in the glossary, every room in the architecture, every command in a README."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from .floors import ROOT, floors


def missing_from(glossary: str, found: list[type[models.Model]]) -> list[str]:
    """Models whose Chinese name or code name has no row in the glossary."""
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith("|")]
    known = {(row[1].strip(), row[2].strip().split(" ")[0].strip("`")) for row in rows if len(row) > 3}
    return [
        f"{model._meta.verbose_name} {model.__name__}"
        for model in found
        if (str(model._meta.verbose_name), model.__name__) not in known
    ]


def test_every_model_is_in_the_glossary() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("unionhall.")]
    assert missing_from((ROOT / "docs/glossary.md").read_text(), ours) == []


def test_an_unlisted_model_is_caught() -> None:
    from unionhall.members.models import Card

    assert missing_from("| 会员 | `Member` | x |", [Card]) == ["会员卡 Card"]


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert [room for room in floors() if not re.search(rf"\b{room}\b", text)] == []
    assert len(text.splitlines()) <= 90, "one page"


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_names_only_what_exists(name: str) -> None:
    """Every `make` target and every `unionhall` command in the text can be run; every linked file exists."""
    from django.core.management import get_commands

    from unionhall.cli.program import OWN

    text = (ROOT / name).read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets
    assert set(re.findall(r"\bunionhall ([a-z]+)\b", text)) <= {*OWN, *get_commands()}
    assert [link for link in re.findall(r"\]\((?!https?:)([^)#]+)", text) if not (ROOT / link).exists()] == []


def _settings_read() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "unionhall").rglob("*.py"):
        if "tests" not in path.parts:
            found |= set(re.findall(r"[\"'](UNIONHALL_[A-Z_]+|DATABASE_URL)[\"']", path.read_text()))
    return found


def test_every_setting_from_the_environment_is_documented() -> None:
    documented = (ROOT / "docs/operations.md").read_text()
    assert [name for name in sorted(_settings_read()) if name not in documented] == []


def test_the_mission_table_names_tests_that_exist() -> None:
    """Each row of docs/mission.md that claims to work names a test file that is there."""
    text = (ROOT / "docs/mission.md").read_text()
    named = re.findall(r"`((?:unionhall|tests)/[\w/]+\.py)`", text)
    assert named
    assert [path for path in named if not Path(ROOT / path).exists()] == []
