"""adjudicate: settlement lines to decisions, payments and ledger entries, against COPY of the same finished rows.

A seeded home of its own. An insurer's file with two settlements for every person is brought in through the verbs that
the desk uses (`adjudicate.check`: read, sealed, matched), then worked out. The finished rows are written to files,
taken out of their tables and copied back, with the same indexes and foreign keys, all three tables in one transaction;
both are done alternately, `ROUNDS` times. A second run over the finished file has to pay nothing. Processor seconds are
told beside the clock's: those of the server's process and, for the job, of its own (two threads) as well.
"""

# ruff: noqa: S608 - the statements are built from our own table names
from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, cast

from .figure import median, tell
from .home import opened

ROUNDS = 3
YEAR = 2026
DAYS = 28
#: In the order in which they refer to each other.
TABLES = ("rulebook_decision", "ledger_payment", "ledger_entry")
_REASON = "a measurement in a home of its own"


def run(home: str, rows: int, rounds: int = ROUNDS) -> None:
    """In a process of its own: Django belongs to one home."""
    with opened(home):
        measure(rows, rounds)


def measure(rows: int, rounds: int = ROUNDS) -> None:
    """In an opened home that is seeded with at least rows / 2 members."""
    from unionhall.benefits.actions.medical import checking, receiving, running
    from unionhall.foundation.actors import system_actor
    from unionhall.ledger import checking as books
    from unionhall.ledger.actions import open_budget
    from unionhall.organisations.models import Organisation

    actor = system_actor()
    top = Organisation.objects.everywhere(reason=_REASON).order_by("path").first()
    assert top is not None
    budget = open_budget(actor, organisation=top, programme="medical_aid", year=YEAR, amount=10**11)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settlements.csv"
        written, total = _write(path, rows)
        file = receiving.receive(
            actor, organisation=top, path=path, name=path.name, number="BENCH", insurer="bench", year=YEAR,
            stated_rows=written, stated_total=total, queue=False,
        )  # fmt: skip
        spent, _, file = _timed(partial(checking.check, file.pk))
        assert file.state == "checked", file.message
        tell("adjudicate.check", written / spent, "lines/s")
        made: dict[str, int] = {}
        ours: list[tuple[float, float]] = []
        theirs: list[tuple[float, float]] = []
        receiving.start(actor, file=file, queue=False)
        for left in reversed(range(rounds)):
            _settle()
            spent, busy, file = _timed(partial(running.adjudicate, file.pk))
            assert file.state == "paid", (file.state, file.message)
            ours.append((spent, busy))
            made = _counts()
            files = _copied_out(Path(folder))
            _emptied(budget, whole=False)
            _settle()
            spent, busy, _ = _timed(partial(_copied_in, files))
            theirs.append((spent, busy))
            assert _counts() == made, "COPY left other rows"
            if left:
                _emptied(budget, whole=True)
                _again(file)
        tell(
            "adjudicate", written / median([one for one, _ in ours]), "lines/s",
            written / median([one for one, _ in theirs]), lines=written, payments=made["ledger_payment"],
            seconds=_rounded(ours, 0), copy_seconds=_rounded(theirs, 0), cpu_seconds=_rounded(ours, 1),
            copy_cpu_seconds=_rounded(theirs, 1),
        )  # fmt: skip
        _again(file, keep=True)
        spent, _, file = _timed(partial(running.adjudicate, file.pk))
        assert _counts() == made, "a second run paid again"
        assert file.state == "paid"
        assert books.audit() == [], "the books do not balance"
        tell("adjudicate.again", spent * 1000, "ms", paid=0)


def _rounded(measured: list[tuple[float, float]], place: int) -> list[float]:
    return [round(one[place], 1) for one in measured]


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock, seconds of processors (ours and those of our connection's server process), the answer."""
    start, busy = perf_counter(), _busy()
    answer = work()
    return perf_counter() - start, _busy() - busy, answer


def _busy() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    # utime and stime, the 14th and 15th field; the name before them may hold blanks.
    ticks = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + process_time()


def _write(path: Path, rows: int) -> tuple[int, Any]:
    """Two settlements of one person, the first below the deductible more often than not; answers the totals."""
    from decimal import Decimal

    from unionhall.foundation.sealing import ring
    from unionhall.members.models import Membership

    members = Membership.objects.everywhere(reason=_REASON).filter(
        period__upper_inf=True, joined_on__lt=f"{YEAR}-01-01"
    )
    people = list(
        members.order_by("person_id").values_list("person__name", "person__id_number", "person__id_type")[
            : rows // 2
        ]
    )
    numbers = ring().open_many([cast(Any, sealed).blob for _, sealed, _ in people])
    total, count = 0, 0
    with path.open("w", encoding="utf-8") as out:
        out.write("结算号,结算日期,姓名,证件类型,证件号码,个人自付金额,病种\n")
        for turn, base in enumerate((60_000, 300_000)):
            for place, ((name, _, kind), number) in enumerate(zip(people, numbers, strict=True)):
                cents = base + place * 7919 % 500_000
                total, count = total + cents, count + 1
                day = (place + turn * 11) % DAYS + 1
                out.write(
                    f"B{turn}{place:08d},{YEAR}-05-{day:02d},{name},{kind},{number},{cents / 100:.2f},肺炎\n"
                )
    return count, Decimal(total).scaleb(-2)


def _counts() -> dict[str, int]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            (found[table],) = cursor.fetchone()
    return found


def _copied_out(folder: Path) -> dict[str, Path]:
    from django.db import connection

    files = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            files[table] = folder / f"{table}.copy"
            # The order of keys is the order in which the rows were written.
            made = "WHERE payment_id IS NOT NULL" if table == "ledger_entry" else ""
            statement = f"COPY (SELECT * FROM {table} {made} ORDER BY id) TO STDOUT (FORMAT binary)"
            with files[table].open("wb") as out, cursor.copy(statement) as copy:
                for piece in copy:
                    out.write(piece)
    return files


def _copied_in(files: dict[str, Path]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        # As the ledger does: what refers to other rows is checked statement by statement.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, path in files.items():
            with path.open("rb") as source, cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                while piece := source.read(1 << 20):
                    copy.write(piece)


def _emptied(budget: Any, *, whole: bool) -> None:
    """Take the finished rows away; with `whole` the books and the lines go back to where the run began."""
    from django.db import connection

    with connection.cursor() as cursor:
        if whole:
            cursor.execute(
                "UPDATE benefits_settlementline SET outcome = '', reason = '', amount = 0, decision_id = NULL,"
                " decided_at = NULL WHERE state = 'matched'"
            )
            cursor.execute(
                "UPDATE ledger_ledgeraccount SET balance = CASE kind WHEN 'available' THEN %s ELSE 0 END"
                " WHERE budget_id = %s AND kind <> 'granted'",
                [budget.amount, budget.pk],
            )
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM ledger_entry WHERE payment_id IS NOT NULL")
        cursor.execute("DELETE FROM ledger_payment")
        cursor.execute("DELETE FROM rulebook_decision")
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in (*TABLES, "benefits_settlementline"):
            cursor.execute(
                f"VACUUM FULL {table}" if table != "benefits_settlementline" else f"VACUUM {table}"
            )


def _again(file: Any, *, keep: bool = False) -> None:
    """Have the job run once more; the lines keep what they are."""
    from unionhall.benefits.models import SettlementFile

    rows = SettlementFile.objects.everywhere(reason=_REASON).filter(pk=file.pk)
    rows.update(state=SettlementFile.State.ADJUDICATING, done=0 if not keep else file.done)


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in (*TABLES, "benefits_settlementline", "members_person", "members_membership"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
