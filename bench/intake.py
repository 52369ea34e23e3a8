"""Roster intake against its limits, in a database of its own: JSON lines {name, value, unit, baseline, ratio}.

    python bench/intake.py [--rows 50000] [--held 50000] [--xlsx-rows 10000] [--peer-rows 5000]
    python bench/intake.py --rows 1000000 --held 1000000 --xlsx-rows 100000 --peer-rows 20000

intake.csv: a CSV file end to end (receive, check, stage, classify, commit; cards, figures and journal included) into
a registry that already holds `--held` people, against a raw COPY of the very same finished rows into the same
indexed tables. intake.first: the file of those `--held` people into the empty registry, against intake.csv.
intake.again: the file of intake.csv a second time. intake.undo: taking the batch back. intake.xlsx: a workbook end
to end against reading its cells alone (the reader we use). intake.memory: the peak (VmHWM) of a process that brings
in `--rows` new people from file to commit, against one that brings in a third as many; it comes last, because these
people stay. The database's own memory is not in it. intake.vs_import_export: see `bench/importing.py`.
Rates depend on the machine; the ratio is what counts.
"""

# ruff: noqa: S608 - table names are our own
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLES = ("members_person", "members_membership", "members_employment", "members_card")
CODE = "BENCH"


def line(name: str, value: float, unit: str, baseline: float | None = None) -> None:
    """One result. `ratio` is value / baseline, both in the same unit."""
    ratio = round(value / baseline, 3) if baseline else None
    told = {"name": name, "value": round(value, 1), "unit": unit}
    told |= {"baseline": baseline and round(baseline, 1), "ratio": ratio}
    print(json.dumps(told), flush=True)


Tell = Callable[..., None]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def set_up() -> None:
    import django

    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "unionhall.settings"
    django.setup()


def prepare() -> Any:
    """Tables, and one union to import into."""
    from django.core.management import call_command
    from django.db.backends.postgresql.psycopg_any import DateRange

    from unionhall.organisations.models import Organisation

    call_command("migrate", verbosity=0)
    found = Organisation.objects.everywhere(reason="the union of the measurement").filter(code=CODE).first()
    return found or Organisation.objects.create(
        code=CODE, name="测量用工会", kind="grassroots", level=5, division="420106", path="0001",
        existence=DateRange(date(2000, 1, 1), None),
    )  # fmt: skip


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


def columns(table: str) -> str:
    """The columns of a table that are written: generated ones are not."""
    from django.apps import apps

    (model,) = [model for model in apps.get_models() if model._meta.db_table == table]
    return ", ".join(str(field.column) for field in model._meta.concrete_fields if not field.generated)


def finished(batch: Any, folder: Path) -> dict[str, Path]:
    """The rows that the batch made, as COPY writes them, one file a table."""
    from django.db import connection

    made = "SELECT person_id FROM members_membership WHERE batch_id = %(batch)s"
    which = {"members_person": f"id IN ({made})", "members_membership": "batch_id = %(batch)s"}
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            condition = which.get(table, f"person_id IN ({made})") % {"batch": int(batch.pk)}
            found[table] = folder / f"{table}.copy"
            query = f"COPY (SELECT {columns(table)} FROM {table} WHERE {condition} ORDER BY id) TO STDOUT"
            with cursor.cursor.copy(query) as copy, found[table].open("wb") as target:
                for piece in copy:
                    target.write(piece)
    return found


def copied(rows: dict[str, Path]) -> None:
    """The baseline: the finished rows straight into the same tables, with all their indexes and constraints."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, content in rows.items():
            statement = f"COPY {table} ({columns(table)}) FROM STDIN"
            with cursor.cursor.copy(statement) as copy, content.open("rb") as source:
                while piece := source.read(1 << 20):
                    copy.write(piece)


def taken_back(batch: Any) -> Any:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    actions.ask_undo(system_actor(), batch=batch, reason="bench", queue=False)
    return actions.undo(batch.pk, system_actor(), reason="bench")


def settle(how: str = "VACUUM ANALYZE") -> None:
    """Let the database catch up, so that one measurement doesn't pay for another.

    FULL packs tables and indexes: rows that were taken back leave room in them, which would be a gift to the next.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        for table in (*TABLES, "members_rosterrow"):
            cursor.execute(f"{how} {table}")
        cursor.execute("CHECKPOINT")


