"""One federation, one schema: everything is made where search_path points, and nothing of ours hangs on triggers."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from unionhall.foundation.models import Holiday

pytestmark = pytest.mark.slow


def _tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_tables_stand_in_the_federations_schema_and_nowhere_else() -> None:
    assert "members_membership" in _tables(settings.FEDERATION)
    assert "procrastinate_jobs" in _tables(settings.FEDERATION)
    assert _tables("public") == set()


@pytest.mark.django_db
def test_our_tables_have_no_triggers() -> None:
    """The job queue's own tables do (its notifications); foreign keys are the server's business."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        assert {name for (name,) in cursor.fetchall() if not name.startswith("procrastinate_")} == set()


def _unionhall(federation: str, *words: str, database: str) -> subprocess.CompletedProcess[str]:
    host, user = str(settings.DATABASES["default"]["HOST"]), settings.DATABASES["default"]["USER"]
    port = settings.DATABASES["default"]["PORT"]
    address = f"postgresql://{user}@{host.replace('/', '%2F')}:{port}/{database}"
    environment = os.environ | {"UNIONHALL_FEDERATION": federation, "DATABASE_URL": address}
    command = [sys.executable, "-m", "unionhall", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=170)


@pytest.mark.django_db(transaction=True)
def test_two_federations_side_by_side_see_nothing_of_each_other() -> None:
    """The suite's own federation and a second one, made by the command, in one database."""
    database, own = connection.settings_dict["NAME"], settings.FEDERATION
    try:
        made = _unionhall("north", "migrate", database=database)
        assert made.returncode == 0, made.stderr
        assert _tables("north") == _tables(own)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO north.foundation_holiday (day, is_working_day, name) VALUES ('2030-01-01', false, '元旦')"
            )
        shell = "from unionhall.foundation.models import Holiday; print('days', Holiday.objects.count())"
        counted = _unionhall("north", "shell", "-c", shell, database=database)
        assert counted.stdout.split()[-1] == "1", counted.stderr
        assert not Holiday.objects.filter(name="元旦", day="2030-01-01").exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS north CASCADE")
