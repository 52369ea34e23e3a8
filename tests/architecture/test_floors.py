"""Imports and model relations only go down; each rule is shown catching a deliberate violation."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from .floors import ROOT, floors

LINT = Path(sys.executable).with_name("lint-imports")


def _lint(where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT, "--no-cache"], cwd=where, capture_output=True, text=True, check=False)


def test_imports_only_go_down() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("organisations/models.py", "from unionhall.members import models as upward", "Floors"),
        ("kit/money.py", "import django", "the kit never touch Django"),
        ("members/models/cards.py", "from unionhall.members import urls as outer", "Inside a room"),
        ("attic/__init__.py", "", "Floors"),
    ],
    ids=["upward", "impure", "inside-out", "room-without-floor"],
)
def test_a_violation_is_caught(tmp_path: Path, file: str, line: str, contract: str) -> None:
    shutil.copytree(
        ROOT / "unionhall",
        tmp_path / "unionhall",
        ignore=shutil.ignore_patterns("static", "templates", "tests", "__pycache__", "migrations"),
    )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    target = tmp_path / "unionhall" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text((target.read_text() if target.exists() else "") + f"\n{line}\n")
    result = _lint(tmp_path)
    assert result.returncode != 0
    assert contract in result.stdout + result.stderr


def upward_relations(found: list[type[models.Model]]) -> list[str]:
    """Relations that point to a higher floor, or sideways to another room of the same floor."""
    heights = floors()
    wrong = []
    for model in found:
        here = (
            model._meta.app_config.name.removeprefix("unionhall.")
            if model._meta.app_config
            else model._meta.app_label
        )
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and field.concrete else None
            if not isinstance(target, type) or not target.__module__.startswith("unionhall."):
                continue
            there = target.__module__.split(".")[1]
            if there != here and heights[there] >= heights[here]:
                wrong.append(f"{model.__name__}.{field.name} → {target.__name__}")
    return wrong


def _ours() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("unionhall.")
    ]


def test_relations_only_go_down() -> None:
    assert upward_relations(_ours()) == []


@isolate_apps("unionhall.records")
def test_an_upward_relation_is_caught() -> None:
    class Upward(models.Model):  # noqa: DJ008
        account = models.ForeignKey("access.Account", models.CASCADE)

        class Meta:
            app_label = "records"

    from unionhall.access.models import Account

    field: Any = Upward._meta.get_field("account")
    field.remote_field.model = Account
    assert upward_relations([Upward]) == ["Upward.account → Account"]


def test_every_room_is_an_app_with_a_floor() -> None:
    rooms = {
        config.name.removeprefix("unionhall.")
        for config in apps.get_app_configs()
        if config.name.startswith("unionhall.")
    }
    assert rooms <= floors().keys()
