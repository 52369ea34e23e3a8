"""mediators: who could take a dispute, ranked among ten thousand mediators with the reasons, and why others cannot.

Bodies stand at the province, cities, counties and streets; a dispute is in the union of a workplace (bodies above it),
of a county or of the province (all of them). One mediator in twenty has a case. A figure is the 95th percentile of the
whole: statements, rule, words; `statements` and `sql_ms` beside it. The baseline is reading the same roster's rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from .figure import p95, sql_time, tell, timed
from .home import opened, seeded

WHY = "the bench's own rows"
ROUNDS = 20
CAUSES = ("wages", "injury", "dismissal", "insurance", "contract")


def measure(home: Path | str, count: int = 10_000) -> None:
    """In an empty home: unions, bodies, so many mediators, disputes at three levels."""
    seeded(home, 20_000)
    with opened(home):
        _rosters(count)
        for label, cases in _disputes():
            _rank(label, cases, count)


def _rosters(count: int) -> None:
    from django.utils import timezone

    from unionhall.cases.models import MediationBody, Mediator
    from unionhall.organisations.models import Organisation

    since = timezone.localdate() - timedelta(days=900)
    unions = list(
        Organisation.objects.everywhere(reason=WHY)
        .filter(kind__in=["federation", "street"], level__lte=4)
        .order_by("level", "path")[: count // 20]
    )
    kinds = {1: "city", 2: "city", 3: "county", 4: "street"}
    bodies = MediationBody.objects.bulk_create(
        MediationBody(
            organisation=one,
            kind=kinds[one.level],
            name=f"调解组织{one.pk}",
            division=one.division,
            since=since,
        )
        for one in unions
    )
    Mediator.objects.bulk_create(
        Mediator(
            body=(body := bodies[number % len(bodies)]), name=f"调解员{number}", divisions=[body.division],
            languages=["mandarin"], skills=[CAUSES[number % 5], CAUSES[number % 3]], most=5, since=since,
        )
        for number in range(count)
    )  # fmt: skip


def _disputes() -> Iterator[tuple[str, list[Any]]]:
    """So many at a workplace, a county and the province; one mediator in twenty has a case of his own area."""
    from django.db import connection, transaction
    from django.utils import timezone

    from unionhall.cases.models import Mediation, Mediator
    from unionhall.organisations.models import Organisation

    unions = Organisation.objects.everywhere(reason=WHY)
    found: dict[str, list[Any]] = {}
    for label, level in (("workplace", 5), ("county", 3), ("province", 1)):
        rows = unions.filter(level=level, kind__in=["federation", "grassroots"]).order_by("path")
        places = list(rows[:: max(1, rows.count() // ROUNDS)])[:ROUNDS]
        places = (places * ROUNDS)[:ROUNDS]
        with transaction.atomic():
            found[label] = [_opened(one, CAUSES[number % 5]) for number, one in enumerate(places)]
    mediators = list(Mediator.objects.everywhere(reason=WHY).select_related("body").order_by("pk")[::2])
    with transaction.atomic():
        more = [_opened(one.body.organisation, "wages") for one in mediators[: len(mediators) // 10]]
    now = timezone.now()
    Mediation.objects.bulk_create(
        Mediation(case=case, body=one.body, mediator=one, because="", assigned_by="bench", assigned_at=now)
        for case, one in zip(more, mediators, strict=False)
    )
    with connection.cursor() as cursor:
        for table in ("cases_mediator", "cases_mediation", "cases_mediationbody", "cases_case"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    yield from found.items()


def _opened(union: Any, cause: str) -> Any:
    from unionhall.cases.actions import core
    from unionhall.foundation.actors import system_actor

    return core.open_case(
        system_actor("bench"), kind="dispute", organisation=union, title="拖欠工资", channel="0",
        division=union.division, cause=cause, statement="拖欠三个月工资",
    )  # fmt: skip


def _rank(label: str, cases: list[Any], count: int) -> None:
    from unionhall.cases.actions import mediation
    from unionhall.cases.models import Mediator

    mediation.ranked(cases[0])
    spent, asked, in_sql, sizes = [], [], [], []
    for case in cases:
        with sql_time() as clock:
            seconds, (able, unable) = timed(partial(mediation.ranked, case))
        spent.append(seconds * 1000)
        asked.append(clock.statements)
        in_sql.append(clock.ms)
        sizes.append(len(able) + len(unable))
    rows = Mediator.objects.everywhere(reason=WHY).select_related("body").order_by("pk")
    bare, _ = timed(lambda: list(rows[: max(sizes)]))
    tell(
        f"mediators.{label}", p95(spent), "ms", bare * 1000, mediators=count, among=max(sizes),
        statements=max(asked), sql_ms=round(p95(in_sql), 1),
    )  # fmt: skip
