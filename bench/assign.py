"""assign: so many firms to so many lawyers, at most ten each, by area; with what of them nobody serves.

The places are those of a province: firms and lawyers unevenly over the counties of 21 cities, every place of every
lawyer needed, one in ten barred from five firms. The baseline is one look at every pair, which decides nothing.
"""

from __future__ import annotations

import random
import time

from unionhall.cases.rules.assigning import Candidate, Unit, how_near, nearness, spread

from .figure import tell

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
