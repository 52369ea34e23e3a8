"""Chart options as plain dicts, from figures: what ECharts is given, and what the server's own drawing is made of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

Point = tuple[date, Mapping[str, int | None]]


def course(
    points: Sequence[Point], series: Sequence[tuple[str, str]], *, calm: bool = False
) -> dict[str, Any]:
    """Figures over months as lines, `series` [(code, name)], the first with its area; a withheld value is a gap."""
    return {
        "animation": not calm,
        "grid": {"left": 12, "right": 20, "top": 40, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"right": 8, "top": 0, "icon": "roundRect", "itemWidth": 14, "itemHeight": 8},
        "xAxis": {"type": "category", "boundaryGap": False, "data": _months(points)},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {
                "name": name,
                "type": "line",
                "symbolSize": 6,
                "data": [found[code] for _, found in points],
                **({"areaStyle": {"opacity": 0.12}} if number == 0 else {}),
            }
            for number, (code, name) in enumerate(series)
        ],
    }


def _months(points: Iterable[Point]) -> list[str]:
    """Month ends by their month; a last day inside a month by its date."""
    rows = [day for day, _ in points]
    names = [f"{day:%Y-%m}" for day in rows]
    if rows and len(rows) > 1:
        names[-1] = f"{rows[-1]:%m-%d}"
    return names


def growth(points: Sequence[Point], code: str, name: str) -> dict[str, Any]:
    """By how much a figure grew in each month, as bars: one fewer than points. Withheld where an end is."""
    values: list[int | None] = []
    for (_, before), (_, after) in pairwise(points):
        earlier, later = before[code], after[code]
        values.append(None if earlier is None or later is None else later - earlier)
    return {
        "animation": False,
        "grid": {"left": 12, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": _months(points[1:])},
        "yAxis": {"type": "value", "minInterval": 1, "splitNumber": 3},
        "series": [{"name": name, "type": "bar", "barMaxWidth": 26, "data": values}],
    }


def ring(rows: Iterable[tuple[str, int | None]], name: str) -> dict[str, Any]:
    """A breakdown as a ring, the numbers in its legend; withheld cells have no slice."""
    return {
        "animation": False,
        "tooltip": {"trigger": "item"},
        "legend": {
            "orient": "vertical",
            "right": 8,
            "top": "middle",
            "icon": "roundRect",
            "itemWidth": 14,
            "itemHeight": 10,
        },
        "series": [
            {
                "name": name,
                "type": "pie",
                "radius": ["52%", "82%"],
                "center": ["32%", "50%"],
                "label": {"show": False},
                "data": [
                    {"name": f"{label}  {value:,}", "value": value}
                    for label, value in rows
                    if value is not None
                ],
            }
        ],
    }
