"""assign: so many firms to so many lawyers, at most ten each, by area; with what of them nobody serves.

`assign.spread` is the rule alone, `assign.action` what the desk does: firms and lawyers read, the plan made again and
compared with the one that was shown, rows written under their exclusion constraint, journalled, in one transaction. Its
baseline is one INSERT … SELECT of the same rows.

The places are those of a province: firms and lawyers unevenly over the counties of 21 cities, every place of every
lawyer needed, one in ten barred from five firms. The baseline is one look at every pair, which decides nothing.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from unionhall.cases.rules.assigning import Candidate, Unit, how_near, nearness, spread

from .figure import tell, timed
from .home import opened, unionhall

FIRMS, LAWYERS, MOST = 10_000, 1_000, 10
#: So many pairs of the baseline are looked at, and the time is scaled to all.
PAIRS = 1_000_000


def made(firms: int, lawyers: int) -> tuple[list[Unit], list[Candidate]]:
    luck = random.Random(51)  # noqa: S311
    counties = [f"51{city:02}{county:02}" for city in range(1, 22) for county in range(1, 9 + city % 2)]
    weights = [luck.paretovariate(1.2) for _ in counties]
    units = [
        Unit(key, area, frozenset({key}))
        for key, area in enumerate(luck.choices(counties, weights, k=firms), 1)
    ]
    places = luck.choices(counties, [weight**0.5 for weight in weights], k=lawyers)
    rows = [
        Candidate(
            key,
            area,
            capacity=MOST,
            conflicts=frozenset(luck.sample(range(1, firms + 1), 5)) if luck.random() < 0.1 else frozenset(),
        )
        for key, area in enumerate(places, 1)
    ]
    return units, rows


def measure(firms: int = FIRMS, lawyers: int = LAWYERS) -> None:
    units, rows = made(firms, lawyers)
    began = time.perf_counter()
    for unit in units[: PAIRS // lawyers]:
        for one in rows:
            nearness(one.area, unit.area)
    baseline = (time.perf_counter() - began) * len(units) / min(len(units), PAIRS // lawyers)
    began = time.perf_counter()
    found = spread(units, rows, most=MOST)
    seconds = time.perf_counter() - began
    near = {how_near(digits): count for digits, count in found.by_nearness().items()}
    tell("assign.spread", seconds, "s", baseline, firms=firms, lawyers=lawyers, near=near)
    tell("assign.uncovered", len(found.uncovered), "firms")


def measure_action(home: Path | str, firms: int = FIRMS, lawyers: int = LAWYERS) -> None:
    """The same in a database: in an empty home, under the province of a tiny seed."""
    unionhall(home, "migrate")
    unionhall(home, "seed", "--scale", "tiny")
    with opened(home):
        _action(firms, lawyers)


def _action(firms: int, lawyers: int) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from unionhall.cases.actions import lawyers_counsel
    from unionhall.cases.models import FirmCounsel, Lawyer
    from unionhall.foundation.actors import system_actor
    from unionhall.organisations.models import Organisation

    why, today = "the bench's own rows", timezone.localdate()
    Lawyer.objects.everywhere(reason=why).update(until=today)
    FirmCounsel.objects.everywhere(reason=why).delete()
    province = Organisation.objects.everywhere(reason=why).get(level=1, parent=None)
    _fill(province, firms, lawyers)
    settle_analyse(connection)
    actor = system_actor("bench")
    seconds, plan = timed(lambda: lawyers_counsel.plan(province, most=MOST, day=today))
    tell("assign.preview", seconds, "s", firms=len(plan.spread.placings))
    seconds, batch = timed(
        lambda: lawyers_counsel.assign_all(
            actor, organisation=province, most=MOST, months=12, expected=plan.digest
        )
    )
    again = (
        "INSERT INTO cases_firmcounsel (lawyer_id, employer_id, organisation_id, period, because, batch_id)"
        " SELECT lawyer_id, employer_id, organisation_id, daterange(upper(period), NULL), because, batch_id"
        " FROM cases_firmcounsel"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        baseline, _ = timed(lambda: cursor.execute(again))
        transaction.set_rollback(True)
    tell("assign.action", seconds, "s", baseline, placed=batch.placed)
    tell("assign.uncovered", batch.uncovered, "firms", where="action")
    seconds, _ = timed(lambda: lawyers_counsel.undo(actor, batch=batch))
    tell("assign.undo", seconds, "s")


def settle_analyse(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE organisations_employer, organisations_coverage, cases_lawyer")


def _fill(province: Any, firms: int, lawyers: int) -> None:
    """Firms covered by the province itself, in place of the seed's; lawyers on its roster."""
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from unionhall.cases.models import Lawyer
    from unionhall.organisations.models import Coverage, Employer

    why, today = "the bench's own rows", timezone.localdate()
    Coverage.objects.everywhere(reason=why).delete()
    units, rows = made(firms, lawyers)
    known = Employer.objects.bulk_create(
        [Employer(name=f"bench {one.id}", division=one.area) for one in units], batch_size=2000
    )
    period = DateRange(today, None)
    Coverage.objects.bulk_create(
        [Coverage(organisation=province, employer=one, period=period) for one in known], batch_size=2000
    )
    Lawyer.objects.bulk_create(
        Lawyer(
            organisation=province, name=f"bench {one.id}", licence=f"bench{one.id}", firm="bench",
            divisions=[one.area], most_firms=MOST, since=today,
        )
        for one in rows
    )  # fmt: skip
