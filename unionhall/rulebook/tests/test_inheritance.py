"""Jurisdictions inherit: nation → province → city → county, each taking what it leaves out from the nearest above."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from unionhall.rulebook import programmes
from unionhall.rulebook.book import Book
from unionhall.rulebook.presenting import when_of
from unionhall.rulebook.programmes import Parameters, programme
from unionhall.rulebook.reading import read_content


class HeirloomScheme(Parameters):
    amount: int
    months: int
    until_day: date


HEAD = 'title = "继承"\nissuer = "工会"\n'


def part(since: str, area: str, lines: str, more: str = "", source: str = "文件") -> str:
    return (
        f'[[version]]\nfrom = {since}\njurisdiction = "{area}"\nstatus = "sourced"\n{more}\n'
        f'source = {{ title = "{source}" }}\n[version.parameters]\n{lines}\n'
    )


WHOLE = "amount = 100\nmonths = 6\nuntil_day = 2030-12-31"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    programme("heirloom", title="继承")(HeirloomScheme)
    for issuer in ("nation", "below"):
        (tmp_path / issuer).mkdir()
    yield tmp_path
    del programmes._programmes["heirloom"]


def book(folder: Path, nation: str, below: str) -> Book:
    (folder / "nation" / "heirloom.toml").write_text(HEAD + nation, encoding="utf-8")
    (folder / "below" / "heirloom.toml").write_text(HEAD + below, encoding="utf-8")
    return Book(folder)


def test_each_level_takes_what_it_leaves_out(folder: Path) -> None:
    found = book(
        folder,
        part("2024-01-01", "", WHOLE, source="全国文件"),
        part("2025-01-01", "420103", "amount = 300", "inherits = true", "区文件")
        + part("2024-06-01", "42", "months = 12", "inherits = true", "省文件"),
    )
    assert found.all_mistakes() == []
    county = found.pick("heirloom", date(2026, 1, 1), "420103001")
    assert county is not None
    assert (county.parameters.amount, county.parameters.months) == (300, 12)
    assert county.inherited == ("months", "until_day")
    assert str(county.source_of("amount")) == "《区文件》"
    assert str(county.source_of("months")) == "《省文件》"
    assert str(county.source_of("until_day")) == "《全国文件》"
    city = found.pick("heirloom", date(2026, 1, 1), "4201")
    assert city is not None
    assert (city.parameters.amount, city.parameters.months) == (100, 12)
    stored = read_content(county.content)
    assert (stored.parameters, stored.digest) == (county.parameters, county.digest)


def test_a_change_above_makes_another_version_below(folder: Path) -> None:
    nation = part("2024-01-01", "", WHOLE) + part("2026-01-01", "", WHOLE.replace("100", "150"))
    found = book(folder, nation, part("2025-01-01", "42", "months = 9", "inherits = true"))
    province = [one for one in found.versions["heirloom"] if one.jurisdiction == "42"]
    assert [(one.starts, one.ends, one.parameters.amount) for one in province] == [
        (date(2025, 1, 1), date(2026, 1, 1), 100),
        (date(2026, 1, 1), None, 150),
    ]
    assert len({one.digest for one in province}) == 2
    assert found.all_mistakes() == []


def test_a_version_does_not_come_back_when_the_next_of_its_area_ends(folder: Path) -> None:
    """Else it would come back with what the wider area said long ago."""
    nation = part("2024-01-01", "", WHOLE) + part("2026-06-01", "", WHOLE.replace("100", "200"))
    province = (
        part("2025-01-01", "42", "months = 9", "inherits = true")
        + part("2026-01-01", "42", WHOLE.replace("100", "1"), "until = 2026-07-01")
        + part("2025-01-01", "43", WHOLE.replace("100", "3"))
        + part("2026-01-01", "43", "months = 4", "inherits = true\nuntil = 2026-07-01")
        + part("2025-06-01", "4201", "months = 2", "inherits = true")
        + part("2025-06-01", "4301", "months = 2", "inherits = true")
    )
    found = book(folder, nation, province)
    assert found.all_mistakes() == []

    def amounts(area: str) -> list[int | None]:
        days = (date(2025, 7, 1), date(2026, 2, 1), date(2026, 6, 15), date(2026, 8, 1))
        picked = [found.pick("heirloom", day, area) for day in days]
        return [None if one is None else one.parameters.amount for one in picked]

    assert amounts("42") == [100, 1, 1, 200]
    assert amounts("43") == [3, 100, 200, 200]
    assert amounts("4201") == [100, 1, 1, 200]
    assert amounts("4301") == [3, 100, 200, 200]
    today = date(2026, 8, 1)
    ruling = [one for one in found.versions["heirloom"] if when_of(one, today) == "now"]
    assert {one.jurisdiction for one in ruling} == {"", "4201", "4301"}
    assert set(found.in_force(today)) == set(ruling)


def test_an_end_written_after_the_next_start_is_a_mistake_of_heirs_too(folder: Path) -> None:
    found = book(
        folder,
        part("2024-01-01", "", WHOLE) + part("2025-06-01", "", WHOLE),
        part("2025-01-01", "42", "months = 9", "inherits = true\nuntil = 2026-06-01")
        + part("2026-01-01", "42", WHOLE),
    )
    (mistake,) = found.all_mistakes()
    assert "失效日期 2026-06-01 晚于下一版本的生效日期 2026-01-01" in mistake.text


def test_nothing_to_inherit_is_a_mistake_with_its_line(folder: Path) -> None:
    found = book(
        folder, part("2025-01-01", "", WHOLE), part("2024-01-01", "42", "months = 9", "inherits = true")
    )
    (mistake,) = found.all_mistakes()
    assert "没有更大地区的方案可以沿用" in mistake.text
    assert mistake.place.line == 3
    nowhere = book(
        folder, part("2025-01-01", "", "amount = 1", "inherits = true"), part("2024-01-01", "42", WHOLE)
    )
    assert "全国方案没有更大的地区" in nowhere.all_mistakes()[0].text


def test_a_wrong_value_in_an_heir_is_named(folder: Path) -> None:
    found = book(
        folder, part("2024-01-01", "", WHOLE), part("2025-01-01", "42", 'months = "九"', "inherits = true")
    )
    (mistake,) = found.all_mistakes()
    assert "“months”应为整数" in mistake.text
    assert mistake.place.line == 10
