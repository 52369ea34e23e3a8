"""The doctor sees what is wrong and says how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unionhall.cli.doctor import Finding
from unionhall.cli.tests.conftest import unionhall

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cli")]


def test_a_current_installation_is_well(installation: Path) -> None:
    answer = unionhall(installation, "doctor", "--json")
    report = json.loads(answer.stdout)
    assert report["well"] is True, report
    assert answer.returncode == 0
    named = {finding["name"]: finding for finding in report["findings"]}
    assert named["数据库结构"]["well"]
    assert not named["后台任务"]["well"]
    assert not named["后台任务"]["needed"]


def test_open_keys_and_pending_migrations_are_found(unmigrated: Path) -> None:
    home = unmigrated
    empty = unionhall(home, "doctor")
    assert empty.returncode == 1
    assert "✗ 数据库结构" in empty.stdout
    assert "unionhall migrate" in empty.stdout
    (home / "keys.json").chmod(0o644)
    try:
        opened = unionhall(home, "doctor")
    finally:
        (home / "keys.json").chmod(0o600)
    assert opened.returncode == 1
    assert f"chmod 600 {home / 'keys.json'}" in opened.stdout


def test_a_line_shows_advice_only_when_something_is_wrong() -> None:
    assert Finding("磁盘", True, "剩余 9 GB", "至少留 1 GB").line() == "✓ 磁盘：剩余 9 GB"
    assert Finding("磁盘", False, "剩余 0 GB", "至少留 1 GB").line() == "✗ 磁盘：剩余 0 GB。至少留 1 GB"
    assert Finding("字体", False, "没有", "装一个", needed=False).line() == "! 字体：没有。装一个"
