"""What the screen shows of one union: plain values, kept for some seconds, so that many screens cost one.

A wall is read by whoever passes: it shows what a reader without any records may see.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation

from . import charts, drilling, squares
from .board import COURSES, Board
from .disclosure import WHOLE, OnTheWall

KEPT_SECONDS = 20
#: Rows of the ranking, and of the breakdown beside it.
RANKED = 8
MOST_SQUARES = 40
FIGURES = (*COURSES, "organisations.base_unions", "organisations.employers")
LATELY = timedelta(days=30)


def wall(organisation: Organisation, access: Access) -> dict[str, Any]:
    """Everything on the screen, at most KEPT_SECONDS old."""
    reach = "-".join(access.prefixes("organisations.figures"))
    key = f"wall:{settings.FEDERATION}:{organisation.pk}:{reach}:{timezone.localdate():%Y%m%d}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = _made(organisation, OnTheWall(access))
        cache.set(key, found, KEPT_SECONDS)
    return found


def _made(organisation: Organisation, access: Access) -> dict[str, Any]:
    board = Board(drilling.place(organisation, access))
    now = board.disclosure.values(FIGURES)
    places, shown = _places(board), board.course
    cells = board.disclosure.breakdowns(WHOLE)
    forms = _labelled("form", cells)
    return {
        "as_of": timezone.localtime(),
        "name": organisation.name,
        "tiles": [_tile(code, now[code]) for code in FIGURES] + [_lately(board)],
        "course": charts.course(shown, [(code, registry.get(code).title) for code in COURSES], calm=True),
        "growth": charts.growth(shown, WHOLE, "净增会员"),
        "ring": charts.ring(forms, "用工形式"),
        "ring_table": {"head": ["用工形式", "人数"], "rows": forms},
        "ages": [{"label": label, "value": value} for label, value in _labelled("age", cells)],
        "sexes": [{"label": label, "value": value} for label, value in _labelled("sex", cells)],
        "places": places[:MOST_SQUARES],
        "ranking": _ranking(board),
        "secrecy": board.secrecy(),
        "limit": board.disclosure.limit,
    }


def _tile(code: str, value: int | None) -> dict[str, Any]:
    one = registry.get(code)
    return {"label": one.title, "value": value, "unit": one.unit}


def _lately(board: Board) -> dict[str, Any]:
    """Members more than thirty days ago: who joined less who left."""
    before = drilling.place(board.union, board.where.access, timezone.localdate() - LATELY)
    disclosure = board.disclosure
    earlier = disclosure.earlier([WHOLE], before)[WHOLE]
    later = disclosure.comparable([WHOLE])[WHOLE]
    value = None if earlier is None or later is None else later - earlier
    return {"label": "近30天净增", "value": value, "unit": "人", "signed": True}


def _labelled(by: str, cells: dict[str, list[tuple[str, int | None]]]) -> list[tuple[str, int | None]]:
    dimension = next(one for one in registry.get(WHOLE).dimensions if one.code == by)
    return [(dimension.labels.get(key, dimension.unknown), count) for key, count in cells[by]]


def _places(board: Board) -> list[dict[str, Any]]:
    """Squares that lead to the same screen of the union below."""
    address = reverse("screen")
    return [place | {"url": address + place["url"]} for place in board.places()]


def _ranking(board: Board) -> list[dict[str, Any]]:
    """Unions of the region below with the most members; withheld ones are not ranked."""
    rows = [row for row in board.rows if not row.below.beside and row.figures[WHOLE]]
    rows.sort(key=lambda row: -(row.figures[WHOLE] or 0))
    return [
        {
            "label": squares.short_name(row.below.organisation, row.below.name),
            "value": row.figures[WHOLE],
            "url": "",
        }
        for row in rows[:RANKED]
    ]
