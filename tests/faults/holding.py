"""Acts that tell from within how far they came (a file appears), so that something can happen to them just then."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from .wandering import Wanderer


def fold_and_hold(marker: str, seed: int) -> None:
    """Write at a desk, fold it all, and be hit before the fold is committed: ended by whatever ends the server."""
    from unionhall.insights import rollups

    desk = Wanderer(seed)
    for _ in range(20):  # a desk may be refused twelve times running
        desk.go(12)
        with transaction.atomic():
            if rollups.fold():
                _reached(marker)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(60)")
    raise AssertionError("nothing was there to fold")


def reseal_in_small_steps(marker: str, steps: int) -> bool:
    """Seal anew in many short transactions; tell when so many are committed, and go on."""
    from unionhall.foundation import resealing, sealing

    sealing.follow()
    resealing.CHUNK = 10
    left = iter(range(steps))

    def told(_: object) -> None:
        if next(left, None) is None:
            _reached(marker)

    return resealing.run(report=told)


def rosters(folder: str, seed: int, times: int) -> dict[str, int]:
    """One of eight desks: take in small rosters, write them, and take every other one back."""
    from . import acts

    done = {"commit": 0, "undo": 0}
    for turn in range(times):
        path = Path(folder) / f"desk-{seed}-{turn}.csv"
        acts.roster(str(path), 25, 0, seed * 100 + turn)
        batch = acts.receive(str(path), acts.union(seed % 3))
        acts.check(batch)
        acts.ask_commit(batch)
        assert acts.commit(batch)["state"] == "committed"
        done["commit"] += 1
        if turn % 2 == 0:
            acts.ask_undo(batch)
            assert acts.undo(batch)["state"] == "undone"
            done["undo"] += 1
    return done


def _reached(marker: str) -> None:
    Path(marker).touch()
