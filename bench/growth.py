"""growth.*: intake, search and rollup at several sizes, each in a database of its own; the baseline is the smallest.

python -m bench.growth --home HOME --rows N      one size, in a home that is seeded; N rows are brought in
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .figure import tell
from .home import ROOT, opened, seeded, settle, temporary


def one_size(home: Path | str, rows: int, samples: int = 40) -> dict[str, float]:
    """Figures of one seeded home, as {name: value}; brings a file in, so the home is not the same afterwards."""
    with opened(home):
        from . import intake, rollup, search

        settle()
        found = {f"search.{kind}": ms for kind, ms in search.measure(samples, "at.search").items()}
        found |= {f"rollup.{level}": ms for level, ms in rollup.measure(60, 1, "at.rollup").items()}
        found["intake"] = _rate(intake, home, rows)
    return found


def _rate(intake: Any, home: Path | str, rows: int) -> float:
    from unionhall.members.intake.planting import write_roster
    from unionhall.organisations.models import Organisation

    from .eyes import WHY, places
    from .figure import timed

    union = Organisation.objects.everywhere(reason=WHY).get(pk=places()["chair"].pk)
    path = Path(home) / "growth.csv"
    write_roster(path, rows, seed=7)
    seconds, batch = timed(lambda: intake.bring_in(union, path))
    assert batch.counts["new"] == rows, batch.counts
    return rows / seconds


def measure(sizes: Sequence[int], rows: int) -> None:
    """Every size in a process of its own, with a file of so many rows; the smallest is the measure of the others."""
    first: dict[str, float] = {}
    for people in sizes:
        with temporary() as home:
            seeded(home, people)
            command = [sys.executable, "-m", "bench.growth", "--home", str(home), "--rows", str(rows)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        first = first or found
        for name, value in found.items():
            unit = "rows/s" if name == "intake" else "ms"
            tell(f"growth.{name}", value, unit, first.get(name), people=people)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args()
    print(json.dumps(one_size(options.home, options.rows)))


if __name__ == "__main__":
    main()
