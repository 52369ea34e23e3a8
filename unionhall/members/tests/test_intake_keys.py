"""Foreign keys of a roster of new people are checked as sets: the same rows, and nothing that names nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from tests.world import World
from unionhall.foundation.keysets import keys_as_sets
from unionhall.members.intake import committing
from unionhall.members.models import Card, Membership, Person

from . import intake_files as make
from .intake_steps import checked, committed, lasting

pytestmark = pytest.mark.django_db
NOBODY = 10**12
DAY = date(2026, 1, 5)


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('session_replication_role')")
        return str(cursor.fetchone()[0])


def written(world: World, path: Path) -> tuple[Any, int]:
    """What a commit leaves (taken back at once), and how many keys were checked as sets."""
    with CaptureQueriesContext(connection) as said, transaction.atomic():
        committed(checked(world, path))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        rows = lasting()
        transaction.set_rollback(True)
    return rows, sum("FOR KEY SHARE) SELECT EXISTS" in query["sql"] for query in said.captured_queries)


def test_the_same_rows_as_with_keys_checked_one_by_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make.text(tmp_path / "r.csv", make.roster(30, phone={2: "123"}))
    one_by_one, none = written(world, path)
    monkeypatch.setattr(committing, "_AS_SETS", 1)
    as_sets, sets = written(world, path)
    assert as_sets == one_by_one
    assert none == 0
    assert sets >= 4, "unions, batches, employers, accounts"
    assert role() == "origin"


def _card() -> None:
    Card.objects.create(person_id=NOBODY, number="4201039999999999", issued_on=DAY)


def _member(**wrong: Any) -> None:
    person = Person.objects.everywhere(reason="test").filter(memberships=None).get()
    union = Membership.objects.everywhere(reason="test").current()[0].organisation
    facts: dict[str, Any] = {
        "person": person, "organisation": union, "path": union.path, "second_path": union.second_path,
        "name": person.name, "initials": person.initials, "period": DateRange(DAY, None), "joined_on": DAY,
        "entry": "intake",
    }  # fmt: skip
    Membership.objects.create(**facts | wrong)


@pytest.mark.parametrize("made", [(), (Person,)])
@pytest.mark.parametrize(
    ("model", "write", "key"),
    [
        (Card, _card, "person"),
        (Membership, lambda: _member(organisation_id=NOBODY, organisation=None), "organisation"),
        (Membership, lambda: _member(follows=DAY), "chain"),
    ],
    ids=["person", "union", "spell before"],
)
def test_a_row_that_names_nothing_is_refused(
    world: World, model: type[Any], write: Any, key: str, made: tuple[type[Any], ...]
) -> None:
    with (
        pytest.raises(IntegrityError, match=f"violate .*{key}"),
        transaction.atomic(),
        keys_as_sets({model: "TRUE"}, {}, made=made),
    ):
        write()
    assert role() == "origin"


def test_a_role_that_may_not_switch_the_checks_off_writes_as_always(world: World) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE intake_writer")
            cursor.execute("SET LOCAL ROLE intake_writer")
        with keys_as_sets({Card: "TRUE"}, {}):
            assert role() == "origin"
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE intake_writer")


def test_a_failure_within_leaves_the_checks_on(world: World) -> None:
    def fail() -> None:
        assert role() == "replica"
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic(), keys_as_sets({Card: "TRUE"}, {}):
        fail()
    assert role() == "origin"
