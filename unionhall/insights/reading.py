"""Reading the rollups: what is folded and what is not yet, in one statement, so that nothing is seen twice or missed.

Every function answers None while the rollups have not been built; then figures are counted live.
"""

# ruff: noqa: S608 - the statements are built from our own table and column names; every value is a parameter
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from unionhall.foundation.compiled import asked
from unionhall.members.tallying import SUMS, cells_sql, flows_sql
from unionhall.organisations.kinds import Chain

__all__ = [
    "Spot",
    "as_of",
    "cells",
    "course",
    "shared",
    "shared_cells",
    "today",
]

_SUMMED = ", ".join(f"COALESCE(sum(f.{name}), 0)::bigint" for name in SUMS)
_OF_CELL = (
    "n AS members, CASE WHEN sex = '2' THEN n ELSE 0 END AS women, CASE WHEN migrant THEN n ELSE 0 END AS migrant, "
    "CASE WHEN form = '5' THEN n ELSE 0 END AS new_form, CASE WHEN retained THEN n ELSE 0 END AS retained"
)
#: Behind every path below a prefix: segments are digits and small letters.
_END = "'~'"

#: A row of figures: the sums in the order of `SUMS`.
Figures = tuple[int, ...]


@dataclass(frozen=True)
class Spot:
    """A prefix in a chain, as of a day (None: today)."""

    path: str
    chain: str = Chain.REGION.value
    day: date | None = None


def _ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return asked(sql, list(values)).get()


def _numbered(rows: list[tuple[Any, ...]], count: int) -> list[Figures] | None:
    """Rows by their number; the row numbered 0 says that the rollups are built."""
    found = {row[0]: row[1:] for row in rows}
    if 0 not in found:
        return None
    none = (0,) * len(SUMS)
    return [found.get(number, none) for number in range(1, count + 1)]


_TRUSTED = f"SELECT 0, {', '.join('0' for _ in SUMS)} FROM insights_rollupstate"

_TODAY = f"""
SELECT wanted.number, {_SUMMED}
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS wanted (chain, path, number)
CROSS JOIN LATERAL (
    SELECT {", ".join(SUMS)} FROM insights_membertotal t WHERE t.path = wanted.path AND t.chain = wanted.chain
    UNION ALL
    SELECT {_OF_CELL} FROM members_celldelta d
    WHERE d.path >= wanted.path AND d.path < wanted.path || {_END} AND d.chain = wanted.chain AND d.face = 'work'
) AS f GROUP BY wanted.number
UNION ALL {_TRUSTED}"""


def today(spots: Sequence[Spot]) -> list[Figures] | None:
    """Members, women, migrant workers, new forms, retained of today under each spot."""
    values = [[spot.chain for spot in spots], [spot.path for spot in spots]]
    return _numbered(_ask(_TODAY, values), len(spots))


_AS_OF = f"""
SELECT wanted.number, {_SUMMED}
FROM unnest(%s::text[], %s::text[], %s::date[]) WITH ORDINALITY AS wanted (chain, path, day, number)
CROSS JOIN LATERAL (
    SELECT {", ".join(SUMS)} FROM insights_memberflow m
    WHERE m.path = wanted.path AND m.chain = wanted.chain AND m.grain = 'month'
        AND m.day < date_trunc('month', wanted.day)::date
    UNION ALL
    SELECT {", ".join(SUMS)} FROM insights_memberflow d
    WHERE d.path = wanted.path AND d.chain = wanted.chain AND d.grain = 'day'
        AND d.day >= date_trunc('month', wanted.day)::date AND d.day <= wanted.day
    UNION ALL
    SELECT {", ".join(SUMS)} FROM members_flowdelta u
    WHERE u.path >= wanted.path AND u.path < wanted.path || {_END} AND u.chain = wanted.chain
        AND u.day <= wanted.day
) AS f GROUP BY wanted.number
UNION ALL {_TRUSTED}"""


def as_of(spots: Sequence[Spot]) -> list[Figures] | None:
    """The same on each spot's own day, by where the unions stood then."""
    values = [[spot.chain for spot in spots], [spot.path for spot in spots], [spot.day for spot in spots]]
    return _numbered(_ask(_AS_OF, values), len(spots))


def course(spots: Sequence[Spot]) -> list[Figures]:
    """The same of a small subtree on several days, below the folded prefixes: its flows are counted in one pass."""
    path, chain = spots[0].path, spots[0].chain
    held = """m.organisation_id IN (SELECT s.organisation_id FROM organisations_placement s
        WHERE s.chain = %(chain)s AND s.path >= %(path)s AND s.path < %(end)s)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT wanted.number, {_SUMMED}
                FROM unnest(%(days)s::date[]) WITH ORDINALITY AS wanted (day, number)
                JOIN ({flows_sql(held)}) AS f ON f.day <= wanted.day
                    AND f.chain = %(chain)s AND f.path >= %(path)s AND f.path < %(end)s
                GROUP BY wanted.number""",
            {"days": [spot.day for spot in spots], "path": path, "end": path + "~", "chain": chain},
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [found.get(number, (0,) * len(SUMS)) for number in range(1, len(spots) + 1)]


