"""The lake: facts without persons, whole directories, and the same figures from DuckDB, Spark and the registry."""

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from tests.world import World, phone_of, resident_id
from unionhall.foundation.actors import SystemAccess, system_actor
from unionhall.foundation.errors import Refused
from unionhall.insights import drilling, lake
from unionhall.insights import figures as insights
from unionhall.insights.lake import engines, exchange, facts, figures, writing
from unionhall.insights.lake.checking import faults
from unionhall.members import actions as members
from unionhall.members.models import Membership, Person
from unionhall.organisations import actions as tree
from unionhall.records.actions import journal
from unionhall.records.models import JournalEntry

pytestmark = [
    pytest.mark.django_db,
    # One Spark Connect server for all of them.
    pytest.mark.xdist_group("lake"),
    # ibis and pyspark use what newer duckdb and pandas are about to give up.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
WHY = "季度汇总"
PARTS = ("members.count", "members.women", "members.migrant", "members.new_form", "members.retained")


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """A Spark Connect server in this process; no Java."""
    server = pytest.importorskip("pysail.spark").SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    server.stop()


def export(target: Path, **options: Any) -> writing.Manifest:
    return writing.export(system_actor(), target, reason=WHY, **options)


def grow(world: World, count: int, union: str) -> None:
    """More members in a union, joined two months ago."""
    for number in range(count):
        person = members.register_person(
            system_actor(),
            name=f"新人{'甲乙丙丁戊己'[number]}",
            id_type="01",
            id_number=resident_id(date(1970 + 5 * number, 1, 5), "2", 80 + number),
            phone=phone_of(800 + number),
        )
        joined = timezone.localdate() - timedelta(days=60)
        members.admit(system_actor(), person=person, organisation=world.unions[union], on=joined)


def expected(world: World, day: date | None) -> dict[str, Any]:
    """What the registry itself says: figures, breakdowns, areas and the course over months."""
    top = drilling.place(world.unions["province"], SystemAccess(), day)
    codes = [*PARTS, "organisations.unions", "organisations.base_unions", "organisations.terms_ended"]
    return {
        "values": insights.values(codes, top),
        "age": dict(insights.breakdown("members.count", top, "age")),
        "education": dict(insights.breakdown("members.count", top, "education")),
        "areas": {
            row.organisation.code: row.figures["members.women"]
            for row in insights.by_child(PARTS, top)
            if row.figures["members.women"] and not row.beside
        },
        "growth": [row["members.count"] for _, row in insights.trend(["members.count"], top)],
    }


def found(rows: dict[str, list[dict[str, Any]]], federation: str) -> dict[str, Any]:
    """The same from the lake."""
    mine = {code: [row for row in lines if row["federation"] == federation] for code, lines in rows.items()}
    whole = {code: sum(row["n"] for row in mine[code]) for code in mine}
    renamed = {"unions.count": "organisations.unions", "unions.base": "organisations.base_unions"}
    renamed |= {"unions.terms_ended": "organisations.terms_ended"} | {code: code for code in PARTS}
    grouped: dict[str, dict[str, int]] = {"age": {}, "education": {}, "growth": {}}
    for code, tally in grouped.items():
        for row in mine[f"members.{code}"]:
            tally[row["key"]] = tally.get(row["key"], 0) + row["n"]
    return {
        "values": {new: whole[old] for old, new in renamed.items()},
        "age": grouped["age"],
        "education": grouped["education"],
        "areas": {row["area"]: row["n"] for row in mine["members.women"] if row["n"]},
        "growth": [count for _, count in sorted(grouped["growth"].items())],
    }


@pytest.mark.parametrize("past", [0, 40])
def test_two_federations_one_expression_two_engines(
    world: World, tmp_path: Path, spark: str, past: int
) -> None:
    """DuckDB and Spark give the same rows, and in each federation they are the registry's own figures."""
    day = timezone.localdate() - timedelta(days=past) if past else None
    export(tmp_path / "own", day=day)
    wanted = {"unionhall": expected(world, day)}
    grow(world, 5, "gamma")
    tree.move(
        system_actor(), organisation=world.unions["beta"], parent=world.unions["hill"],
        on=timezone.localdate() - timedelta(days=45),
    )  # fmt: skip
    with override_settings(FEDERATION="north"):
        export(tmp_path / "north", day=day)
    wanted["north"] = expected(world, day)
    assert wanted["north"]["values"] != wanted["unionhall"]["values"]
    assert len(set(wanted["north"]["growth"])) > 1

    answers = {}
    wanted_figures = [(code, "area") for code in figures.FIGURES]
    if not past:
        some = ("members.count", "members.growth", "unions.terms_ended")
        wanted_figures += [(code, by) for code in some for by in ("all", "federation")]
    for engine in ("duckdb", spark):
        with engines.opened([tmp_path / "own", tmp_path / "north"], engine) as opened:
            answers[engine] = {(code, by): figures.rows(opened, code, by) for code, by in wanted_figures}
    assert answers["duckdb"] == answers[spark]
    by_area = {code: rows for (code, by), rows in answers["duckdb"].items() if by == "area"}
    for federation, one in wanted.items():
        assert found(by_area, federation) == one
    if past:
        return
    (both,) = answers["duckdb"]["members.count", "all"]
    assert both["n"] == sum(one["values"]["members.count"] for one in wanted.values())
    share = answers["duckdb"]["unions.terms_ended", "federation"]
    assert [row["of"] for row in share] == [
        wanted[name]["values"]["organisations.unions"] for name in ("north", "unionhall")
    ]


def test_facts_are_about_nobody(world: World, tmp_path: Path) -> None:
    """Only the columns that are written down, no value of any person's, and no row that follows a person."""
    from pyarrow import parquet

    export(tmp_path / "out")
    told: set[str] = set()
    for fact in facts.FACTS:
        table = parquet.read_table(tmp_path / "out" / f"{fact.name}.parquet")
        assert table.column_names == list(fact.columns)
        told |= {str(value) for column in table.columns for value in column.to_pylist()}
    assert set(parquet.read_schema(tmp_path / "out/members.parquet").names).isdisjoint(
        {"id", "person", "person_id", "name", "phone", "number", "birth"}
    )
    for person in Person.objects.everywhere(reason="the test looks for all of them"):
        secrets = {person.name, person.member_number, person.id_number.reveal(), person.initials}
        secrets |= {person.phone.reveal() if person.phone else "", f"{person.birth}"}
        assert not {one for one in secrets if one and any(one in text for text in told)}
    rows = parquet.read_table(tmp_path / "out/members.parquet").drop(["n"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: [str(row[name]) for name in ("area", "union_code", "sex")])
    assert len({json.dumps(row) for row in rows}) == len(rows), "equal facts are one counted row"


def test_an_export_is_private_journalled_and_whole(world: World, tmp_path: Path) -> None:
    made = export(tmp_path / "out")
    assert faults(tmp_path / "out") == []
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").iterdir())
    (entry,) = JournalEntry.objects.everywhere(reason="the test reads the journal").filter(
        action="insights.lake_exported"
    )
    assert entry.reason == WHY
    assert entry.detail["sm3"] == {name: table.sm3 for name, table in made.tables.items()}
    assert made.areas[world.unions["river_city"].code] == world.unions["river_city"].name

    file = tmp_path / "out/members.parquet"
    file.write_bytes(file.read_bytes()[:-9] + bytes([file.read_bytes()[-9] ^ 1]) + file.read_bytes()[-8:])
    (tmp_path / "out/flows.parquet").unlink()
    (tmp_path / "out/notes.txt").touch()
    assert [fault.split()[0] for fault in faults(tmp_path / "out")] == [
        "members.parquet", "缺少", "多出文件",
    ]  # fmt: skip


def test_the_journal_is_written_after_the_moment(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the export's own snapshot a lane that others used meanwhile could not be written ("could not serialize")."""
    depth: dict[str, int] = {}

    def noticing(name: str, run: Any) -> Any:
        def noticed(*given: Any, **more: Any) -> Any:
            depth[name] = len(connection.savepoint_ids)
            return run(*given, **more)

        return noticed

    monkeypatch.setattr(writing, "write_facts", noticing("facts", writing.write_facts))
    monkeypatch.setattr(writing, "journal", noticing("journal", journal))
    before = len(connection.savepoint_ids)
    export(tmp_path / "out")
    assert depth == {"facts": before + 1, "journal": before}


def test_a_failed_export_leaves_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(writing, "digest_of", full)
    with pytest.raises(OSError, match="no space"):
        export(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert not JournalEntry.objects.everywhere(reason="the test reads the journal").filter(
        action="insights.lake_exported"
    )


def test_who_may_not_and_what_is_refused(world: World, tmp_path: Path, spark: str) -> None:
    from unionhall.foundation.actors import NotAllowed

    for name in ("chair_alpha", "leader", "province_officer"):
        with pytest.raises(NotAllowed):
            writing.export(world.actor(name), tmp_path / "out", reason=WHY)
    with pytest.raises(Refused, match="事由"):
        writing.export(system_actor(), tmp_path / "out", reason=" ")
    with pytest.raises(Refused, match="晚于今天"):
        export(tmp_path / "out", day=timezone.localdate() + timedelta(days=1))
    assert list(tmp_path.iterdir()) == []
    export(tmp_path / "out")
    with pytest.raises(Refused, match="已经存在"):
        export(tmp_path / "out")
    export(tmp_path / "old", day=timezone.localdate() - timedelta(days=1))
    for directories, engine, match in (
        (["out", "old"], "duckdb", "截止日期不同"),
        (["out", "out"], "duckdb", "不止一份"),
        (["."], "duckdb", "不是导出的数据目录"),
        (["out"], "sc://127.0.0.1:1", "连不上"),
        (["out"], "mysql", "不认识的计算引擎"),
    ):
        with (
            pytest.raises(Refused, match=match),
            engines.opened([tmp_path / one for one in directories], engine),
        ):
            pass


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "find_spec", lambda name: None if name == "duckdb" else name)
    with pytest.raises(CommandError, match=r"缺少 duckdb.*pip install 'unionhall\[lake\]'"):
        call_command("lake", "check", ".")


def test_cells_for_others_tell_of_no_few(world: World, tmp_path: Path, spark: str) -> None:
    """What is given away has no small number, and adds to the exact figures of another federation."""
    from pyarrow import parquet

    export(tmp_path / "own")
    grow(world, 6, "gamma")
    with override_settings(FEDERATION="north"):
        given = export(tmp_path / "north", cells=True)
    assert given.smallest == 5
    assert sorted(path.name for path in (tmp_path / "north").iterdir()) == ["cells.parquet", "manifest.json"]
    assert faults(tmp_path / "north") == []
    rows = parquet.read_table(tmp_path / "north/cells.parquet").to_pylist()
    told = [row["n"] for row in rows if row["figure"].startswith("members.") and row["n"] is not None]
    assert all(n == 0 or n >= 5 for n in told)
    assert any(n is None for n in (row["n"] for row in rows))
    assert {row["n"] for row in rows if row["figure"] == "unions.count"} != {None}
    for engine in ("duckdb", spark):
        with engines.opened([tmp_path / "own", tmp_path / "north"], engine) as opened:
            own, north = (
                next(row for row in figures.rows(opened, "members.count") if row["federation"] == name)
                for name in ("unionhall", "north")
            )
            (both,) = figures.rows(opened, "members.count", "all")
        assert (own["n"], own["hidden"]) == (7, 0)
        assert north["hidden"] == sum(row["n"] is None for row in rows if row["figure"] == "members.count")
        assert both["n"] == 7 + (north["n"] or 0)


@pytest.mark.parametrize("seed", range(30))
def test_nothing_hidden_can_be_had_by_subtraction(seed: int) -> None:
    """In every line and column that adds up, what is hidden is at least two cells, not small together."""
    import random

    dice = random.Random(seed)
    areas, keys, limit = [f"A{n}" for n in range(dice.randint(1, 6))], "abcd", 5
    grid = {area: {key: dice.choice([0, 0, 1, 3, 7, 20, 90]) for key in keys} for area in areas}
    wholes = {area: {"": sum(line.values())} for area, line in grid.items()}
    parts = {area: {"": line["a"]} for area, line in grid.items()}
    counted = {code: exchange.Cells(parts, {}) for code in exchange.PARTS[1:]}
    counted |= {"members.count": exchange.Cells(wholes, {}), "members.age": exchange.Cells(grid, {})}
    hidden = exchange.hidden_cells(counted, limit)
    gone = {area for area, _ in hidden["members.count"]}
    by_age = hidden["members.age"]
    lines = [[(area, key) for key in keys] for area in areas if area not in gone]
    for line in lines + [[(area, key) for area in areas] for key in keys]:
        unknown = [grid[area][key] for area, key in line if (area, key) in by_age]
        assert (
            not unknown
            or sum(unknown) == 0
            or (len(unknown) > 1 and sum(unknown) >= limit)
            or len(unknown) == len(line)
        )
        assert not [cell for cell in line if cell not in by_age and 0 < grid[cell[0]][cell[1]] < limit]
    for code in exchange.PARTS[1:]:
        for area in set(areas) - {area for area, _ in hidden[code]}:
            rest = wholes[area][""] - parts[area][""]
            assert not 0 < parts[area][""] < limit
            assert not 0 < rest < limit


def test_of_an_area_that_is_not_told_no_key_is_told() -> None:
    """That its one cell is the oldest would be the age of its one member."""
    grid = {"A": {"55-": 1}, "B": {"25-34": 20, "55-": 20}, "C": {"35-44": 40}}
    wholes = {area: {"": sum(line.values())} for area, line in grid.items()}
    counted = {code: exchange.Cells(wholes, {}) for code in exchange.PARTS}
    hidden = exchange.hidden_cells(counted | {"members.age": exchange.Cells(grid, {})}, 5)
    gone = {area for area, _ in hidden["members.count"]}
    assert "A" in gone
    labels = set(figures.FIGURES["members.age"].labels)
    for area in gone:
        assert {key for place, key in hidden["members.age"] if place == area} == labels


def test_the_command_says_it_in_words_and_as_json(world: World, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("lake", *words, stdout=out)
        return out.getvalue()

    target = str(tmp_path / "out")
    assert "已导出到" in run("export", "--out", target, "--reason", WHY)
    assert "完好：unionhall" in run("check", target)
    assert "会员（人）\n  unionhall：7" in run("figures", target, "--figure", "members.count")
    answer = json.loads(run("figures", target, "--json", "--by", "area"))
    assert sum(row["n"] for row in answer["figures"]["members.age"]) == 7
    (tmp_path / "out/unions.parquet").unlink()
    with pytest.raises(CommandError, match=r"缺少 unions\.parquet"):
        run("check", target)
    with pytest.raises(CommandError, match="请按 YYYY-MM-DD"):
        run("export", "--out", target, "--reason", WHY, "--as-of", "2025-02-30")


def test_rows_go_through_a_group_at_a_time(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows than a group holds: several groups, all rows, nothing of the registry's order."""
    from pyarrow import parquet

    monkeypatch.setattr(writing, "ROW_GROUP", 2)
    monkeypatch.setattr(writing, "BLOCK", 200)
    export(tmp_path / "out")
    read = parquet.ParquetFile(tmp_path / "out/members.parquet")
    assert read.num_row_groups > 1
    held = Membership.objects.everywhere(reason="the test counts them").current().count()
    assert sum(read.read().column("n").to_pylist()) == held
    assert os.stat(tmp_path / "out").st_nlink
