"""Roster intake against its limits, in a database of its own: JSON lines {name, value, unit, baseline, ratio}.

    python bench/intake.py [--rows 50000] [--held 0] [--xlsx-rows 20000]

intake.csv: a CSV file end to end (check, stage, classify, commit; cards and journal included) against a raw COPY of
the very same finished rows into the same indexed tables. intake.again: the same file a second time.
intake.undo: taking the batch back. intake.xlsx: a workbook end to end against reading its cells alone.
`--held` puts that many people into the register first. Rates depend on the machine; the ratio is what counts.
"""

# ruff: noqa: S608 - table names are our own
from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLES = ("members_person", "members_membership", "members_employment", "members_card")


def line(name: str, value: float, unit: str, baseline: float | None = None) -> None:
    """One result. `ratio` is value / baseline, both in the same unit."""
    ratio = round(value / baseline, 3) if baseline else None
    print(
        json.dumps(
            {
                "name": name,
                "value": round(value, 1),
                "unit": unit,
                "baseline": baseline and round(baseline, 1),
                "ratio": ratio,
            }
        ),
        flush=True,
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def prepare() -> Any:
    """Django on the bench's own database, with one union to import into."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "unionhall.settings"
    django.setup()
    from django.core.management import call_command
    from django.db.backends.postgresql.psycopg_any import DateRange

    from unionhall.organisations.models import Organisation

    call_command("migrate", verbosity=0)
    return Organisation.objects.create(
        code="BENCH",
        name="测量用工会",
        kind="grassroots",
        level=5,
        division="420106",
        path="0001",
        existence=DateRange(date(2000, 1, 1), None),
    )


def bring_in(union: Any, path: Path) -> Any:
    """The whole way of a file, as the job worker does it; a file that changes nothing stops after the check."""
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    actor = system_actor()
    batch = actions.receive(actor, organisation=union, path=path, name=path.name, queue=False)
    batch = actions.check(batch.pk)
    if batch.counts.get("new"):
        actions.ask_commit(actor, batch=batch, queue=False)
        batch = actions.commit(batch.pk, actor)
    return batch


def finished(batch: Any) -> dict[str, bytes]:
    """The rows that the batch made, as COPY writes them."""
    from django.db import connection

    made = "SELECT person_id FROM members_membership WHERE batch_id = %(batch)s"
    which = {"members_person": f"id IN ({made})", "members_membership": "batch_id = %(batch)s"}
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            condition = which.get(table, f"person_id IN ({made})") % {"batch": int(batch.pk)}
            with cursor.cursor.copy(
                f"COPY (SELECT * FROM {table} WHERE {condition} ORDER BY id) TO STDOUT"
            ) as copy:
                found[table] = b"".join(bytes(piece) for piece in copy)
    return found


def copied(rows: dict[str, bytes]) -> None:
    """The baseline: the finished rows straight into the same tables, with all their indexes and constraints."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, content in rows.items():
            with cursor.cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(content)


def taken_back(batch: Any) -> Any:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    actions.ask_undo(system_actor(), batch=batch, reason="bench", queue=False)
    return actions.undo(batch.pk, system_actor(), reason="bench")


def settle() -> None:
    """Let the database catch up, so that one measurement doesn't pay for another."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in (*TABLES, "members_rosterrow"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")


def measure(folder: Path, rows: int, held: int, xlsx_rows: int) -> None:
    from unionhall.members.intake.cells import sheets
    from unionhall.members.intake.planting import write_roster

    union = prepare()
    if held:
        write_roster(folder / "held.csv", held, seed=1)
        bring_in(union, folder / "held.csv")
    write_roster(folder / "rows.csv", rows, seed=2)
    settle()
    seconds, batch = timed(lambda: bring_in(union, folder / "rows.csv"))
    again, same = timed(lambda: bring_in(union, folder / "rows.csv"))
    assert same.counts == {"same": rows}, same.counts
    made = finished(batch)
    back, undone = timed(lambda: taken_back(batch))
    assert undone.counts["undo_removed"] == rows
    settle()
    # A membership names its batch; the batch is still there, so the very same rows fit again.
    raw, _ = timed(lambda: copied(made))
    line("intake.csv", rows / seconds, "rows/s", rows / raw)
    line("intake.again", rows / again, "rows/s", rows / seconds)
    line("intake.undo", rows / back, "rows/s", rows / seconds)
    write_roster(folder / "rows.xlsx", xlsx_rows, seed=3)
    settle()
    read, _ = timed(lambda: [sum(1 for _ in sheet.rows()) for sheet in sheets(folder / "rows.xlsx", "xlsx")])
    whole, _ = timed(lambda: bring_in(union, folder / "rows.xlsx"))
    line("intake.xlsx", xlsx_rows / whole, "rows/s", xlsx_rows / read)
    line("intake.memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")


def own_database() -> Iterator[Path]:
    """A home that goes away afterwards, unless DATABASE_URL names a server to measure on."""
    sys.path.insert(0, str(ROOT))
    from unionhall.foundation.postgres import Server

    with tempfile.TemporaryDirectory(prefix="unionhall-bench-") as home:
        os.environ["UNIONHALL_HOME"] = home
        if os.environ.get("DATABASE_URL"):
            yield Path(home)
            return
        with Server(home):
            yield Path(home)
            from django.db import connections

            connections.close_all()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--held", type=int, default=0)
    parser.add_argument("--xlsx-rows", type=int, default=20_000)
    options = parser.parse_args()
    for home in own_database():
        measure(home, options.rows, options.held, options.xlsx_rows)


if __name__ == "__main__":
    main()
