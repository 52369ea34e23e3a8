"""The shipped schemes: sound, with their worked examples; the command; used versions stay as they are."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from unionhall import rulebook
from unionhall.organising.schemes import (
    AdmissionScheme,
    CommitteeScheme,
    StandingScheme,
    committee_seats,
    deemed_from,
)
from unionhall.rulebook.actions import record_use
from unionhall.rulebook.book import Book
from unionhall.rulebook.checking import check_files, check_used
from unionhall.rulebook.examples import Example, read_examples
from unionhall.rulebook.models import SchemeUse
from unionhall.rulebook.reading import read_text
from unionhall.rulebook.texts import copy_of

FOLDER = Path(settings.SCHEMES_DIR)
ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(FOLDER)


@pytest.mark.parametrize("example", list(read_examples(FOLDER, [])), ids=lambda example: example.name)
def test_worked_examples(book: Book, example: Example) -> None:
    assert example.mistake(book) is None


def test_shipped_files_hold_no_mistake() -> None:
    book, mistakes, ran = check_files(FOLDER)
    assert mistakes == []
    assert {"admission", "transfer", "founding", "standing", "term", "committee"} <= set(book.versions)
    assert ran >= 20


def test_parameters_are_typed_by_place_and_day() -> None:
    national = rulebook.scheme(CommitteeScheme, ON)
    beijing = rulebook.scheme("committee", ON, division="110105")
    assert national.parameters.women_committee_from_women is None
    assert beijing.parameters.women_committee_from_women == 25
    assert (national.status, len(national.digest)) == ("assumed", 64)
    standing = rulebook.scheme(StandingScheme, ON)
    assert standing.source_of("deemed_withdrawal_months").article.startswith("第六条")
    assert rulebook.scheme(AdmissionScheme, ON).parameters.steps[0].working_days == 5


def test_seats_rise_with_members_and_are_odd() -> None:
    parameters = rulebook.scheme(CommitteeScheme, ON).parameters
    assert committee_seats(parameters, members=10) is None
    least = 0
    for members in range(11, 60_000, 37):
        seats = committee_seats(parameters, members=members)
        assert seats is not None
        assert seats.choices
        assert all(choice % 2 for choice in seats.choices)
        assert seats.least >= least
        least = seats.least


def test_the_later_of_dues_and_participation_counts() -> None:
    parameters = rulebook.scheme(StandingScheme, ON).parameters
    paid, took_part = date(2025, 8, 31), date(2025, 1, 1)
    assert deemed_from(parameters, last_paid=paid, last_took_part=took_part) == date(2026, 2, 28)


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("schemes", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_check_says_that_all_is_well() -> None:
    out, err = run("check")
    assert "没有错误" in out
    assert err == ""


def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "schemes"
    (folder / "national").mkdir(parents=True)
    text = (FOLDER / "national" / "term.toml").read_text(encoding="utf-8")
    (folder / "national" / "term.toml").write_text(text.replace("[3, 5]", '[3, "five"]', 1), encoding="utf-8")
    return folder


def test_check_fails_with_status_one_and_names_the_line(tmp_path: Path) -> None:
    folder = broken(tmp_path)
    with pytest.raises(CommandError) as failure:
        run("check", "--files-only", "--folder", str(folder))
    assert failure.value.returncode == 1
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("schemes", "check", "--files-only", "--json", "--folder", str(folder), stdout=out)
    (mistake,) = json.loads(out.getvalue())["mistakes"]
    text = (folder / "national" / "term.toml").read_text(encoding="utf-8")
    assert mistake["file"] == "schemes/national/term.toml"
    assert "grassroots_years" in text.splitlines()[mistake["line"] - 1]


@pytest.mark.django_db
def test_show_and_list() -> None:
    out, _ = run("show", "committee", "--on", "2026-01-01", "--division", "11", "--json")
    shown: dict[str, Any] = json.loads(out)
    assert shown["parameters"]["women_committee_from_women"] == 25
    assert shown["source"]["article"] == "第九条"
    assert "北京" in run("show", "committee", "--division", "11")[0]
    assert len(json.loads(run("list", "--json")[0])) >= 8
    assert "standing" in run("list")[0]
    with pytest.raises(CommandError, match="没有名为"):
        run("show", "no-such")
    with pytest.raises(CommandError, match="没有适用"):
        run("show", "term", "--on", "1990-01-01")


@pytest.mark.django_db
def test_a_used_version_is_immutable(tmp_path: Path) -> None:
    folder = tmp_path / "schemes"
    (folder / "national").mkdir(parents=True)
    target = folder / "national" / "term.toml"
    head, *_, latest = (FOLDER / "national" / "term.toml").read_text(encoding="utf-8").split("[[version]]")
    text = f"{head}[[version]]{latest}"
    target.write_text(text, encoding="utf-8")
    version = Book(folder).versions["term"][0]
    assert check_used(Book(folder)) == []
    record_use(version)
    record_use(version)
    assert SchemeUse.objects.get(digest=version.digest).content == version.content
    assert check_used(Book(folder)) == []
    target.write_text(text.replace("= 3", "= 6"), encoding="utf-8")
    (mistake,) = check_used(Book(folder))
    assert "不能改动" in mistake.text
    with pytest.raises(CommandError):
        run("check", "--folder", str(folder))
    target.write_text(text.replace("status", "until = 2023-01-01\nstatus", 1), encoding="utf-8")
    assert "不能提前失效" in check_used(Book(folder))[0].text
    added = text + "\n" + text.split("\n\n", 1)[1].replace("2022", "2027").replace("= 3", "= 6")
    target.write_text(added, encoding="utf-8")
    assert check_used(Book(folder)) == []


def test_every_shipped_version_can_be_copied_for_an_area(book: Book) -> None:
    """The text an officer begins with has no mistake and says the same as the version it was copied from."""
    for version in (one for versions in book.versions.values() for one in versions):
        area = version.jurisdiction or "4201"
        text = copy_of(version, area, "江城市总工会", date(2031, 5, 1))
        reading = read_text(version.programme, text, Path("copy.toml"))
        whole = book.beside([reading])
        assert whole.all_mistakes() == [], str(version.place)
        copied = whole.pick(version.programme, date(2031, 5, 1), area)
        assert copied is not None
        assert (copied.jurisdiction, copied.starts, copied.issuer) == (area, date(2031, 5, 1), "江城市总工会")
        if not version.inherited:
            assert copied.parameters == version.parameters, str(version.place)
