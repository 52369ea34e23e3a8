"""`python -m bench`: every figure as a line of JSON.

    python -m bench                        a smaller set in about five minutes, in databases of its own
    python -m bench --scale city           everything at the size of the source
    python -m bench --home HOME            search, rollup, pages, card, eligibility, network in a seeded home
    python -m bench --only search,tree     some of them
    python -m bench --only intake --rows 300000    so many rows into a registry that holds as many

A home that is given is left as it was: files are brought in and trees are built in databases that go away. Progress
is told on stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .figure import line
from .home import ROOT, opened, seeded, settle, temporary

KINDS = (
    "search",
    "rollup",
    "pages",
    "tree",
    "intake",
    "growth",
    "eligibility",
    "adjudicate",
    "enrol",
    "redeem",
    "assign",
    "mediators",
    "cases",
    "network",
)


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    people: int
    nodes: int
    samples: int
    seconds: float
    sizes: tuple[int, ...]
    growth: int
    intake: tuple[str, ...]
    settlements: int
    cases: int


SCALES = {
    "small": Scale(
        100_000, 6_000, 40, 4.0, (30_000, 100_000), 20_000,
        ("--rows", "30000", "--held", "30000", "--xlsx-rows", "5000", "--peer-rows", "2000"),
        50_000,
        100_000,
    ),
    "city": Scale(
        2_920_000, 61_000, 100, 10.0, (300_000, 1_000_000, 3_000_000, 10_000_000), 1_000_000,
        ("--rows", "1000000", "--held", "1000000", "--xlsx-rows", "100000", "--peer-rows", "20000"),
        1_000_000,
        1_000_000,
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument(
        "--home", type=Path, help="a seeded home to measure search, rollup, pages and card in"
    )
    parser.add_argument("--only", default=",".join(KINDS), help="some of: " + ", ".join(KINDS))
    parser.add_argument(
        "--rows",
        type=int,
        help="rows of intake (and people held before), of adjudicate, or cases, instead of the scale's",
    )
    parser.add_argument("--cases", default="inbox,clocks,search", help="what of cases is measured")
    parser.add_argument("--in-home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    scale, wanted = SCALES[options.scale], options.only.split(",")
    if unknown := set(wanted) - set(KINDS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.in_home:
        _in_home(options.in_home, scale, wanted)
        return
    _machine(options.scale)
    began = time.monotonic()
    with ExitStack() as stack:
        if {"search", "rollup", "pages", "eligibility", "enrol", "network"} & set(wanted):
            home = options.home
            if home is None:
                home = stack.enter_context(temporary())
                _say(f"seeding {scale.people:,} people")
                seeded(home, scale.people)
            _again(options.scale, wanted, home)
    if "tree" in wanted:
        _say("tree")
        with temporary() as home:
            _run("-c", f"from bench import tree; tree.measure({str(home)!r}, {scale.nodes})")
    if "intake" in wanted:
        _say("intake")
        _intake(scale, options.rows)
    if "adjudicate" in wanted:
        lines = options.rows or scale.settlements
        _say(f"adjudicate: seeding for {lines:,} settlements")
        with temporary() as home:
            seeded(home, lines)
            _run("-c", f"from bench import adjudicate; adjudicate.run({str(home)!r}, {lines})")
    if "redeem" in wanted:
        _say("redeem")
        with temporary() as home:
            _run("-c", f"from bench import redeem; redeem.measure({str(home)!r})")
    if "mediators" in wanted:
        _say("mediators")
        with temporary() as home:
            _run("-c", f"from bench import mediators; mediators.measure({str(home)!r})")
    if "assign" in wanted:
        _say("assign")
        _run("-c", "from bench import assign; assign.measure()")
        with temporary() as home:
            _run("-c", f"from bench import assign; assign.measure_action({str(home)!r})")
    if "cases" in wanted:
        items = options.rows or scale.cases
        _say(f"cases: {items:,}")
        with temporary() as home:
            _run(
                "-c", f"from bench import cases; cases.measure({str(home)!r}, {items}, {cases_of(options)!r})"
            )
    if "growth" in wanted:
        from . import growth

        _say("growth")
        growth.measure(scale.sizes, scale.growth)
    _say(f"done in {time.monotonic() - began:.0f} s")


def cases_of(options: argparse.Namespace) -> set[str]:
    """What of cases is measured: `--cases inbox,clocks`, or all."""
    return set(options.cases.split(","))


def _in_home(home: Path, scale: Scale, wanted: list[str]) -> None:
    with opened(home):
        from . import eligibility, enrol, network, pages, rollup, search

        settle()
        if "search" in wanted:
            _say("search")
            search.measure(scale.samples)
        if "rollup" in wanted:
            _say("rollup")
            rollup.measure(scale.samples * 2)
        if "network" in wanted:
            _say("network")
            network.measure(scale.samples * 2)
        if "eligibility" in wanted:
            _say("eligibility")
            eligibility.measure(scale.samples * 2)
        if "pages" in wanted:
            _say("pages")
            pages.measure(scale.seconds)
        if "enrol" in wanted:
            _say("enrol")
            enrol.measure()


def _again(scale: str, wanted: list[str], home: Path) -> None:
    """In a process of its own: Django belongs to one home."""
    _run("-m", "bench", "--scale", scale, "--only", ",".join(wanted), "--in-home", str(home))


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)


def _intake(scale: Scale, rows: int | None) -> None:
    """`bench/intake.py` has a database of its own; its lines get their targets here."""
    command = [sys.executable, str(ROOT / "bench" / "intake.py"), *scale.intake]
    if rows:
        command += ["--rows", str(rows), "--held", str(rows)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for text in running.stdout:
            found = json.loads(text)
            first = [found.pop(name) for name in ("name", "value", "unit", "baseline", "ratio")]
            print(line(*first, **found), flush=True)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)


def _machine(scale: str) -> None:
    """What the figures were measured on, for whoever reads them later; no figure itself."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    told = {"scale": scale, "cpus": os.cpu_count(), "memory_gb": round(memory, 1), "load": os.getloadavg()[0]}
    _say(json.dumps(told | {"python": platform.python_version(), "machine": platform.machine()}))


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
