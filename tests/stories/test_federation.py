"""One federation, one schema: two of them in one database see nothing of each other, and nothing hangs on triggers."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app
from pytest_django import Settings

from tests.architecture.floors import ROOT
from tests.world import PEOPLE, World
from unionhall.cli.federations import found
from unionhall.foundation import federations
from unionhall.foundation.models import Holiday
from unionhall.foundation.sealing import identity_index, ring
from unionhall.insights.lake import engines, figures
from unionhall.kit.sm import SealBroken
from unionhall.members.models import Person
from unionhall.organisations import tree
from unionhall.records import sealing

from . import north, sending

pytestmark = [
    pytest.mark.slow,
    # ibis uses what a newer duckdb is about to give up.
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]
PROJECT = ROOT


def _tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


def _ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


# One schema -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_tables_stand_in_the_federations_schema_and_nowhere_else() -> None:
    assert "members_membership" in _tables(settings.FEDERATION)
    assert "procrastinate_jobs" in _tables(settings.FEDERATION)
    assert _tables("public") == set()
    kinds = "relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v', 'm')"
    assert _ask(f"SELECT count(*) FROM pg_class WHERE {kinds}") == [(0,)]


@pytest.mark.django_db
def test_our_tables_have_no_triggers() -> None:
    """The job queue's own tables do (its notifications); foreign keys are the server's business."""
    rows = _ask("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    assert {name for (name,) in rows if not name.startswith("procrastinate_")} == set()


@pytest.mark.django_db
def test_no_foreign_key_leaves_its_schema_nor_joins_ours_to_the_queue() -> None:
    """So a federation may be moved, backed up and distributed as a whole, and the queue may stand beside it."""
    rows = _ask(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    )
    assert len(rows) > 50
    assert [pair for pair in rows if any("." in name for name in pair)] == []
    queued = [{name.startswith("procrastinate_") for name in pair} for pair in rows]
    assert [pair for pair, sides in zip(rows, queued, strict=True) if len(sides) > 1] == []


@cache
def _sources() -> list[tuple[str, str]]:
    paths = sorted((PROJECT / "unionhall").rglob("*.py"))
    return [
        (path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
        if "tests" not in path.parts
    ]


def test_no_statement_names_a_schema() -> None:
    """search_path finds everything. `cli/federations.py` lists schemas, and is the only one that looks into them."""
    named = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+\"?(?:public|unionhall)\"?\.")
    assert [name for name, text in _sources() if named.search(text)] == []
    model = re.compile(r"db_table\s*=\s*['\"][^'\"]*\.")
    assert [name for name, text in _sources() if model.search(text)] == []


def test_every_advisory_lock_belongs_to_a_federation() -> None:
    """Advisory locks are the whole database's: a key must carry the schema, or another federation waits for ours."""
    whole = {("unionhall/foundation/database.py", "EXTENSIONS_LOCK")}  # extensions are the database's, too
    wrong = []
    for name, text in _sources():
        for call in re.finditer(r"pg_(?:try_)?advisory\w*", text):
            around = text[max(0, call.start() - 300) : call.end() + 300]
            if any(name == file and word in around for file, word in whole):
                continue
            keyed = "_KEY" in around and "current_schema()" in text
            if "current_schema()" not in around and "settings.FEDERATION" not in around and not keyed:
                wrong.append(f"{name}: {call.group()}")
    assert wrong == []


# Names and places -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hubei", "hubei_2", "h" * 30])
def test_a_federation_may_be_called(name: str) -> None:
    assert federations.chosen({"UNIONHALL_FEDERATION": name}) == name


@pytest.mark.parametrize(
    "name",
    [
        "Hubei",
        "2hubei",
        "hu-bei",
        'hu"bei',
        "hubei,public",
        "湖北",
        "h" * 31,
        "public",
        "pg_hubei",
        "a b",
        "a\n",
    ],
)
def test_a_federation_may_not_be_called(name: str) -> None:
    for variable in ("UNIONHALL_FEDERATION", "UNIONHALL_JOBS_SCHEMA"):
        with pytest.raises(ImproperlyConfigured, match=variable):
            federations.search_path({variable: name})


def test_federations_of_one_home_share_nothing_but_the_server() -> None:
    home = Path("/srv/home")
    assert federations.house(home, federations.DEFAULT) == home
    assert federations.house(home, "hubei") == home / "federations" / "hubei"
    assert federations.search_path({"UNIONHALL_FEDERATION": "hubei"}) == "hubei,public"


def test_every_channel_has_a_name_that_fits() -> None:
    """pg_notify refuses 64 bytes, and with it the job."""
    queues = {task.queue for task in app.tasks.values()}
    assert {"default", "clock"} <= queues
    assert all(
        len(federations.channel("h" * federations.LONGEST, f"procrastinate#{queue}")) < 63 for queue in queues
    )


# Side by side -----------------------------------------------------------------------------------------------------


