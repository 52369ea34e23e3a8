"""How long a start, a join and a stop take: what every command pays."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from unionhall.foundation.postgres import Server

ROUNDS = 5


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


@pytest.mark.bench
def test_starting_joining_and_stopping_are_quick(home: Path) -> None:
    taken: dict[str, list[float]] = {"start": [], "join": [], "leave": [], "stop": []}
    for _ in range(ROUNDS):
        first, second = Server(home), Server(home)
        taken["start"].append(seconds(first.start))
        taken["join"].append(seconds(second.start))
        taken["leave"].append(seconds(second.stop))
        taken["stop"].append(seconds(first.stop))
    for what, times in taken.items():
        print(f"\nPostgreSQL {what}: median {statistics.median(times) * 1000:.0f} ms of {ROUNDS}", end="")
    print()
    assert statistics.median(taken["start"]) < 5
    assert statistics.median(taken["stop"]) < 5
