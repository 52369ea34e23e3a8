"""Where figures are measured: a home of the bench's own that goes away, or one that stands (and is left as it was)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Tables whose statistics and visibility the figures depend on.
SETTLED = (
    "members_person", "members_membership", "members_employment", "members_card", "organisations_organisation",
)  # fmt: skip


def unionhall(home: Path | str, *words: str) -> None:
    """A command of ours on a home; what it says goes to stderr."""
    environment = os.environ | {"UNIONHALL_HOME": str(home), "UNIONHALL_DEMO": "0"}
    command = [sys.executable, "-m", "unionhall", *words]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)


def seeded(home: Path | str, people: int) -> None:
    """Fill an empty home with a city of so many people, rollups included."""
    unionhall(home, "seed", "--scale", "city", "--people", str(people))
    unionhall(home, "rollup", "rebuild")


@contextmanager
def temporary() -> Iterator[Path]:
    """An empty home that goes away."""
    with tempfile.TemporaryDirectory(prefix="unionhall-bench-") as home:
        yield Path(home)


@contextmanager
def opened(home: Path | str) -> Iterator[None]:
    """The home's server runs and Django works on it."""
    from unionhall.foundation.postgres import Server

    os.environ["UNIONHALL_HOME"] = str(home)
    os.environ["UNIONHALL_DEMO"] = "1"  # measured without the second factor, which no page asks for again
    os.environ["UNIONHALL_LOG"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "unionhall.settings"
    with Server(home):
        import django

        django.setup()
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()


def settle() -> None:
    """A server as it stands in the middle of a working day: statistics and visibility maps as autovacuum would leave
    them, no checkpoint in the middle of a figure, and the tables in memory."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in SETTLED:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
        _warm(cursor)


def _warm(cursor: Any) -> None:
    """Tables and their indexes read once, the memberships last; the home is left as it was. Needs pg_prewarm."""
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_prewarm'")
    if cursor.fetchone() is None:
        print("bench: no pg_prewarm here, figures are of a cold server", file=sys.stderr)
        return
    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
    try:
        for table in ("members_card", "members_employment", "members_person", "members_membership"):
            cursor.execute(
                "SELECT pg_prewarm(c.oid) FROM pg_class c WHERE c.oid = %(table)s::regclass"
                " OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = %(table)s::regclass)",
                {"table": table},
            )
    finally:
        cursor.execute("DROP EXTENSION pg_prewarm")