def _second(scratch: Path, database: str) -> dict[str, Any]:
    """Let the second federation be made, live, be backed up, lost and restored; answers what it tells."""
    host, user = str(settings.DATABASES["default"]["HOST"]), settings.DATABASES["default"]["USER"]
    port = settings.DATABASES["default"]["PORT"]
    address = f"postgresql://{user}@{host.replace('/', '%2F')}:{port}/{database}"
    environment = os.environ | {
        "UNIONHALL_FEDERATION": north.NAME,
        "UNIONHALL_JOBS_SCHEMA": north.JOBS,
        "DATABASE_URL": address,
        "UNIONHALL_TRANSFER_KEYS": json.dumps({settings.FEDERATION: sending.KEY}),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.stories.north", str(scratch)],
        env=environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("lake")
def test_two_federations_side_by_side_see_nothing_of_each_other(
    world: World, client: Client, tmp_path: Path, settings: Settings
) -> None:
    """The suite's own federation and a second one, made by the command, in one database: tables, search, keys,
    sessions, API tokens, jobs, locks, journal, backup, a case from one to the other, and the figures of both."""
    settings.TRANSFER_KEYS = {north.NAME: sending.KEY}
    sent = sending.pack(world, tmp_path, north.NAME)
    people, head = Person.objects.everywhere(reason="the test counts people").count(), sealing.head()
    try:
        told = _second(tmp_path, connection.settings_dict["NAME"])
        _made_where_it_belongs(told, people)
        sending.came_back(world, tmp_path, sent, told["case"], north.NAME)
        _not_seen_from_here(told, people, head)
        _no_key_opens_it(told)
        _no_session_passes(client, told)
        _no_job_and_no_lock_is_shared()
        _listed_side_by_side(told, people)
        _counted_together(tmp_path, people)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP SCHEMA IF EXISTS {north.NAME} CASCADE; DROP SCHEMA IF EXISTS {north.JOBS} CASCADE"
            )


def _made_where_it_belongs(told: dict[str, Any], people: int) -> None:
    """Tables in its schema, the queue beside it; lost and restored it is what it was, and its job was done."""
    own = _tables(settings.FEDERATION)
    assert _tables(north.NAME) == {name for name in own if not name.startswith("procrastinate_")}
    assert _tables(north.JOBS) == own - _tables(north.NAME)
    assert _ask(
        "SELECT 1 FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = %s::regnamespace", north.NAME,
    ) == []  # fmt: skip
    assert told["after"] == told["before"]
    assert told["before"]["people"] == people
    assert told["before"]["named"] == 1
    assert told["before"]["files"].endswith("/federations/north/files")
    assert (told["waiting"], told["done"]) == ([["todo"]], [["succeeded"]])


def _not_seen_from_here(told: dict[str, Any], people: int, head: str) -> None:
    everyone = Person.objects.everywhere(reason="the test looks for strangers")
    assert everyone.count() == people
    assert not everyone.named(north.PERSON)
    assert not Holiday.objects.filter(day=north.HOLIDAY).exists()
    assert _ask("SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    assert sealing.head() == head != told["head"]
    assert sealing.verify().ok


def _no_key_opens_it(told: dict[str, Any]) -> None:
    """The same ID number is sealed and indexed otherwise: a copied row tells nothing and meets nothing here."""
    (row,) = _ask("SELECT id_number, id_index FROM north.members_person WHERE name = %s", north.PERSON)
    assert bytes(row[1]).hex() == told["index"] != identity_index("01", told["identity"]).hex()
    with pytest.raises(SealBroken):
        ring().open(bytes(row[0]))
    assert not (Path(settings.HOME) / "keys.json").samefile(
        Path(told["before"]["files"]).parent / "keys.json"
    )


def _no_session_passes(client: Client, told: dict[str, Any]) -> None:
    assert told["cookie"] != settings.SESSION_COOKIE_NAME
    assert _ask("SELECT count(*) FROM north.django_session") == [(1,)]
    for name in (told["cookie"], settings.SESSION_COOKIE_NAME):
        client.cookies[name] = told["session"]
    assert client.get("/desk/").status_code == 302
    token, opened = told["token"]
    assert opened == 200
    assert client.get(north.ENDPOINT, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def _no_job_and_no_lock_is_shared() -> None:
    """What one federation queues, aborts or locks, the other's workers and actions never hear of."""
    raw: dict[str, Any] = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in ("host", "port", "user", "password", "dbname")
    }
    search = raw | {"options": f"-c search_path={north.NAME},{north.JOBS},public"}
    with (
        psycopg.connect(**raw, autocommit=True) as here,
        psycopg.connect(**search, autocommit=True) as there,
    ):
        for channel in ("unionhall#", "unionhall#default", "procrastinate_any_queue_v1", f"{north.JOBS}#"):
            here.execute(f'LISTEN "{channel}"')
        there.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'x', 0, NULL, NULL, '{}', NULL)"
            "::procrastinate_job_to_defer_v1])"
        )
        there.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'x'")
        there.execute("UPDATE procrastinate_jobs SET abort_requested = true WHERE task_name = 'x'")
        heard = [note.channel for note in here.notifies(timeout=2, stop_after=2)]
        heard += [note.channel for note in here.notifies(timeout=0.1)]
        assert heard == [f"{north.JOBS}#"] * 2
        with there.transaction():
            there.execute(f"SELECT pg_advisory_xact_lock({tree._KEY})")
            tree.hold_for_change(seconds=1)


def _listed_side_by_side(told: dict[str, Any], people: int) -> None:
    listed = {one.name: one for one in found()}
    assert set(listed) == {settings.FEDERATION, north.NAME}
    second = listed[north.NAME]
    assert (second.people, second.pending, second.ahead) == (people, 0, 0)
    assert second.journal_head == told["head"]
    assert second.bytes > 1_000_000
    assert (second.current, listed[settings.FEDERATION].current) == (False, True)


def _counted_together(scratch: Path, people: int) -> None:
    """Each exports its own; together they are counted without either seeing the other."""
    call_command("lake", "export", "--out", str(scratch / "own"), "--reason", "全国汇总", stdout=StringIO())
    members = sum(1 for *_, union in PEOPLE.values() if union)
    with engines.opened([scratch / "own", scratch / "lake"]) as lake:
        rows = figures.rows(lake, "members.count")
        (both,) = figures.rows(lake, "members.count", "all")
    assert [(row["federation"], row["n"]) for row in rows] == [("north", members), ("unionhall", members)]
    assert both["n"] == 2 * members
