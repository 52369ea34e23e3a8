"""What is measured of every request, for Prometheus; and the facts that rooms tell when they are asked.

Requests are counted by the name of their route, never by path. With several server processes the counts lie in small
files of `PROMETHEUS_MULTIPROC_DIR` (set by `unionhall serve`), and whichever process is asked adds them up. Facts of
the database (queues, ages) are looked up when somebody scrapes, so they cost nothing in between.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

log = logging.getLogger("unionhall.metrics")

#: Set before this module is imported: prometheus_client decides then where it counts.
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_own = CollectorRegistry()
REQUESTS = Counter("unionhall_requests", "Requests answered.", ("route", "method", "status"), registry=_own)
SECONDS = Histogram(
    "unionhall_request_seconds", "Time to the answer.", ("route",), buckets=BUCKETS, registry=_own
)
DATABASE_SECONDS = Counter(
    "unionhall_request_database_seconds", "Time spent in the database by requests.", ("route",), registry=_own
)
QUERIES = Counter("unionhall_request_queries", "Database statements of requests.", ("route",), registry=_own)


@dataclass
class Spent:
    """Time and statements of one request so far."""

    began: float = field(default_factory=time.perf_counter)
    database: float = 0.0
    queries: int = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Django's execute wrapper."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.database += time.perf_counter() - began
            self.queries += 1

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


@contextmanager
def spending() -> Iterator[Spent]:
    """Count the statements of this thread's connection while the block lasts."""
    from django.db import connection

    spent = Spent()
    with connection.execute_wrapper(spent):
        yield spent


def observe(route: str, method: str, status: int, spent: Spent) -> None:
    """Count one request that was answered."""
    REQUESTS.labels(route, method if method in METHODS else "other", str(status)).inc()
    SECONDS.labels(route).observe(spent.seconds)
    if spent.queries:
        DATABASE_SECONDS.labels(route).inc(spent.database)
        QUERIES.labels(route).inc(spent.queries)


@dataclass(frozen=True)
class Fact:
    """Something a room tells when asked: values by labels, in the order of `labels`."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    look: Callable[[], Iterable[tuple[tuple[str, ...], float]]]


_facts: list[Fact] = []


def declare(name: str, meaning: str, *labels: str) -> Callable[[Any], Any]:
    """Declare a fact: the function answers one number, or pairs of label values and number."""

    def register(look: Callable[[], Any]) -> Callable[[], Any]:
        def values() -> Iterable[tuple[tuple[str, ...], float]]:
            found = look()
            return found if labels else ([((), float(found))] if found is not None else [])

        _facts.append(Fact(name, meaning, labels, values))
        return look

    return register


class _Facts:
    """The facts as a collector. One that cannot be looked up is left out, and said so."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        failed = 0
        for fact in _facts:
            family = GaugeMetricFamily(fact.name, fact.meaning, labels=fact.labels)
            try:
                for values, number in fact.look():
                    family.add_metric([str(value) for value in values], number)
            except Exception:
                failed += 1
                log.exception("a metric could not be looked up name=%s", fact.name)
                continue
            yield family
        yield GaugeMetricFamily("unionhall_facts_failed", "Facts that could not be looked up.", value=failed)


def exposition() -> bytes:
    """Everything in Prometheus' text form."""
    asked = CollectorRegistry()
    if os.environ.get(DIRECTORY):
        multiprocess.MultiProcessCollector(asked)  # type: ignore[no-untyped-call]
    asked.register(_Facts())
    own = b"" if os.environ.get(DIRECTORY) else generate_latest(_own)
    return own + generate_latest(asked)
