"""Where figures are measured: a home of the bench's own that goes away, or one that stands (and is left as it was)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """Statistics and visibility maps as autovacuum would leave them, and no checkpoint in the middle of a figure."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in SETTLED:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
