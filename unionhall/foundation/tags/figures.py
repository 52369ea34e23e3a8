"""Tags of figures: tiles, bars, charts, tile maps. All drawn from plain values that tests can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from .drawing import classes, drawing, sparkline

register = template.Library()


@register.inclusion_tag("components/tiles.html")
def tiles(items: Iterable[Any], label: str = "主要数字") -> dict[str, Any]:
    """Figures [{label, value, unit, note, url, hot, trend (up down), course}]; `hot` once at most.

    `course`: values over time, drawn as a small line. A value None is withheld.
    """
    found = [dict(item) for item in items]
    for item in found:
        item["spark"] = sparkline(item.get("course") or ())
    return {"items": found, "label": label}


@register.inclusion_tag("components/bars.html")
def bars(
    rows: Iterable[Any], caption: str, unit: str = "", name: str = "项目", shares: bool = True
) -> dict[str, Any]:
    """A breakdown as a table with bars drawn on the server: rows [{label, value, url}]; None is withheld.

    Without `shares` the rows are no parts of one whole (a ranking).
    """
    found = [dict(row) if isinstance(row, Mapping) else vars(row).copy() for row in rows]
    values = [float(row["value"]) for row in found if row["value"] is not None]
    top, whole = max(values, default=0) or 1, sum(values) or 1
    # A share tells the withheld rest: where one is missing, none is given.
    complete = shares and len(values) == len(found)
    for row in found:
        known = row["value"] is not None
        row["width"] = f"{max(0.0, float(row['value'])) / top * 100:.1f}" if known else "0.0"
        row["share"] = f"{float(row['value']) / whole * 100:.1f}%" if known and complete else ""
    return {"rows": found, "caption": caption, "unit": unit, "name": name, "shares": shares}


@register.inclusion_tag("components/chart.html")
def chart(
    chart_id: str, option: Mapping[str, Any], title: str, note: str = "", size: str = "m", table: Any = None
) -> dict[str, Any]:
    """An ECharts option (plain dict) with its table for those who cannot see it: `table` {head, rows}, else derived.

    Lines and bars over one axis are drawn on the server too: that drawing is printed, and shown without JavaScript.
    """
    return {
        "drawing": drawing(option),
        "id": chart_id,
        "option": option,
        "title": title,
        "note": note,
        "size": size,
        "table": table or chart_table(option),
    }


@register.inclusion_tag("components/drawing.html")
def line_drawing(option: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The server's own drawing of a chart option with lines or bars, for paper: visible without any script."""
    return {"drawing": drawing(option), "title": title}


def chart_table(option: Mapping[str, Any]) -> dict[str, Any]:
    """Head and rows of the usual option: a category axis with series, or one pie."""
    series = list(option.get("series", []))
    axes = [option.get(name) for name in ("xAxis", "yAxis")]
    categories = next((axis["data"] for axis in axes if isinstance(axis, Mapping) and axis.get("data")), None)
    if categories is None:
        points = series[0].get("data", []) if series else []
        return {
            "head": ["项目", "数值"],
            "rows": [
                [point.get("name"), point.get("value")] for point in points if isinstance(point, Mapping)
            ],
        }
    head = ["", *[str(one.get("name", "数值")) for one in series]]
    return {
        "head": head,
        "rows": [[label, *[one["data"][i] for one in series]] for i, label in enumerate(categories)],
    }


@register.inclusion_tag("components/tile_map.html")
def tile_map(
    places: Iterable[Any],
    title: str,
    note: str = "方格示意，不表示行政区域界线",
    unit: str = "",
    name: str = "地区",
) -> dict[str, Any]:
    """Areas as squares [{name, value, row, column, url}] in five classes, with legend and table.

    Rows and columns go from 1 to 12; without them the squares follow each other. A value None is withheld.
    """
    found = [dict(place) for place in places]
    given, spans = classes([place["value"] for place in found])
    shades = [round(number * 6 / (len(spans) - 1)) if len(spans) > 1 else 3 for number in range(len(spans))]
    for place, number in zip(found, given, strict=True):
        place["shade"] = "none" if number is None else shades[number]
    legend = [
        {"shade": shade, "low": low, "high": high} for shade, (low, high) in zip(shades, spans, strict=True)
    ]
    return {
        "places": found,
        "legend": legend,
        "withheld": None in given,
        "placed": all(place.get("row") for place in found),
        "title": title,
        "note": note,
        "unit": unit,
        "name": name,
    }
