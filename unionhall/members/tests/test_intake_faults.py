"""Two imports at once, and a worker killed in the middle: no half batch, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.world import World, ensure
from unionhall.foundation.actors import system_actor
from unionhall.members.intake import actions, committing
from unionhall.members.intake.progress import Progress
from unionhall.members.models import Card, Membership, Person, RosterBatch

from . import intake_files as make

WHY = "test"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def world(transactional_db: None) -> World:
    return ensure()


def ready(world: World, path: Path, union: str = "alpha") -> RosterBatch:
    batch = actions.receive(
        system_actor(), organisation=world.unions[union], path=path, name=path.name, queue=False
    )
    batch = actions.check(batch.pk)
    actions.ask_commit(system_actor(), batch=batch, queue=False)
    return batch


def in_thread(batch: RosterBatch, failures: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            actions.commit(batch.pk, system_actor())
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    return threading.Thread(target=run)


def test_two_imports_of_the_same_people_at_once(world: World, tmp_path: Path) -> None:
    rows = make.roster(300)
    batches = [
        ready(world, make.text(tmp_path / "a.csv", rows[:201])),
        ready(world, make.text(tmp_path / "b.csv", [rows[0], *rows[101:]]), "beta"),
    ]
    failures: list[BaseException] = []
    threads = [in_thread(batch, failures) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    first, second = (RosterBatch.objects.everywhere(reason=WHY).get(pk=batch.pk) for batch in batches)
    assert first.state == second.state == "committed"
    members = Membership.objects.everywhere(reason=WHY).filter(batch__isnull=False)
    assert members.count() == 300
    assert members.values("person").distinct().count() == 300
    assert first.counts.get("transfer", 0) + second.counts.get("transfer", 0) == 100
    assert Card.objects.everywhere(reason=WHY).filter(person__in=members.values("person")).count() == 300


_RUN = """
import os, sys
sys.path.insert(0, os.getcwd())
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from unionhall.foundation.actors import system_actor
from unionhall.members.intake import actions, committing
def stop(*arguments):
    print("here", flush=True)
    import time
    time.sleep(60)
if sys.argv[3] == "middle":
    committing.digest = stop
actions.commit(int(sys.argv[2]), system_actor())
"""


def worker(batch: RosterBatch, where: str) -> subprocess.Popen[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "unionhall.settings"}
    name = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, name, str(batch.pk), where],
        stdout=subprocess.PIPE, text=True, env=environment, cwd=settings.BASE_DIR,
    )  # fmt: skip


def test_a_worker_killed_in_the_middle_of_a_commit(world: World, tmp_path: Path) -> None:
    batch = ready(world, make.text(tmp_path / "a.csv", make.roster(50)))
    people = Person.objects.everywhere(reason=WHY).count()
    process = worker(batch, "middle")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "here"
    seen = RosterBatch.objects.everywhere(reason=WHY).get(pk=batch.pk)
    assert seen.state == "committing"
    assert seen.stage, "progress is seen while the transaction is open"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while _others() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Person.objects.everywhere(reason=WHY).count() == people
    assert not Membership.objects.everywhere(reason=WHY).filter(batch=batch).exists()
    assert RosterBatch.objects.everywhere(reason=WHY).get(pk=batch.pk).state == "committing"
    # The queue hands the job to another worker.
    again = worker(batch, "")
    again.communicate(timeout=60)
    assert RosterBatch.objects.everywhere(reason=WHY).get(pk=batch.pk).state == "committed"
    assert Membership.objects.everywhere(reason=WHY).filter(batch=batch).count() == 50
    assert actions.commit(batch.pk, system_actor()).counts["cards"] == 50


def _others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state = 'idle in transaction'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def test_someone_is_admitted_while_the_batch_commits(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk registers one of the people between comparison and writing: the batch compares again."""
    rows = make.roster(3)
    batch = ready(world, make.text(tmp_path / "a.csv", rows))
    real = committing.compare_again
    calls: list[bool] = []

    def compare_again(one: RosterBatch, progress: Progress, *, whole: bool) -> bool:
        known = real(one, progress, whole=whole)
        calls.append(whole)
        if len(calls) == 1:
            thread = threading.Thread(target=_admit, args=(world, rows[2]))
            thread.start()
            thread.join()
        return known

    monkeypatch.setattr(committing, "compare_again", compare_again)
    batch = actions.commit(batch.pk, system_actor())
    assert batch.state == "committed"
    assert calls == [False, True]
    assert batch.counts["transfer"] == 1
    assert batch.counts["cards"] == 2


def _admit(world: World, row: list[str]) -> None:
    from unionhall.members.actions import admit, register_person

    try:
        person = register_person(system_actor(), name=row[0], id_type="01", id_number=row[1])
        admit(
            system_actor(),
            person=person,
            organisation=world.unions["beta"],
            on=world.unions["beta"].existence.lower,
        )
    finally:
        connections.close_all()
