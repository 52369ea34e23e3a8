"""One name for every command; failures are one plain line."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db.utils import OperationalError, ProgrammingError
from psycopg import errors as postgres

from unionhall.cli import main, ports
from unionhall.cli.errors import Refusal, plain
from unionhall.cli.program import OWN, overview
from unionhall.cli.tests.conftest import unionhall
from unionhall.foundation.postgres import PostgresError


def test_the_overview_names_every_command_with_one_line() -> None:
    text = overview()
    for name, command in OWN.items():
        assert f"  {name:<14}{command.summary}" in text.splitlines()
    assert any(line.startswith("  migrate") for line in text.splitlines())


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_asking_for_help_is_no_mistake(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert "unionhall" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("UnionHall ")


@pytest.mark.parametrize(
    "words",
    [
        ["nonesuch"],
        ["check", "--nonesuch"],
        ["demo", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["restore"],
    ],
)
def test_a_mistake_is_one_line_and_status_two(words: list[str], place: Path) -> None:
    answer = unionhall(place / "home", *words)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "--help" in answer.stderr


def test_a_failure_has_no_traceback_unless_asked(place: Path) -> None:
    (place / "home").mkdir()
    (place / "home" / "keys.json").write_text("{}")
    (place / "home" / "keys.json").chmod(0o644)
    short = unionhall(place / "home", "check")
    assert short.returncode == 1
    assert len(short.stderr.strip().splitlines()) == 1
    assert "chmod 600" in short.stderr
    full = unionhall(place / "home", "check", "--traceback")
    assert full.returncode == 1
    assert "Traceback" in full.stderr


def test_an_invented_roster_needs_no_database(place: Path) -> None:
    answer = unionhall(place / "home", "roster", "--rows", "3", "--out", str(place / "roster.csv"))
    assert answer.returncode == 0, answer.stderr
    assert (place / "roster.csv").exists()
    assert not list((place / "home").rglob("PG_VERSION"))


def test_every_known_failure_says_what_to_do() -> None:
    missing_table = ProgrammingError('relation "x" does not exist')
    missing_table.__cause__ = postgres.UndefinedTable()
    full = OperationalError("could not extend file")
    full.__cause__ = postgres.DiskFull()
    nameless = FileNotFoundError(2, "No such file or directory", "roster.xlsx")
    assert plain(Refusal("不行", 3)) == ("不行", 3)
    assert plain(PostgresError("磁盘已满")) == ("磁盘已满", 1)
    assert plain(CommandError("整批拒绝", returncode=1)) == ("整批拒绝", 1)
    assert "unionhall migrate" in plain(missing_table)[0]
    assert "磁盘已满" in plain(full)[0]
    assert "DATABASE_URL" in plain(OperationalError("connection refused"))[0]
    assert "roster.xlsx" in plain(nameless)[0]
    assert "make setup" in plain(ModuleNotFoundError("no", name="granian"))[0]
    assert "--traceback" in plain(ZeroDivisionError("division by zero"))[0]


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        assert not ports.is_free("127.0.0.1", wanted)
        assert wanted < ports.choose("127.0.0.1", wanted) < wanted + ports.TRIES


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refusal, match="不能在"):
        ports.is_free("192.0.2.1", 8000)