#: Who stands below an industry union in both chains would be counted twice: few, mostly none, so they are counted live.
_IN_BOTH = {
    False: f"""
        SELECT wanted.number, o.id
        FROM unnest(%s::text[], %s::text[], %s::date[]) WITH ORDINALITY AS wanted (region, industry, day, number)
        JOIN organisations_organisation o ON o.path >= wanted.region AND o.path < wanted.region || {_END}
            AND o.second_path >= wanted.industry AND o.second_path < wanted.industry || {_END}""",
    True: f"""
        SELECT wanted.number, r.organisation_id
        FROM unnest(%s::text[], %s::text[], %s::date[]) WITH ORDINALITY AS wanted (region, industry, day, number)
        JOIN organisations_placement r ON r.chain = 'region' AND r.path >= wanted.region
            AND r.path < wanted.region || {_END} AND r.period @> wanted.day
        JOIN organisations_placement i ON i.organisation_id = r.organisation_id AND i.chain = 'industry'
            AND i.path >= wanted.industry AND i.path < wanted.industry || {_END} AND i.period @> wanted.day""",
}
_OF_UNIONS = f"""
SELECT wanted.number, {_SUMMED}
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS wanted (number, organisation_id, day)
JOIN members_membership m ON m.organisation_id = wanted.organisation_id AND {{in_force}}
JOIN members_person p ON p.id = m.person_id
LEFT JOIN members_employment e ON e.person_id = m.person_id AND {{at_work}}
CROSS JOIN LATERAL (SELECT 1 AS members, (p.sex = '2')::int AS women, p.migrant_worker::int AS migrant,
    (e.form IS NOT DISTINCT FROM '5')::int AS new_form, (m.standing = 'retained')::int AS retained) AS f
GROUP BY wanted.number"""


def shared(pairs: Sequence[tuple[str, str, date | None]]) -> list[Figures]:
    """Those who stand below both a regional and an industry prefix on a day, for each; all days None, or none is."""
    if not pairs:
        return []
    days = [day for _, _, day in pairs]
    values = [[region for region, _, _ in pairs], [industry for _, industry, _ in pairs], days]
    none = (0,) * len(SUMS)
    past = days[0] is not None
    unions = _ask(_IN_BOTH[past], values)
    if not unions:
        return [none] * len(pairs)
    in_force, at_work = ("upper_inf(m.period)", "upper_inf(e.period)")
    if past:
        in_force, at_work = "m.period @> wanted.day", "e.period @> wanted.day"
    numbers, ids = [number for number, _ in unions], [union for _, union in unions]
    rows = _ask(
        _OF_UNIONS.format(in_force=in_force, at_work=at_work),
        [numbers, ids, [days[number - 1] for number in numbers]],
    )
    found = {row[0]: row[1:] for row in rows}
    return [found.get(number, none) for number in range(1, len(pairs) + 1)]


#: Dimension → the column of a cell and the table in which it is folded.
_COLUMN = {
    "sex": ("sex", "insights_learningcell", "learning"),
    "education": ("education", "insights_learningcell", "learning"),
    "age": ("birth_year", "insights_workcell", "work"),
    "status": ("status", "insights_workcell", "work"),
    "form": ("form", "insights_workcell", "work"),
    "migrant": ("migrant", "insights_workcell", "work"),
}


def cells(by: str, spot: Spot) -> dict[Any, int] | None:
    """Members of today under a spot by a column of the cells."""
    column, table, face = _COLUMN[by]
    rows = _ask(
        f"""
        SELECT key, sum(n)::bigint FROM (
            SELECT {column}::text AS key, n FROM {table} WHERE path = %s AND chain = %s
            UNION ALL
            SELECT {column}::text, n FROM members_celldelta
            WHERE path >= %s AND path < %s AND chain = %s AND face = '{face}'
        ) AS both_parts GROUP BY key
        UNION ALL SELECT NULL, 0 FROM insights_rollupstate
        """,
        [spot.path, spot.chain, spot.path, spot.path + "~", spot.chain],
    )
    found = dict(rows)
    return None if found.pop(None, None) is None else found


def shared_cells(by: str, region: str, industry: str) -> dict[Any, int]:
    """Members of today below both prefixes, by a column of the cells."""
    column, _, face = _COLUMN[by]
    held = "m.path >= %(region)s AND m.path < %(region_end)s"
    held += " AND m.second_path >= %(industry)s AND m.second_path < %(end)s"
    values = {"region": region, "region_end": region + "~", "industry": industry, "end": industry + "~"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {column}::text, sum(n)::bigint FROM ({cells_sql(held)}) AS found
                WHERE face = '{face}' AND chain = 'region' GROUP BY 1""",
            values,
        )
        return dict(cursor.fetchall())
