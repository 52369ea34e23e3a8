"""Open clocks after the calendar changed: all of them by few statements, a stretch of cases at a time.

What is new is worked out first, without a lock; then cases are written and after them clocks, in the order in which
every move takes them, so neither waits for the other in a circle. What a move has changed meanwhile is left as the move
set it. A stretch that is done stays done: run again, it finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from unionhall.kit.workdays import Calendar

from .models import Case, CaseClock

STRETCH = 50_000
#: Working days that pauses took, under the new calendar: w counts working days up to and including a day.
_PAUSES = """
UPDATE {clocks} c SET paused_days = p.taken FROM (
    SELECT k.id, sum(greatest(0, e.w - b.w)) AS taken
    FROM {clocks} k
    CROSS JOIN generate_series(1, cardinality(k.pauses) - 1, 2) AS n(i)
    JOIN workdays b ON b.day = k.pauses[n.i] JOIN workdays e ON e.day = k.pauses[n.i + 1]
    WHERE k.case_id >= %s AND k.case_id < %s AND k.ended_at IS NULL AND cardinality(k.pauses) > 1
    GROUP BY k.id
) p WHERE c.id = p.id AND c.paused_days <> p.taken
"""
_MOVED = """
CREATE TEMP TABLE moved_clocks ON COMMIT DROP AS
SELECT k.id, k.case_id, k.due_at AS before, e.ends_at AS due_at
FROM {clocks} k
JOIN workdays s ON s.day = (k.started_at AT TIME ZONE %s)::date
JOIN workdays e ON e.nth = s.w + k.amount + k.paused_days
WHERE k.unit = 'working_days' AND k.ended_at IS NULL AND k.case_id >= %s AND k.case_id < %s AND k.due_at >= %s
    AND k.due_at <> e.ends_at
UNION ALL
SELECT k.id, k.case_id, k.due_at, e.ends_at
FROM {clocks} k
JOIN workdays l ON l.day = (k.started_at AT TIME ZONE %s)::date + k.amount + k.paused_seconds / 86400
JOIN workdays e ON e.nth = l.reached
WHERE k.unit = 'days' AND k.ended_at IS NULL AND k.case_id >= %s AND k.case_id < %s AND k.due_at >= %s
    AND k.due_at <> e.ends_at
ORDER BY case_id
"""
# The stretch is said to every table: without it each stretch would read them whole.
_CASES = """
UPDATE {cases} c SET due_at = f.first FROM (
    SELECT k.case_id, min(coalesce(m.due_at, k.due_at)) AS first
    FROM {clocks} k LEFT JOIN moved_clocks m ON m.id = k.id
    WHERE k.state = 'running' AND k.case_id IN (SELECT case_id FROM moved_clocks)
        AND k.case_id >= %s AND k.case_id < %s
    GROUP BY k.case_id ORDER BY k.case_id
) f WHERE c.id = f.case_id AND c.id >= %s AND c.id < %s AND c.due_at IS DISTINCT FROM f.first AND c.closed_at IS NULL
"""
_CLOCKS = """
UPDATE {clocks} c SET due_at = m.due_at FROM moved_clocks m
WHERE c.id = m.id AND c.due_at = m.before AND c.ended_at IS NULL AND c.case_id >= %s AND c.case_id < %s
"""


def recompute_all(calendar: Calendar, *, since: date | None = None) -> int:
    """Set every open clock in days or working days anew; answers how many changed.

    `since`: the first day that is another than before; clocks that were due earlier cannot change.
    """
    zone = timezone.get_current_timezone()
    known = CaseClock.objects.everywhere(reason="the calendar belongs to everybody").filter(ended_at=None)
    first = known.order_by("started_at").values_list("started_at", flat=True).first()
    last = known.order_by("-due_at").values_list("due_at", flat=True).first()
    if first is None or last is None:
        return 0
    begins = datetime.combine(since, datetime.min.time(), tzinfo=zone) if since else first
    table = list(_workdays(calendar, first.astimezone(zone).date(), last.astimezone(zone).date()))
    changed = 0
    for start, stop in _stretches():
        # Apart from the rest: it writes clocks before any case is held.
        with transaction.atomic(), connection.cursor() as cursor:
            _fill(cursor, table, str(zone))
            cursor.execute(_PAUSES.format(**_names()), [start, stop])
        with transaction.atomic(), connection.cursor() as cursor:
            _fill(cursor, table, str(zone))
            changed += _stretch(cursor, start, stop, begins, str(zone))
    return changed


def _stretches() -> Iterator[tuple[int, int]]:
    """Ranges of cases that are open."""
    rows = Case.objects.everywhere(reason="the calendar belongs to everybody").open()
    lowest = rows.order_by("pk").values_list("pk", flat=True).first()
    highest = rows.order_by("-pk").values_list("pk", flat=True).first()
    if lowest is not None and highest is not None:
        for start in range(lowest, highest + 1, STRETCH):
            yield start, start + STRETCH


def _workdays(calendar: Calendar, first: date, last: date) -> Iterator[tuple[date, int, int | None, int]]:
    """(day, working days up to it, the same where it works, that of the next working day from it on)."""
    # The latest limit may move by a whole long holiday or two; what is beyond is not needed.
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 120)]
    works = [int(calendar.is_working_day(day)) for day in days]
    for day, open_, count in zip(days, works, accumulate(works), strict=True):
        yield day, count, count if open_ else None, count if open_ else count + 1


def _fill(cursor: Any, table: list[tuple[date, int, int | None, int]], zone: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS workdays, moved_clocks")
    cursor.execute(
        "CREATE TEMP TABLE workdays ON COMMIT DROP AS SELECT day, w, nth, reached,"
        " (day + 1)::timestamp AT TIME ZONE %s - interval '1 microsecond' AS ends_at"
        " FROM unnest(%s::date[], %s::int[], %s::int[], %s::int[]) AS t(day, w, nth, reached)",
        [zone, *(list(column) for column in zip(*table, strict=True))],
    )
    cursor.execute("CREATE UNIQUE INDEX ON workdays (day)")
    cursor.execute("CREATE UNIQUE INDEX ON workdays (nth)")
    cursor.execute("ANALYZE workdays")


def _names() -> dict[str, str]:
    return {
        "cases": connection.ops.quote_name(Case._meta.db_table),
        "clocks": connection.ops.quote_name(CaseClock._meta.db_table),
    }


def _stretch(cursor: Any, start: int, stop: int, begins: datetime, zone: str) -> int:
    names, within = _names(), [zone, start, stop, begins]
    cursor.execute(_MOVED.format(**names), [*within, *within])
    cursor.execute("ANALYZE moved_clocks")
    cursor.execute(_CASES.format(**names), [start, stop, start, stop])
    cursor.execute(_CLOCKS.format(**names), [start, stop])
    changed: int = cursor.rowcount
    return changed