def read_alone(path: Path) -> int:
    """Every cell of a workbook as the reader hands it out, nothing done with it."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return sum(1 for name in book.sheet_names for _ in book.get_sheet_by_name(name).iter_rows())


def brought_in_alone(path: Path) -> float:
    """In a process of its own: bring a file in, commit included, and answer the peak of the process's memory in MB."""
    from unionhall.members.models import RosterBatch

    batch = bring_in(prepare(), path)
    assert batch.state == RosterBatch.State.COMMITTED, batch.state
    # Not ru_maxrss: a child inherits that of the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def peak(path: Path) -> float:
    command = [sys.executable, str(ROOT / "bench" / "intake.py"), "--peak", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def measure(
    folder: Path,
    rows: int = 50_000,
    held: int = 50_000,
    xlsx_rows: int = 10_000,
    peer_rows: int = 5_000,
    tell: Tell = line,
) -> None:
    """All figures of intake. Django is set up; the registry is the measurement's own and empty."""
    from unionhall.members.intake.planting import write_roster

    union = prepare()
    write_roster(folder / "held.csv", held, seed=1)
    write_roster(folder / "rows.csv", rows, seed=2)
    settle()
    first, _ = timed(lambda: bring_in(union, folder / "held.csv"))
    settle("VACUUM (FULL, ANALYZE)")
    seconds, batch = timed(lambda: bring_in(union, folder / "rows.csv"))
    again, same = timed(lambda: bring_in(union, folder / "rows.csv"))
    assert same.counts == {"same": rows}, same.counts
    made = finished(batch, folder)
    back, undone = timed(lambda: taken_back(batch))
    assert undone.counts["undo_removed"] == rows
    settle("VACUUM (FULL, ANALYZE)")
    # A membership names its batch; the batch is still there, so the very same rows fit again.
    raw, _ = timed(lambda: copied(made))
    tell("intake.csv", rows / seconds, "rows/s", rows / raw)
    tell("intake.first", held / first, "rows/s", rows / seconds)
    tell("intake.again", rows / again, "rows/s", rows / seconds)
    tell("intake.undo", rows / back, "rows/s", rows / seconds)
    measure_xlsx(union, folder, xlsx_rows, tell)
    if peer_rows:
        from bench.importing import measure_peer

        paths = [folder / "peer.csv", folder / "peer_two.csv"]
        for seed, path in zip((4, 8), paths, strict=True):
            write_roster(path, peer_rows, seed=seed)
        settle()
        measure_peer(union, paths, peer_rows, bring_in, taken_back, tell)
    measure_memory(folder, rows, tell)


def measure_xlsx(union: Any, folder: Path, rows: int, tell: Tell = line) -> None:
    from unionhall.members.intake.planting import write_roster

    write_roster(folder / "rows.xlsx", rows, seed=3)
    settle()
    read, _ = timed(lambda: read_alone(folder / "rows.xlsx"))
    whole, _ = timed(lambda: bring_in(union, folder / "rows.xlsx"))
    tell("intake.xlsx", rows / whole, "rows/s", rows / read)


def measure_memory(folder: Path, rows: int, tell: Tell = line) -> None:
    """Files of people whom the registry doesn't hold yet, in processes of their own."""
    from unionhall.members.intake.planting import write_roster

    for seed, (name, count) in enumerate((("third", rows // 3), ("whole", rows)), 5):
        write_roster(folder / f"{name}.csv", count, seed=seed)
    tell("intake.memory", peak(folder / "whole.csv"), "MB", peak(folder / "third.csv"))


def own_database() -> Iterator[Path]:
    """A home that goes away afterwards, unless DATABASE_URL names a server to measure on."""
    sys.path.insert(0, str(ROOT))
    from unionhall.foundation.postgres import Server

    with tempfile.TemporaryDirectory(prefix="unionhall-bench-") as home:
        os.environ["UNIONHALL_HOME"] = home
        if os.environ.get("DATABASE_URL"):
            set_up()
            yield Path(home)
            return
        with Server(home):
            set_up()
            yield Path(home)
            from django.db import connections

            connections.close_all()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--held", type=int, default=50_000)
    parser.add_argument("--xlsx-rows", type=int, default=10_000)
    parser.add_argument("--peer-rows", type=int, default=5_000)
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        set_up()
        print(brought_in_alone(options.peak))
        return
    for home in own_database():
        measure(home, options.rows, options.held, options.xlsx_rows, options.peer_rows)


if __name__ == "__main__":
    main()
