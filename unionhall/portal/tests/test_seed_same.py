"""The same seed makes the same rows, and they look like people: names, ages, divisions."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from hashlib import sha256
from random import Random
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.db.models import Model

from unionhall.foundation.bare import bare
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.members.synthetic import people
from unionhall.organisations import divisions
from unionhall.organisations.models import (
    Coverage,
    Division,
    Employer,
    Naming,
    Organisation,
    Placement,
    Succession,
    Term,
)
from unionhall.portal.management.commands.seed import prepare_database
from unionhall.portal.seeding.population import Population
from unionhall.portal.seeding.progress import Progress
from unionhall.portal.seeding.province import Builder
from unionhall.portal.seeding.sizes import SCALES

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("seeding")]
TINY = SCALES["tiny"]
DAY = date(2026, 6, 1)
#: Sealing is salted and times are now's; the keyed index beside a sealed value stands for it.
VOLATILE = ("id_number", "phone", "created_at", "updated_at")


@pytest.fixture(scope="module")
def places(django_db_setup: None, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock():
        if not Division.objects.exists():
            divisions.load(TINY.province)
        return list(Division.objects.all())


def _digest(number: int) -> str:
    """Everything that a seeding would write for the tree and its people."""
    made = Builder(TINY, Random(f"{number}:tiny"), DAY).build()
    found = sha256()
    for union in made.unions:
        found.update(repr((union.code, union.name, union.path, union.second_path, union.since, union.uscc,
                           union.term, union.until)).encode())  # fmt: skip
    population = Population(TINY, made.unions, number, DAY)
    population.persons = population.numbers = population.cards = 1
    for model, frame in population._make(0, 0):
        kept = [name for name in frame.columns if name not in VOLATILE]
        found.update(f"{model.__name__} {kept}".encode())
        found.update(frame.select(kept).write_csv().encode())
    return found.hexdigest()


def test_the_same_seed_makes_the_same_rows(places: Any) -> None:
    assert _digest(1) == _digest(1)
    assert _digest(1) != _digest(2)


def _shares(values: pl.Series) -> dict[str, float]:
    return {str(key): count / len(values) for key, count in Counter(values.to_list()).items()}


def test_people_are_plausible() -> None:
    frame = people(60_000, seed=3, on=DAY)
    surnames = _shares(frame["name"].str.slice(0, 1))
    # Per mille in the census of names, of the surnames that we use (they sum to 877 or so).
    for surname, expected in {
        "王": 0.072,
        "李": 0.071,
        "张": 0.066,
        "刘": 0.053,
        "陈": 0.049,
        "何": 0.011,
    }.items():
        assert surnames[surname] == pytest.approx(expected / 0.87, rel=0.15), surname
    assert set(frame["name"].str.len_chars()) <= {2, 3, 4}
    ages = (pl.Series([DAY] * 60_000) - frame["birth"]).dt.total_days() / 365.2425
    assert float(ages.min()) >= 18  # type: ignore[arg-type]
    assert float(ages.max()) < 60  # type: ignore[arg-type]
    assert 34 < float(ages.mean()) < 41  # type: ignore[arg-type]
    assert 0.54 < _shares(frame["sex"])["1"] < 0.58
    assert frame["id_number"].n_unique() == frame["phone"].n_unique() == 60_000
    assert (frame["id_number"].str.slice(6, 8) == frame["birth"].dt.strftime("%Y%m%d")).all()
    assert ((frame["id_number"].str.slice(16, 1).cast(pl.Int64) % 2 == 1) == (frame["sex"] == "1")).all()


def test_unions_stand_in_real_divisions(places: Any) -> None:
    real = {place.code for place in places}
    made = Builder(TINY, Random("1:tiny"), DAY).build()
    assert {union.division for union in made.unions} <= real
    assert all(union.division.startswith("42") for union in made.unions)


def _shape() -> list[tuple[str, ...]]:
    """Every constraint, index and extended statistics of the schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text "
            "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0 "
            "UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = current_schema() "
            "UNION ALL SELECT stxrelid::regclass::text, stxname, pg_get_statisticsobjdef(oid), '' "
            "FROM pg_statistic_ext WHERE stxnamespace = current_schema()::regnamespace ORDER BY 1, 2, 3"
        )
        return [tuple(row) for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("tables", "least"),
    [
        ((Person, Membership, Employment, Card), 20),
        ((Employer, Organisation, Placement, Naming, Term, Succession, Coverage), 30),
        ((Organisation, Placement), 15),
    ],
    ids=["people", "tree", "measured"],
)
def test_bare_tables_get_everything_back(tables: tuple[type[Model], ...], least: int) -> None:
    """All the tables that are ever filled bare; nothing of any other table changes either."""
    before, told = _shape(), []
    with bare(tables, lambda done, total: told.append((done, total))):
        assert len(_shape()) < len(before) - least
    assert _shape() == before
    assert told[-1][0] == told[-1][1] == len(told) - 1


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_progress_without_a_terminal_is_a_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = _Clock()
    monkeypatch.setattr("unionhall.portal.seeding.progress.time", time)
    out = io.StringIO()
    progress = Progress(out)
    progress("职工和会籍", 0, 10_000)
    for done in range(100, 10_001, 100):
        time.now += 0.5
        progress("职工和会籍", done, 10_000)
    progress.close()
    lines = out.getvalue().splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[5] == "00:25  职工和会籍 5,000 / 10,000（50%），每秒 200 人，还需 00:25"
    assert lines[-1].endswith("10,000 / 10,000（100%），每秒 200 人")


def test_a_database_that_is_up_to_date_is_not_migrated() -> None:
    out = io.StringIO()
    prepare_database(Progress(out))
    assert out.getvalue() == ""
