"""The second federation of test_federation: a process of its own in the suite's database. Prints what it did as JSON.

Its job queue stands in a schema of its own, as it would on a cluster where a federation's schema may have no triggers.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from unionhall.cli import main
from unionhall.foundation import federations

NAME, JOBS = "north", "north_jobs"
PERSON, HOLIDAY = "北方独有之人", "2030-01-01"
ENDPOINT = "/api/v1/organisations"


def command(*words: str) -> None:
    """A command of ours, in this process; what it prints belongs to nobody."""
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        status = main(words)
    finally:
        sys.stdout = out
    if status:
        raise SystemExit(f"unionhall {' '.join(words)}: {status}")


def live(scratch: Path) -> dict[str, Any]:
    """A world of its own with one more person, a holiday, a session, an API token, a case from the other federation,
    sealed journal, a job waiting."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import Client

    from tests.world import build
    from unionhall.api.actions import issue
    from unionhall.foundation.models import Holiday
    from unionhall.foundation.sealing import identity_index
    from unionhall.foundation.tasks import forget_throttles
    from unionhall.members import actions as members
    from unionhall.records import sealing

    from . import sending

    world = build()
    case = sending.take(world, scratch, federations.DEFAULT)
    actor = world.actor("province_officer")
    known = world.people["alpha_1"]
    identity = known.id_number.reveal()
    known.name, known.initials = PERSON, "bfdyzr"
    known.save(update_fields=["name", "initials"])
    members.reveal(actor, person=known, what="id_number", reason="核对材料")
    Holiday.objects.create(day=HOLIDAY, is_working_day=False, name="元旦")
    session: Any = SessionStore()
    account = world.accounts["chair_alpha"]
    session["_auth_user_id"] = str(account.pk)
    session["_auth_user_backend"] = "unionhall.access.backends.DeskBackend"
    session["_auth_user_hash"] = account.get_session_auth_hash()
    session.save()
    _, token = issue(
        actor,
        name="薪酬系统",
        organisation=world.unions["province"],
        scopes=["organisations:read"],
        purpose="对账",
    )
    headers = {"Authorization": f"Bearer {token}", "Host": "localhost"}
    opened = Client().get(ENDPOINT, headers=headers).status_code
    sealing.seal_pending()
    forget_throttles.defer(timestamp=0)
    return {
        "session": session.session_key,
        "token": [token, opened],
        "head": sealing.head(),
        "index": identity_index("01", identity).hex(),
        "identity": identity,
        "case": case,
    }


def state() -> dict[str, Any]:
    """What a restored federation must have again."""
    from django.conf import settings

    from unionhall.members.models import Person
    from unionhall.records import sealing

    verdict = sealing.verify()
    people = Person.objects.everywhere(reason="the test counts people")
    return {
        "people": people.count(),
        "named": people.named(PERSON).count(),
        "readable": people.get(name=PERSON).id_number.reveal(),
        "journal": [verdict.ok, verdict.entries, verdict.head],
        "files": str(settings.FILES_DIR),
    }


def run(scratch: Path) -> dict[str, Any]:
    command("migrate", "--verbosity", "0")
    from django.conf import settings
    from django.db import connection

    told = live(scratch) | {"cookie": settings.SESSION_COOKIE_NAME, "before": state()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE args->>'timestamp' = '0'")
        told["waiting"] = cursor.fetchall()
    command("backup", str(scratch / "north.backup"))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {NAME} CASCADE; DROP SCHEMA {JOBS} CASCADE")
    shutil.rmtree(settings.FILES_DIR, ignore_errors=True)
    command("restore", str(scratch / "north.backup"))
    told["after"] = state()  # before jobs of the clock, which may write entries of their own
    command("work", "--once")
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE args->>'timestamp' = '0'")
        told["done"] = cursor.fetchall()
    command("federations")
    command("lake", "export", "--out", str(scratch / "lake"), "--reason", "全国汇总")
    return told


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
