"""The first roster of a register goes into bare tables: what is the same, who need not wait, what a kill leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.world import World, ensure
from unionhall.foundation import bare as bare_tables
from unionhall.foundation.actors import system_actor
from unionhall.insights import rollups
from unionhall.members.intake import actions, committing, first
from unionhall.members.models import Card, Membership, Person, RosterBatch

from . import intake_files as make
from .intake_steps import checked, committed, lasting, undone

WHY = "test"


@pytest.fixture
def empty(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Unions and accounts, and nobody in the register; every roster is worth it."""
    _emptied()
    monkeypatch.setattr(first, "WORTH", 1)
    return world


def _emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait for the end of the transaction
        cursor.execute("TRUNCATE members_person CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _shape() -> list[tuple[str, ...]]:
    """Every constraint and index of the schema and the checks of keys that stay, and whether they hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text "
            "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0 "
            "UNION ALL SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), "
            "indisvalid::text || indisready FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
            "WHERE relnamespace = current_schema()::regnamespace "
            "UNION ALL SELECT tgrelid::regclass::text, tgname, tgconstraint::text, tgenabled::text "
            "FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
            "WHERE relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s) "
            "AND tgconstraint IN (SELECT oid FROM pg_constraint WHERE confrelid <> ALL(%s::regclass[])) "
            "ORDER BY 1, 2, 3",
            [first._NAMES, first._NAMES],
        )
        return [tuple(row) for row in cursor.fetchall()]


def _files() -> set[int]:
    """The files in which the tables that are made bare stand; none where the server keeps a log for a standby."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_filenode(name::regclass) FROM unnest(%s::text[]) AS name "
            "WHERE current_setting('wal_level') = 'minimal'",
            [first._NAMES],
        )
        return {number for (number,) in cursor.fetchall()}


def _commit(batch: RosterBatch) -> tuple[RosterBatch, int]:
    """The batch, and how many indexes were taken off on the way."""
    with CaptureQueriesContext(connection) as said:
        batch = committed(batch)
    return batch, sum(query["sql"].startswith("DROP INDEX") for query in said.captured_queries)


def _book(folder: Path, count: int = 30) -> Path:
    return make.text(folder / "r.csv", make.roster(count, phone={2: "123"}))


