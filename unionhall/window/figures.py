"""How long people wait: of a hall's numbers of a day, by queue. Minutes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from .models import Hall, Ticket


@dataclass(frozen=True)
class Waits:
    """One queue of one day. Waiting is from drawing to being called, service from there to the end; None: nobody."""

    letter: str
    waiting: int
    served: int
    missed: int
    wait: float | None
    longest: float | None
    service: float | None


_SQL = """
SELECT queue,
       count(*) FILTER (WHERE state = 'waiting'),
       count(*) FILTER (WHERE state IN ('done', 'called')),
       count(*) FILTER (WHERE state = 'missed'),
       avg(extract(epoch FROM called_at - taken_at) / 60) FILTER (WHERE called_at IS NOT NULL),
       max(extract(epoch FROM coalesce(called_at, now()) - taken_at) / 60)
           FILTER (WHERE state = 'waiting' OR called_at IS NOT NULL),
       avg(extract(epoch FROM ended_at - called_at) / 60) FILTER (WHERE state = 'done' AND called_at IS NOT NULL)
FROM {table} WHERE hall_id = %s AND day = %s GROUP BY queue ORDER BY queue
"""


def waits(hall: Hall, day: date) -> list[Waits]:
    """By queue, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(table=connection.ops.quote_name(Ticket._meta.db_table)), [hall.pk, day])
        return [Waits(row[0], *row[1:4], *(_number(one) for one in row[4:])) for row in cursor.fetchall()]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def ahead(ticket: Ticket) -> int:
    """How many of its queue are called before it."""
    rows = Ticket.objects.everywhere(reason="a number's place in its own queue")
    rows = rows.filter(hall=ticket.hall_id, day=ticket.day, queue=ticket.queue).waiting()
    if ticket.is_priority:
        return rows.filter(is_priority=True, taken_at__lt=ticket.taken_at).count()
    return (
        rows.filter(taken_at__lt=ticket.taken_at).count()
        + rows.filter(is_priority=True, taken_at__gte=ticket.taken_at).exclude(pk=ticket.pk).count()
    )


#: Minutes at a counter where nobody has been served yet today.
USUAL = 8.0


def estimate(people: int, service: float | None, counters: int) -> int:
    """Minutes until so many are served by so many counters; 0 when nobody is ahead."""
    return round(people * (service or USUAL) / max(counters, 1))
