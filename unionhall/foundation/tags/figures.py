"""Tags of figures: tiles, bars, charts, tile maps. All drawn from plain values that tests can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/tiles.html")
def tiles(items: Iterable[Any], label: str = "主要数字") -> dict[str, Any]:
    """Figures [{label, value, unit, note, url, hot, trend (up down), definition}]; `hot` once at most."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/bars.html")
def bars(rows: Iterable[Any], caption: str, unit: str = "", name: str = "项目") -> dict[str, Any]:
    """A breakdown as a table with bars drawn on the server: rows [{label, value, url}]."""
    found = [dict(row) if isinstance(row, Mapping) else vars(row).copy() for row in rows]
    top = max((float(row["value"]) for row in found), default=0) or 1
    whole = sum(float(row["value"]) for row in found) or 1
    for row in found:
        row["width"] = f"{max(0.0, float(row['value'])) / top * 100:.1f}"
        row["share"] = f"{float(row['value']) / whole * 100:.1f}%"
    return {"rows": found, "caption": caption, "unit": unit, "name": name}


@register.inclusion_tag("components/chart.html")
def chart(
    chart_id: str, option: Mapping[str, Any], title: str, note: str = "", size: str = "m", table: Any = None
) -> dict[str, Any]:
    """An ECharts option (plain dict) with its table for those who cannot see it: `table` {head, rows}, else derived."""
    return {
        "id": chart_id,
        "option": option,
        "title": title,
        "note": note,
        "size": size,
        "table": table or chart_table(option),
    }


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
    places: Iterable[Any], title: str, note: str = "方格示意，不表示行政区域界线", unit: str = ""
) -> dict[str, Any]:
    """Areas as squares [{name, value, row, column, url}], rows and columns from 1 to 12; seven shades by value."""
    found = [dict(place) for place in places]
    values = [float(place["value"]) for place in found]
    low, high = min(values, default=0), max(values, default=0)
    for place in found:
        place["shade"] = round((float(place["value"]) - low) / (high - low) * 6) if high > low else 3
    return {"places": found, "title": title, "note": note, "unit": unit}
