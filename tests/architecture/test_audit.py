"""`make audit`: a known vulnerability fails, silence is never taken for a clean bill, judgements run out."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.floors import ROOT

CLEAN: dict[str, Any] = {"name": "django", "version": "5.2", "vulns": []}
HIT = CLEAN | {"vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["5.2.1"]}]}
SKIPPED = {"name": "django", "skip_reason": "Dependency not found on PyPI"}


@dataclass
class Done:
    returncode: int
    stdout: str


@pytest.fixture
def audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The script, with these answers in place of pip-audit's and npm's."""
    loader = SourceFileLoader("audit_script", str(ROOT / ".ci/audit"))
    spec = spec_from_loader("audit_script", loader)
    assert spec
    script = module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(script)
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name, path=None: name)

    def run(dependencies: Any, npm: Any = None, ignore: str = "") -> Done:
        (tmp_path / "audit-ignore.toml").write_text(ignore)
        answers = {"pip-audit": {"dependencies": dependencies}, "npm": npm or {"vulnerabilities": {}}}
        monkeypatch.setattr(script, "run", lambda *command: (json.dumps(answers[command[0]]), "405 error"))
        return Done(script.main(), capsys.readouterr().out)

    return run


Audit = Callable[..., Done]


def judged(until: date, reason: str = "we never call the function that is concerned") -> str:
    return f'[[ignore]]\nid = "CVE-2026-1"\nuntil = {until}\nreason = "{reason}"\n'


def test_none_known(audit: Audit) -> None:
    done = audit([CLEAN])
    assert done.returncode == 0, done.stdout
    assert "none known" in done.stdout


def test_a_known_one_fails(audit: Audit) -> None:
    done = audit([HIT])
    assert done.returncode == 1
    assert "PYSEC-2026-1" in done.stdout


def test_so_does_one_of_node(audit: Audit) -> None:
    way = {"url": "https://github.com/advisories/GHSA-1", "severity": "high"}
    npm = {"vulnerabilities": {"htmx.org": {"via": [way], "severity": "high"}}}
    done = audit([CLEAN], npm)
    assert done.returncode == 1
    assert "GHSA-1" in done.stdout


@pytest.mark.parametrize("dependencies", [[SKIPPED], [CLEAN, SKIPPED]])
def test_a_service_that_knows_nothing_is_no_clean_bill(audit: Audit, dependencies: Any) -> None:
    done = audit(dependencies)
    assert done.returncode == 3
    assert "NOT CHECKED" in done.stdout


def test_nor_is_one_that_does_not_answer(audit: Audit) -> None:
    done = audit([CLEAN], npm={"message": "405 Method Not Allowed"})
    assert done.returncode == 3


def test_a_judgement_holds_until_its_date(audit: Audit) -> None:
    today = date.today()  # noqa: DTZ011 — the script's own day
    assert audit([HIT], ignore=judged(today)).returncode == 0


@pytest.mark.parametrize(
    "entry", [judged(date(2020, 1, 1)), judged(date(2099, 1, 1), "no"), '[[ignore]]\nid = "x"']
)
def test_one_that_ran_out_or_says_no_reason_fails(audit: Audit, entry: str) -> None:
    assert audit([CLEAN], ignore=entry).returncode == 1


def test_our_own_judgements_are_whole_and_run_out_within_a_year() -> None:
    import tomllib

    for entry in tomllib.loads((ROOT / "audit-ignore.toml").read_text()).get("ignore", []):
        assert len(entry["reason"]) >= 20
        assert entry["until"] <= date.today() + timedelta(days=366)  # noqa: DTZ011


def test_make_fails_on_silence_only_when_strict() -> None:
    text = (ROOT / "Makefile").read_text()
    assert "check: lint test audit" in text
    assert '[ $$code = 3 ] && [ "$(AUDIT)" != strict ] || exit $$code' in text
    assert "audit" not in (ROOT / ".ci/run").read_text()
