"""One measured figure as a line of JSON: what was measured, against what, what was to be reached, whether it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["TARGETS", "Target", "median", "meets", "p95", "sql_time", "tell", "timed"]


@dataclass(frozen=True)
class Target:
    """What a figure has to reach: `of` is "ratio" or "value", `least` or `most` the bound."""

    of: str
    least: float | None = None
    most: float | None = None

    def reached(self, value: float, ratio: float | None) -> bool | None:
        found = value if self.of == "value" else ratio
        if found is None:
            return None
        return (self.least is None or found >= self.least) and (self.most is None or found <= self.most)

    def __str__(self) -> str:
        bound = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return f"{self.of} {bound}"


#: By the beginning of a figure's name; the longest that fits holds. A figure may have several.
TARGETS: dict[str, tuple[Target, ...]] = {
    "intake.csv": (Target("ratio", least=0.7),),
    "intake.first": (Target("ratio", least=1.5),),
    "intake.xlsx": (Target("ratio", least=0.7),),
    # Its ratio is that of the larger file to the smaller: what grows with the file.
    "intake.memory": (Target("value", most=1024), Target("ratio", most=1.15)),
    "intake.vs_import_export.insert": (Target("ratio", least=10),),
    "intake.vs_import_export.again": (Target("ratio", least=50),),
    "tree.build": (Target("ratio", least=50),),
    "tree.move": (Target("ratio", least=1),),
    "tree.move_action": (Target("ratio", least=1),),
    "tree.count": (Target("ratio", least=1),),
    "rollup.province": (Target("value", most=5), Target("ratio", least=100)),
    "rollup.": (Target("value", most=5),),
    "search.": (Target("value", most=20),),
    "pages.throughput": (Target("ratio", least=0.6),),
    "pages.p95": (Target("value", most=150),),
    "adjudicate": (Target("ratio", least=0.5),),
    "adjudicate.check": (),
    "adjudicate.again": (),
    "card.verify": (Target("ratio", least=0.7),),
    "card.verify_p95": (),
    "eligibility.all": (Target("ratio", least=0.5),),
    "eligibility.one": (Target("value", most=20),),
    # The baseline is what five minutes for 2.92 million cards allow this many.
    "enrol.first": (Target("ratio", least=1),),
    "enrol.memory": (Target("ratio", most=1.15),),
    "assign.spread": (Target("value", most=10),),
    "assign.action": (Target("value", most=10),),
    "assign.uncovered": (Target("value", most=0),),
    "inbox.": (Target("value", most=30),),
    "network.nearest": (Target("value", most=30),),
    "clocks.recompute": (Target("ratio", least=0.3),),
    "case_search.": (Target("value", most=100),),
    "redeem.once": (Target("value", least=1, most=1),),
    "redeem.throughput": (Target("ratio", least=0.5),),
    "growth.intake": (Target("ratio", least=0.75),),
    "growth.search": (Target("value", most=20), Target("ratio", least=0.5)),
    "growth.rollup": (Target("value", most=5), Target("ratio", least=0.5)),
}


def targets_of(name: str) -> tuple[Target, ...]:
    fitting = [beginning for beginning in TARGETS if name.startswith(beginning)]
    return TARGETS[max(fitting, key=len)] if fitting else ()


def meets(name: str, value: float, ratio: float | None) -> bool | None:
    """Whether a figure reaches all its targets; None when it has none."""
    found = [target.reached(value, ratio) for target in targets_of(name)]
    return all(found) if found and None not in found else None


def tell(name: str, value: float, unit: str, baseline: float | None = None, **more: Any) -> None:
    """Print one figure. For rates the ratio is value / baseline; for times (ms, s) it is baseline / value, so that
    more is always better."""
    ratio = None
    if baseline and value:
        ratio = baseline / value if unit in {"ms", "s"} else value / baseline
    print(line(name, value, unit, baseline, ratio, **more), flush=True)


def line(name: str, value: float, unit: str, baseline: float | None, ratio: float | None, **more: Any) -> str:
    told: dict[str, Any] = {
        "name": name,
        "value": _short(value),
        "unit": unit,
        "baseline": None if baseline is None else _short(baseline),
        "ratio": None if ratio is None else _short(ratio),
        "target": " and ".join(map(str, targets_of(name))) or None,
        "met": meets(name, value, ratio),
    }
    return json.dumps(told | more, ensure_ascii=False)


def _short(value: float) -> float:
    """Three figures after the point for small numbers, one for large ones."""
    return round(value, 1 if abs(value) >= 100 else 3)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that the work took, and its answer."""
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed (nearest rank)."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


class Clock:
    """Milliseconds spent in the database while it was listening, and how many statements."""

    def __init__(self) -> None:
        self.ms, self.statements = 0.0, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.ms += (time.perf_counter() - began) * 1000
            self.statements += 1


@contextmanager
def sql_time() -> Iterator[Clock]:
    """Listen to the statements of the block."""
    from django.db import connection

    clock = Clock()
    with connection.execute_wrapper(clock):
        yield clock
