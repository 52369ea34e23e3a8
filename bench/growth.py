"""growth.*: intake, search and rollup at several sizes, each in a database of its own; the baseline is the smallest.

python -m bench.growth --home HOME      one size, in a home that is seeded
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

#: Rows of the file that is brought in at every size.
ROWS = 50_000


def one_size(home: Path | str, rows: int = ROWS, samples: int = 40) -> dict[str, float]:
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


def measure(sizes: Sequence[int]) -> None:
    """Every size in a process of its own; the smallest is told too, so that the others can be read against it."""
    first: dict[str, float] = {}
    for people in sizes:
        with temporary() as home:
            seeded(home, people)
            command = [sys.executable, "-m", "bench.growth", "--home", str(home)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        first = first or found
        for name, value in found.items():
            unit = "rows/s" if name == "intake" else "ms"
            tell(f"growth.{name}", value, unit, first.get(name), people=people)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    print(json.dumps(one_size(parser.parse_args().home)))


if __name__ == "__main__":
    main()
