"""network.*: the nearest open stations for a reader somewhere in the city, and how far the network reaches.

`network.nearest` is all that the page asks of the database for a place: how far to look, and the first page of what is
open at ten on a weekday, nearest first. `network.coverage.*` are the figures of a union, `.below` those of each union
directly below it, through the eyes of its officer.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from .eyes import Eyes, places
from .figure import median, p95, sql_time, tell

PAGE = 21


def measure(samples: int = 200) -> None:
    from django.utils import timezone

    from unionhall.network.models import Node

    rows = Node.objects.everywhere(reason="where the union's stations stand is public").receiving()
    nodes = list(rows.filter(latitude__isnull=False).values_list("latitude", "longitude"))
    if not nodes:
        raise SystemExit("bench: this home has no stations; seed one with the present version")
    day = timezone.localdate()
    day -= timedelta(days=max(0, day.weekday() - 4))
    _nearest(rows, nodes, timezone.make_aware(datetime.combine(day, time(10))), samples)
    _coverage(max(5, samples // 10), len(nodes))


def _nearest(rows: Any, nodes: list[tuple[Any, Any]], now: datetime, samples: int) -> None:
    """People stand around stations, up to some ten kilometres off."""
    from django.db import connection

    from unionhall.network import nearness, opening

    luck, times, plain, statements = Random(7), [], [], 0  # noqa: S311 — not a secret
    pk = rows.values_list("pk", flat=True).first()
    for _ in range(samples):
        latitude, longitude = luck.choice(nodes)
        point = latitude + luck.uniform(-0.08, 0.08), longitude + luck.uniform(-0.08, 0.08)
        with sql_time() as clock:
            found = opening.open_at(rows, now)
            reach = nearness.reach_for(found, *point)
            near: Any = nearness.near(found, *point, reach)
            list(near.order_by("metres", "pk")[:PAGE])
        times.append(clock.ms)
        statements = max(statements, clock.statements)
        with sql_time() as clock, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM network_node WHERE id = %s", [pk])
            cursor.fetchall()
        plain.append(clock.ms)
    tell("network.nearest", p95(times), "ms", p95(plain), stations=len(nodes), statements=statements)


def _coverage(samples: int, stations: int) -> None:
    from unionhall.network import coverage

    for level, union in places().items():
        if level == "chair":
            continue
        access = Eyes((union.path[:4],))
        for name, work in (("", coverage.values), (".below", coverage.rows)):
            times, statements = [], 0
            for _ in range(samples):
                with sql_time() as clock:
                    work(union, access)
                times.append(clock.ms)
                statements = clock.statements
            more: dict[str, Any] = {
                "stations": stations,
                "statements": statements,
                "median": round(median(times), 1),
            }
            tell(f"network.coverage.{level}{name}", p95(times), "ms", **more)
