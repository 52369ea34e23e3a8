"""Geometry of what is drawn on the server: the SVG of a chart's own option, sparklines, and classes of a map.

Pure: plain values in, plain values out. A missing value (None) is a gap in a line and a grey tile on a map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 30
CLASSES = 5


def sparkline(values: Sequence[float | None], width: int = 120, height: int = 28) -> str:
    """The path of a small line without axes, lowest value at the bottom; "" where nothing can be drawn."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1
    step = (width - 4) / max(1, len(values) - 1)
    level = high == low
    points = [
        None
        if value is None
        else (2 + n * step, height / 2 if level else height - 3 - (value - low) / span * (height - 6))
        for n, value in enumerate(values)
    ]
    return path(points)


def path(points: Sequence[tuple[float, float] | None]) -> str:
    """An SVG path through the points; after a gap it begins anew."""
    found, down = [], False
    for point in points:
        if point is not None:
            found.append(f"{'L' if down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        down = point is not None
    return "".join(found)


def round_top(highest: float) -> float:
    """The round number at or above the highest value that four equal steps lead up to."""
    if highest <= 0:
        return 4
    unit = 1.0
    while True:
        for step in (1, 2, 2.5, 5):
            # Counts have whole steps.
            if step * unit * 4 >= highest and step * unit == int(step * unit):
                return step * unit * 4
        unit *= 10


def drawing(option: Mapping[str, Any]) -> dict[str, Any] | None:
    """A chart with one category axis below and lines or bars above, as lines, bars and labels; None for others."""
    axis = option.get("xAxis")
    series = [one for one in option.get("series", []) if one.get("type") in ("line", "bar")]
    if not isinstance(axis, Mapping) or not axis.get("data") or not series:
        return None
    labels = [str(label) for label in axis["data"]]
    rows = [[_number(value) for value in one["data"]] for one in series]
    top = round_top(max((value for row in rows for value in row if value is not None), default=0))
    slot = (WIDTH - LEFT - RIGHT) / len(labels)
    middles = [LEFT + slot * (n + 0.5) for n in range(len(labels))]
    every = -(-len(labels) // 7)
    bars = sum(one["type"] == "bar" for one in series)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": HEIGHT - BOTTOM,
        "grid": [{"y": _y(top * n / 4, top), "label": top * n / 4} for n in range(5)],
        "labels": [
            {"x": x, "text": label}
            for n, (x, label) in enumerate(zip(middles, labels, strict=True))
            if (len(labels) - 1 - n) % every == 0
        ],
        "series": [
            _series(n, one, row, middles, top, slot, bars)
            for n, (one, row) in enumerate(zip(series, rows, strict=True))
        ],
    }


def _series(
    number: int,
    one: Mapping[str, Any],
    values: list[float | None],
    middles: list[float],
    top: float,
    slot: float,
    bars: int,
) -> dict[str, Any]:
    points = [
        None if value is None else (x, _y(value, top)) for x, value in zip(middles, values, strict=True)
    ]
    found = {
        "number": number,
        "name": str(one.get("name", "")),
        "key": LEFT + number * 150,
        "path": path(points),
        "dots": [point for point in points if point is not None],
        "bars": [],
    }
    if one["type"] == "bar":
        width = min(26.0, slot * 0.6 / bars)
        found |= {
            "path": "",
            "dots": [],
            "bars": [
                {"x": x - width / 2, "y": y, "width": width, "height": HEIGHT - BOTTOM - y}
                for x, y in (point for point in points if point is not None)
            ],
        }
    return found


def _number(value: Any) -> float | None:
    if isinstance(value, Mapping):
        value = value.get("value")
    return float(value) if isinstance(value, (int, float)) else None


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)


def classes(values: Sequence[float | None]) -> tuple[list[int | None], list[tuple[float, float]]]:
    """Up to five classes of about equal numbers of places: the class of each value, and the span of each class.

    Equal values stand in one class; the spans are those of the values that occur.
    """
    known = sorted(value for value in values if value is not None)
    count = min(CLASSES, len(set(known)))
    raw = [
        None if value is None else sum(one < value for one in known) * count // len(known) for value in values
    ]
    used = sorted({one for one in raw if one is not None})
    found = [None if one is None else used.index(one) for one in raw]
    spans = []
    for number in range(len(used)):
        inside = [
            value for value, one in zip(values, found, strict=True) if one == number and value is not None
        ]
        spans.append((min(inside), max(inside)))
    return found, spans
