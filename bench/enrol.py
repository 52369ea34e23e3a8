"""enrol.*: everyone who holds a card is enrolled in the gifted covers of the seeded province, from an empty table.

`enrol.first` is the first run over all cards: 2.92 million cards and three covers within five minutes on two cores
(issue 4). `enrol.nothing` is the run after it, which finds nobody; `enrol.memory` the most that this process held,
against what it held after a tenth of the cards: it must not grow with them. Afterwards the home is as it was.
"""

from __future__ import annotations

import time
from typing import Any

from .figure import tell

LIMIT_SECONDS, CITY = 300.0, 2_920_000
_TABLES = "benefits_coverpaper, benefits_coverclaim, benefits_coverchange, benefits_coverenrolment"


def measure() -> None:
    """Tell the figures. Refuses where somebody has claimed: enrolments under claims are not to be thrown away."""
    from django.db import connection

    from unionhall.benefits.actions import cover_enrolment as cover

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM benefits_coverclaim) OR EXISTS (SELECT FROM benefits_coverroll)"
        )
        (used,) = cursor.fetchone()
        if used:
            raise SystemExit(
                "bench enrol: somebody has claimed or a roll was made in this home; take another one"
            )
        cursor.execute("SELECT EXISTS (SELECT FROM benefits_coverenrolment)")
        (enrolled,) = cursor.fetchone()
        cursor.execute(f"TRUNCATE {_TABLES}")
        cursor.execute("SELECT count(*) FROM members_card WHERE status <> 'revoked'")
        (cards,) = cursor.fetchone()
    try:
        _tell(cover, cards)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES}")
        if enrolled:
            cover.sweep()


def _tell(cover: Any, cards: int) -> None:
    held: list[int] = []
    early: list[int] = []

    def watch(done: int, last: int) -> None:
        held.append(_resident())
        if done * 10 >= last and not early:
            early.append(held[-1])

    began = time.perf_counter()
    first = cover.sweep(told=watch)
    seconds = time.perf_counter() - began
    allowed = LIMIT_SECONDS * cards / CITY
    tell(
        "enrol.first",
        seconds,
        "s",
        allowed,
        cards=cards,
        enrolled=first.enrolled,
        covers=len(first.programmes),
    )
    tell("enrol.rate", first.enrolled / seconds, "rows/s")
    tell(
        "enrol.memory",
        max(held),
        "MB",
        early[0] if early else None,
        after_a_tenth=early[0] if early else None,
    )
    began = time.perf_counter()
    again = cover.sweep()
    assert (again.enrolled, again.ended) == (0, 0), again
    tell("enrol.nothing", time.perf_counter() - began, "s", seconds)
    began = time.perf_counter()
    cover.sweep(everyone=False)
    tell("enrol.often", time.perf_counter() - began, "s")


def _resident() -> int:
    """This process's resident memory in megabytes."""
    with open("/proc/self/statm", encoding="ascii") as found:
        return int(found.read().split()[1]) * 4096 // 2**20
