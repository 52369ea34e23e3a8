"""Mistakes name file, line and what to do."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import Field

from unionhall.rulebook import Parameters, calculator, programme
from unionhall.rulebook.book import Book, NoScheme
from unionhall.rulebook.checking import check_files
from unionhall.rulebook.lines import Lines
from unionhall.rulebook.reading import read_text


@programme("trial_allowance", title="试行津贴")
class Allowance(Parameters):
    amount: int = Field(ge=0)
    tiers: tuple[dict[str, int], ...] = ()


@calculator("trial_allowance.total", programme="trial_allowance")
def total(parameters: Allowance, *, months: int) -> dict[str, int]:
    return {"total": parameters.amount * months, "months": months}


GOOD = """title = "试行津贴"
issuer = "试验"

[[version]]
from = 2024-01-01
status = "sourced"
source = { title = "办法", article = "第一条" }
[version.parameters]
amount = 100
"""


def write(folder: Path, text: str, name: str = "trial_allowance.toml", issuer: str = "national") -> Path:
    (folder / issuer).mkdir(parents=True, exist_ok=True)
    (folder / issuer / name).write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    return [str(one) for one in check_files(folder)[1]]


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (GOOD.replace("amount = 100", "amount = "), 9, "语法有误"),
        (GOOD.replace("amount = 100", "amount = -1"), 9, "“amount”应不小于 0"),
        (GOOD.replace("amount = 100", 'amount = "many"'), 9, "“amount”应为整数"),
        (GOOD.replace("amount = 100", "amuont = 100"), 9, "不认识的项“amuont”"),
        (GOOD.replace("amount = 100", "amuont = 100"), 8, "缺少“amount”"),
        (GOOD.replace("2024-01-01", '"soon"'), 5, "“from”应为日期"),
        (GOOD.replace('"sourced"', '"known"'), 6, "“status”只能是"),
        (GOOD.replace('title = "办法"', 'titel = "办法"'), 7, "缺少“title”"),
        (GOOD.replace("status =", 'jurisdiction = "420100"\nstatus ='), 6, "末尾的 00 请去掉：4201"),
        (GOOD.replace("status =", 'jurisdiction = "湖北"\nstatus ='), 6, "行政区划代码"),
        (GOOD.replace("status =", "until = 2023-01-01\nstatus ="), 6, "应晚于 from"),
        (GOOD.replace('title = "试行津贴"', 'name = "试行津贴"'), 1, "不认识的项“name”"),
        (GOOD.replace('issuer = "试验"', f'issuer = "{"试" * 121}"'), 2, "“issuer”最多 120 个字"),
        (GOOD.replace('title = "试行津贴"', f'title = "{"长" * 61}"'), 1, "“title”最多 60 个字"),
        (GOOD + "tiers = [\n  { a = 1 },\n  { a = 'x' },\n]\n", 12, "应为整数"),
    ],
)
def test_every_mistake_has_its_line(tmp_path: Path, wrong: str, line: int, words: str) -> None:
    folder = write(tmp_path / "schemes", wrong)
    found = mistakes(folder)
    assert any(
        one.startswith(f"schemes/national/trial_allowance.toml:{line}：") and words in one for one in found
    ), found


@pytest.mark.parametrize(
    "wild", ["[" * 3_000, "9" * 5_000, "{none=[" * 300], ids=["lists", "digits", "groups"]
)
def test_texts_that_no_reader_can_hold_are_mistakes(wild: str) -> None:
    reading = read_text("trial_allowance", f"{GOOD}tiers = {wild}", Path("trial_allowance.toml"))
    assert reading.versions == []
    (mistake,) = reading.mistakes
    assert "括号套得太深，或者数字太长" in mistake.text


def test_a_value_that_a_check_cannot_count_with_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def overflow(*given: object) -> None:
        raise OverflowError

    monkeypatch.setattr(Allowance, "model_validate", overflow)
    reading = read_text("trial_allowance", GOOD, Path("trial_allowance.toml"))
    assert [(one.place.line, one.text[:6]) for one in reading.mistakes] == [(8, "参数无法核对")]


def test_mistakes_in_the_second_version_point_into_it(tmp_path: Path) -> None:
    second = GOOD.split("\n\n", 1)[1].replace("2024", "2025").replace("100", "-5")
    folder = write(tmp_path / "schemes", GOOD + "\n" + second)
    assert mistakes(folder) == ["schemes/national/trial_allowance.toml:16：“amount”应不小于 0。"]


def test_an_unknown_file_and_a_wrong_encoding(tmp_path: Path) -> None:
    folder = write(tmp_path / "schemes", GOOD, "no_such.toml")
    (folder / "national" / "trial_allowance.toml").write_bytes(GOOD.encode("gb18030"))
    found = mistakes(folder)
    assert "没有名为“no_such”的方案" in found[0]
    assert "UTF-8" in found[1]


def test_mappings_are_no_schemes(tmp_path: Path) -> None:
    folder = write(tmp_path / "schemes", "nonsense = [", issuer="mappings")
    assert mistakes(folder) == []


def test_versions_of_one_place_do_not_collide(tmp_path: Path) -> None:
    body = GOOD.split("\n\n", 1)[1]
    folder = write(tmp_path / "schemes", GOOD + "\n" + body)
    assert "生效日期相同" in mistakes(folder)[0]
    overlapping = (
        GOOD.replace("status", "until = 2026-06-01\nstatus", 1) + "\n" + body.replace("2024", "2026")
    )
    folder = write(tmp_path / "schemes", overlapping)
    assert "晚于下一版本的生效日期 2026-01-01" in mistakes(folder)[0]
    folder = write(tmp_path / "schemes", GOOD)
    write(folder, GOOD.replace("status", 'jurisdiction = "42"\nstatus', 1), issuer="hubei")
    assert mistakes(folder) == []


def test_the_most_specific_place_wins_then_the_latest_date(tmp_path: Path) -> None:
    body = GOOD.split("\n\n", 1)[1]
    text = GOOD + "\n" + body.replace("2024", "2026").replace("100", "200")
    folder = write(tmp_path / "schemes", text)
    local = GOOD.replace("status", 'jurisdiction = "4201"\nuntil = 2026-03-01\nstatus', 1).replace(
        "100", "300"
    )
    write(folder, local, issuer="river")
    book = Book(folder)
    assert book.all_mistakes() == []

    def amount(on: date, division: str) -> int | None:
        found = book.pick("trial_allowance", on, division)
        return found.parameters.amount if found else None

    assert amount(date(2023, 12, 31), "") is None
    assert amount(date(2025, 1, 1), "") == 100
    assert amount(date(2026, 1, 1), "") == 200
    assert amount(date(2025, 1, 1), "420103") == 300
    assert amount(date(2026, 2, 28), "420103") == 300
    assert amount(date(2026, 3, 1), "420103") == 200
    assert amount(date(2025, 1, 1), "420203") == 100


def test_the_digest_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        book = Book(write(tmp_path / "schemes", text))
        return book.versions["trial_allowance"][0].digest

    first = digest(GOOD)
    reordered = GOOD.replace('status = "sourced"\n', "").replace(
        "[version.parameters]", '# 说明\nstatus = "sourced"\n[version.parameters]'
    )
    assert digest(reordered) == first
    assert digest(GOOD.replace("status", "until = 2030-01-01\nstatus", 1)) == first
    assert digest(GOOD.replace("100", "101")) != first
    assert digest(GOOD.replace("第一条", "第二条")) != first


def test_one_broken_file_stops_only_its_own_programme(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings as django_settings

    from unionhall import rulebook

    folder = write(tmp_path / "schemes", GOOD.replace("100", "-1"))
    write(folder, GOOD.replace("100", "5"), "trial_other.toml")

    @programme("trial_other", title="别的")
    class Other(Parameters):
        amount: int

    monkeypatch.setattr(django_settings, "SCHEMES_DIR", folder)
    rulebook.reload()
    try:
        assert rulebook.scheme(Other, date(2026, 1, 1)).parameters.amount == 5
        with pytest.raises(NoScheme, match="文件有错误"):
            rulebook.scheme(Allowance, date(2026, 1, 1))
        with pytest.raises(NoScheme, match="没有适用的“别的”方案"):
            rulebook.scheme("trial_other", date(2020, 1, 1))
        with pytest.raises(LookupError):
            rulebook.scheme("no-such", date(2026, 1, 1))
    finally:
        rulebook.reload()


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ('calculator = "trial_allowance.total"\nfacts = { months = 3 }\nexpect = { total = 300 }', None),
        ('calculator = "trial_allowance.total"\nfacts = { months = 3 }\nexpect = { total = 301 }', "应为"),
        ('calculator = "no.such"\nexpect = 1', "没有名为"),
        ('calculator = "trial_allowance.total"\nfacts = { month = 3 }\nexpect = 1', "与算法不符"),
        ('calculator = "trial_allowance.total"\nrule = 1\nexpect = 1', "不认识的项"),
    ],
)
def test_examples_run_and_say_what_they_got(tmp_path: Path, example: str, words: str | None) -> None:
    folder = write(tmp_path / "schemes", GOOD)
    text = f'[[example]]\nname = "三个月"\non = 2026-01-01\n{example}\n'
    write(folder, text, "trial_allowance.examples.toml")
    found = mistakes(folder)
    assert (found == []) if words is None else (len(found) == 1 and words in found[0])
    assert all("trial_allowance.examples.toml:" in one for one in found)


def test_a_reference_names_parameters_that_exist(tmp_path: Path) -> None:
    reference = (
        '[[version.reference]]\ntitle = "通知"\nparameters = ["amount", "bonus"]\n\n[version.parameters]'
    )
    folder = write(tmp_path / "schemes", GOOD.replace("[version.parameters]", reference))
    (only,) = mistakes(folder)
    assert "“bonus”不存在" in only
    assert ":8：" in only
    fine = GOOD.replace("[version.parameters]", reference.replace(', "bonus"', ""))
    version = Book(write(folder, fine)).versions["trial_allowance"][0]
    assert version.source_of("amount").title == "通知"
    assert version.source_of("tiers").title == "办法"


def test_lines_of_tables_in_tables() -> None:
    lines = Lines("[[a]]\nx = 1\n[[a.b]]\ny = 1\n[[a.b]]\ny = 2\n[[a]]\n[[a.b]]\ny = 3\n")
    assert lines.of(("a", 0, "b", 1, "y")) == 6
    assert lines.of(("a", 1, "b", 0, "y")) == 9
    assert lines.of(("a", 1, "b", 0, "z")) == 8
    assert lines.of(("q",)) == 1
