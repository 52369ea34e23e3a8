"""Cells that may leave the house: the figures of each area, without those that are about a few people.

Facts stay with the operator of the federation. What one federation gives to another, or to the national one, are these
cells: counts by area, small ones withheld, and so many more that neither an area's total nor a total over all areas
(which anyone may know from elsewhere) gives them away. Numbers of unions are public and are given as they are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from unionhall.organisations.models import Organisation

from .. import disclosure
from ..rules import withheld, withheld_rows
from . import figures
from .facts import FACTS
from .writing import CELLS_KIND, Manifest, manifest_of

WHOLE = "members.count"
#: The five that are parts of all members; each stands in a column beside the others.
PARTS = (WHOLE, "members.women", "members.migrant", "members.new_form", "members.retained")
COLUMNS = {
    "federation": "string",
    "figure": "string",
    "area": "string",
    "key": "string",
    "n": "int64",
    "of": "int64",
}
Grid = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Cells:
    """Counts of one figure by area and key, and the area's whole where the figure names one."""

    grid: Grid
    of: Mapping[str, int]


def reduce(draft: Path, facts: Manifest) -> Manifest:
    """Replace the facts in the draft by the cells that may be given away."""
    import pyarrow as pa
    from pyarrow import parquet

    from . import engines

    smallest = _smallest()
    with engines.opened([draft]) as lake:
        counted = {code: _counted(lake, code) for code in figures.FIGURES}
    hidden = hidden_cells(counted, smallest)
    rows: list[dict[str, Any]] = []
    for code, cells in counted.items():
        counts = {(area, key): n for area, line in cells.grid.items() for key, n in line.items()}
        for area, key in sorted(counts.keys() | hidden[code]):
            of = cells.of.get(area)
            rows.append(
                {
                    "federation": facts.federation, "figure": code, "area": area, "key": key,
                    "n": None if (area, key) in hidden[code] else counts[area, key],
                    "of": None if code in PARTS and (area, "") in hidden[WHOLE] else of,
                }
            )  # fmt: skip
    for fact in FACTS:
        (draft / f"{fact.name}.parquet").unlink()
    schema = pa.schema([pa.field(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), draft / "cells.parquet")
    areas = {area: facts.areas[area] for area in {row["area"] for row in rows} if area in facts.areas}
    return manifest_of(
        draft, CELLS_KIND, facts.federation, date.fromisoformat(facts.day), {"cells": len(rows)}, areas,
        smallest=smallest, columns={"cells": list(COLUMNS)},
    )  # fmt: skip


def _smallest() -> int:
    roots = Organisation.objects.everywhere(reason="the root of the tree decides what is published")
    root = roots.filter(parent=None).order_by("path").first()
    return disclosure.threshold(root) if root is not None else 1


def _counted(lake: figures.Lake, code: str) -> Cells:
    grid: Grid = defaultdict(dict)
    of: dict[str, int] = {}
    for row in figures.rows(lake, code, figures.AREA):
        grid[row["area"]][row["key"]] = row["n"]
        if row["of"] is not None:
            of[row["area"]] = row["of"]
    return Cells(dict(grid), of)


def hidden_cells(counted: Mapping[str, Cells], smallest: int) -> dict[str, set[tuple[str, str]]]:
    """For each figure the (area, key) that may not be told: of an area that is not told every key, those too that
    nobody has."""
    found: dict[str, set[tuple[str, str]]] = {code: set() for code in counted}
    wholes = counted[WHOLE].grid
    rows = {area: {code: counted[code].grid.get(area, {}).get("", 0) for code in PARTS} for area in wholes}
    totals = {code: sum(row[code] for row in rows.values()) for code in PARTS}
    for area, codes in withheld_rows(totals, rows, WHOLE, smallest).items():
        for code in codes:
            found[code].add((area, ""))
    gone = {area for area, _ in found[WHOLE]}
    for code, cells in counted.items():
        if code not in PARTS and code.startswith("members."):
            # The ends of months are no parts of a whole: only the areas of one month add up.
            one = figures.FIGURES[code]
            keys = {*one.labels, *(key for line in cells.grid.values() for key in line)}
            nobodys = {(area, key) for area in gone & cells.grid.keys() for key in keys}
            found[code] = _hidden_in(cells.grid, smallest, nobodys, adds_up=one.source == "members")
    return found


def _hidden_in(
    grid: Grid, smallest: int, gone: set[tuple[str, str]], *, adds_up: bool
) -> set[tuple[str, str]]:
    """Line by line and column by column until nothing more has to go: hiding in one may lay the other open."""
    hidden = set(gone)
    keys = sorted({key for line in grid.values() for key in line})
    while True:
        before = len(hidden)
        for area, line in grid.items():
            total = sum(line.values()) if adds_up else None
            already = [key for key in line if (area, key) in hidden]
            hidden |= {(area, key) for key in withheld(line, smallest, total=total, already=already)}
        for key in keys:
            column = {area: line[key] for area, line in grid.items() if key in line}
            already = [area for area in column if (area, key) in hidden]
            more = withheld(column, smallest, total=sum(column.values()), already=already)
            hidden |= {(area, key) for area in more}
        if len(hidden) == before:
            return hidden