@pytest.mark.django_db
def test_the_same_rows_and_the_same_schema(
    empty: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollups.rebuild()
    before, files = _shape(), _files()
    batch, taken_off = _commit(checked(empty, _book(tmp_path)))
    assert batch.state == "committed"
    assert files.isdisjoint(_files())  # their rows went into no log
    assert batch.counts["cards"] == batch.counts["new"] == 29
    assert taken_off >= 8
    assert _shape() == before
    bare_rows = lasting()
    assert rollups.check()[0] == 0
    assert undone(batch).counts["undo_removed"] == 29
    monkeypatch.setattr(first, "WORTH", 1000)
    batch, taken_off = _commit(checked(empty, tmp_path / "r.csv"))
    assert taken_off == 0
    assert lasting() == bare_rows


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["organisation_id", "person_id"])
def test_keys_that_stay_are_checked_as_one_set(
    empty: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    """A row that names nothing is found though nobody looked at it alone, and everything is as before."""
    before, write = _shape(), committing._write

    def spoilt(*asked: Any) -> int:
        with connection.cursor() as cursor:
            cards = write(*asked)
            cursor.execute(
                f"UPDATE members_membership SET {column} = -1 WHERE id = (SELECT max(id) FROM members_membership)"
            )
        return cards

    monkeypatch.setattr(committing, "_write", spoilt)
    batch = checked(empty, _book(tmp_path))
    with pytest.raises(IntegrityError, match=f"members_membership.*{column}"), transaction.atomic():
        committed(batch)
    assert _shape() == before
    monkeypatch.setattr(committing, "_write", write)
    assert committed(batch).counts["cards"] == 29
    assert _shape() == before


@pytest.mark.django_db
def test_a_register_that_holds_anybody_is_written_the_ordinary_way(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first, "WORTH", 1)
    batch, taken_off = _commit(checked(world, _book(tmp_path)))
    assert (batch.counts["cards"], taken_off) == (29, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "why",
    [
        "COMMENT ON INDEX card_one_per_person IS 'asked for by the auditors'",
        "ALTER TABLE members_membership CLUSTER ON membership_organisation",
    ],
    ids=["comment", "cluster"],
)
def test_indexes_that_could_not_be_built_again_as_they_were_stay(
    empty: World, tmp_path: Path, why: str
) -> None:
    """A definition does not say that a table was clustered by an index, nor what was noted about it."""
    with connection.cursor() as cursor:
        cursor.execute(why)
    batch, taken_off = _commit(checked(empty, _book(tmp_path)))
    assert (batch.counts["cards"], taken_off) == (29, 0)


@pytest.mark.django_db
def test_tables_of_another_role_are_left_alone(empty: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('CREATE ROLE intake_reader; GRANT USAGE ON SCHEMA %I TO intake_reader', current_schema())"
        )
        cursor.execute(cursor.fetchone()[0])
        cursor.execute("SET LOCAL ROLE intake_reader")
        allowed = bare_tables.can_be_bared(first._TABLES)
        cursor.execute("RESET ROLE")
    assert not allowed
    assert bare_tables.can_be_bared(first._TABLES)


@pytest.fixture
def other(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection."""
    parameters = connection.get_connection_params()
    wanted = {
        key: parameters[key]
        for key in ("dbname", "user", "password", "host", "port", "options")
        if key in parameters
    }
    with psycopg.connect(**wanted) as link:
        yield link


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_whoever_reads_the_register_is_not_waited_for(
    other: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = ensure()
    _emptied()
    monkeypatch.setattr(first, "WORTH", 1)
    other.execute("SELECT count(*) FROM members_card")  # its transaction stays open
    batch, taken_off = _commit(checked(world, _book(tmp_path)))
    assert (batch.counts["cards"], taken_off) == (29, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_cut_off_in_the_middle(tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it writes the batch's own pages answer; cut off, it leaves the register empty and the schema as it was."""
    world = ensure()
    _emptied()
    monkeypatch.setattr(first, "WORTH", 1)
    batch = checked(world, _book(tmp_path))
    actions.ask_commit(system_actor(), batch=batch, queue=False)
    client.force_login(world.accounts["chair_alpha"], backend="unionhall.access.backends.DeskBackend")
    before, failures = _shape(), []
    here, go_on = threading.Event(), threading.Event()

    def stop(one: RosterBatch) -> str:
        here.set()
        go_on.wait(30)
        return digest(one)

    def run() -> None:
        try:
            actions.commit(batch.pk, system_actor())
        except DatabaseError as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    digest = committing.digest
    monkeypatch.setattr(committing, "digest", stop)
    thread = threading.Thread(target=run)
    thread.start()
    assert here.wait(30)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            assert len(_lockers()) == 1, "the tables are taken, or this test proves nothing"
            pages = [reverse(name, args=[batch.pk]) for name in ("desk_import", "desk_import_progress")]
            for page in (
                *pages,
                reverse("desk_imports"),
                reverse("desk_import_upload"),
                "/healthz",
                "/readyz",
            ):
                assert client.get(page).status_code == 200, page
            with pytest.raises(
                OperationalError, match="lock timeout"
            ):  # the roster's union is kept until the end
                cursor.execute(
                    "DELETE FROM organisations_organisation WHERE id = %s", [batch.organisation_id]
                )
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", _lockers())
    finally:
        go_on.set()
        thread.join()
    assert len(failures) == 1
    assert not _lockers()
    assert _shape() == before
    for model in (Person, Membership, Card):
        assert not model.objects.everywhere(reason=WHY).exists()
    # The queue hands the job to another worker.
    monkeypatch.setattr(committing, "digest", digest)
    assert actions.commit(batch.pk, system_actor()).counts["cards"] == 29
    assert _shape() == before


def _lockers() -> list[int]:
    """The sessions of this database that hold all the tables: databases made from one template number theirs alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND relation = ANY(%s::regclass[]) GROUP BY pid HAVING count(*) = %s",
            [first._NAMES, len(first._NAMES)],
        )
        return [pid for (pid,) in cursor.fetchall()]
