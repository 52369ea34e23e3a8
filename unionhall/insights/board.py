"""What a page of figures shows of one union, for the page itself, its printed form and its export.

Everything goes through `Disclosure`, so that no form of the page tells more than another.
"""

from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode

from unionhall.indicators import registry
from unionhall.kit.periods import years_after

from . import charts, drilling, squares
from .disclosure import WHOLE, Disclosure, Row, Shown
from .records import NOTHING_ENTERED, records_url

TILES = (
    "members.count",
    "members.women",
    "members.migrant",
    "members.new_form",
    "members.retained",
    "organisations.unions",
    "organisations.base_unions",
    "organisations.employers",
    "organisations.employees",
    "organisations.terms_ended",
)
COLUMNS = (
    "members.count",
    "members.women",
    "members.migrant",
    "members.new_form",
    "organisations.base_unions",
    "organisations.employers",
    "organisations.terms_ended",
)
#: Figures whose course over months is drawn: they are answered from the rollup.
COURSES = ("members.count", "members.women", "members.migrant", "members.new_form")
#: Rows of the table of unions below; the list of unions has the rest.
SHOWN = 200
ALARM = "organisations.terms_ended"


class Board:
    """The figures of `where`, compared with the same day of the year before."""

    def __init__(self, where: drilling.Place, *, sort: str = "") -> None:
        self.where = where
        self.disclosure = Disclosure(where)
        self.sort = sort if sort.lstrip("-") in (*COLUMNS, "name") else ""

    @property
    def union(self) -> Any:
        return self.where.organisation

    @property
    def day(self) -> date | None:
        return self.where.day

    @property
    def shown_day(self) -> date:
        return self.where.day or timezone.localdate()

    @property
    def year_before(self) -> date:
        return years_after(self.shown_day, -1)

    def drill(self, code: str) -> str:
        """The query of the same page for another union."""
        return "?" + urlencode({"under": code} | ({"on": f"{self.day:%Y-%m-%d}"} if self.day else {}))

    def _records(self, one: registry.Indicator, union: Any, **more: str) -> str:
        return records_url(one, self.where.access, union, self.day, **more)

    # Numbers of the union itself ---------------------------------------------------------------------------------

    @cached_property
    def now(self) -> Shown:
        return self.disclosure.values(TILES)

    @cached_property
    def before(self) -> Shown:
        return self.disclosure.earlier(TILES, drilling.year_before(self.where))

    @cached_property
    def course(self) -> list[tuple[date, Shown]]:
        return self.disclosure.trend(COURSES)

    def tiles(self) -> list[dict[str, Any]]:
        found = []
        alike, about = self.disclosure.comparable(TILES), self.disclosure.is_coarse
        for code in TILES:
            one, value = registry.get(code), self.now[code]
            note, trend = compared(
                alike[code], self.before[code], about=about and code.startswith("members.")
            )
            found.append(
                {
                    "code": code,
                    "label": one.title,
                    "value": value,
                    "before": self.before[code],
                    "unit": one.unit if value is not None else "",
                    "note": note,
                    "trend": trend,
                    "url": self._records(one, self.union) if value else "",
                    "hot": code == ALARM and bool(value),
                    "course": [point[code] for _, point in self.course] if code in COURSES else (),
                }
            )
        return found

    def chart(self) -> dict[str, Any]:
        return charts.course(self.course, [(code, registry.get(code).title) for code in COURSES])

    def course_table(self) -> dict[str, Any]:
        """The course as a table: months down, figures across."""
        return {
            "head": ["截至", *(registry.get(code).title for code in COURSES)],
            "rows": [[f"{day:%Y-%m-%d}", *(point[code] for code in COURSES)] for day, point in self.course],
        }

    # Breakdowns --------------------------------------------------------------------------------------------------

    def breakdowns(self) -> list[dict[str, Any]]:
        """Members by every dimension, each cell with the list of its members."""
        one = registry.get(WHOLE)
        counted = self.disclosure.breakdowns(one.code)
        found = []
        for dimension in one.dimensions:
            rows = [
                {
                    "key": key,
                    "label": dimension.labels.get(key, dimension.unknown),
                    "value": count,
                    "url": self._records(one, self.union, **{dimension.parameter: key or NOTHING_ENTERED})
                    if count
                    else "",
                }
                for key, count in counted[dimension.code]
            ]
            found.append({"code": dimension.code, "title": dimension.title, "rows": rows})
        return found

    # Unions below ------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Row]:
        """Unions directly below, as sorted; withheld numbers come last."""
        found = self.disclosure.by_child(COLUMNS)
        code, down = self.sort.lstrip("-"), self.sort.startswith("-")
        if code == "name":
            found.sort(key=lambda row: row.below.name, reverse=down)
        elif code:
            found.sort(key=lambda row: _order(row.figures[code], down))
        return found

    def heads(self) -> list[dict[str, Any]]:
        """Column heads of the table: each sorts, the biggest first; a second press turns it round."""
        found = []
        for code, title in [("name", "工会"), *((code, registry.get(code).title) for code in COLUMNS)]:
            first, second = (code, f"-{code}") if code == "name" else (f"-{code}", code)
            found.append(
                {
                    "title": title,
                    "sort": second if self.sort == first else first,
                    "state": {code: "ascending", f"-{code}": "descending"}.get(self.sort, ""),
                    "number": code != "name",
                }
            )
        return found

    def below(self) -> list[dict[str, Any]]:
        found = []
        for row in self.rows:
            union = row.below.organisation
            cells = [
                {
                    "value": row.figures[code],
                    "title": registry.get(code).title,
                    "url": self._records(registry.get(code), union) if row.figures[code] else "",
                }
                for code in COLUMNS
            ]
            found.append(
                {
                    "name": row.below.name,
                    "code": union.code,
                    "beside": row.below.beside,
                    "url": self.drill(union.code),
                    "cells": cells,
                }
            )
        return found

    def places(self) -> list[dict[str, Any]]:
        """Squares of the map: unions of the region below, by their members; none where there are too many."""
        rows = sorted(
            (row for row in self.rows if not row.below.beside), key=lambda row: row.below.organisation.path
        )
        if not 1 < len(rows) <= squares.MOST:
            return []
        spots = squares.layout([row.below.organisation for row in rows])
        found = []
        for row in rows:
            union = row.below.organisation
            place = {
                "name": squares.short_name(union, row.below.name),
                "value": row.figures[WHOLE],
                "url": self.drill(union.code),
            }
            if union.pk in spots:
                place["row"], place["column"] = spots[union.pk]
            found.append(place)
        return found

    @property
    def has_beside(self) -> bool:
        return any(row.below.beside for row in self.rows)

    # Words -------------------------------------------------------------------------------------------------------

    def secrecy(self) -> str:
        """What a reader has to know about withheld and rounded numbers; "" where nothing is."""
        return self._secrecy(beside=any(row.below.beside and not row.is_open for row in self.rows))

    def secrecy_of_breakdowns(self) -> str:
        """The same where the unions below are not shown."""
        return self._secrecy(beside=False)

    def _secrecy(self, *, beside: bool) -> str:
        if self.disclosure.is_open and not beside:
            return ""
        limit = self.disclosure.limit
        text = f"“—”表示不显示：少于 {limit} 人的数字，以及能据以推算它的数字。"
        if self.disclosure.is_coarse:
            text += f"构成和走势按 {limit} 取整，与合计可能略有出入。"
        if beside:
            text += f"不能全部查看会员名册的产业工会，人数按 {limit} 取整。"
        return text + "这是为了保护会员个人信息；有“查看会员名册”权限的人能看到全部数字。"

    def definitions(self) -> list[registry.Indicator]:
        return [registry.get(code) for code in TILES]


def _order(value: int | None, down: bool) -> tuple[bool, int]:
    return (value is None, 0 if value is None else -value if down else value)


def compared(now: int | None, before: int | None, *, about: bool = False) -> tuple[str, str]:
    """The words of a comparison with the year before, and whether it went up or down."""
    if now is None or before is None:
        return "不比较", ""
    difference = now - before
    if difference == 0:
        return "与上年大致持平" if about else "与上年持平", ""
    share = f"（{difference / before:+.1%}）" if before else ""
    return f"较上年{'约' if about else ''} {difference:+,d}{share}", "up" if difference > 0 else "down"
