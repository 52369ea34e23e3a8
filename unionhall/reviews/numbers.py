"""Numbers of matters: prefix, day, sequence within the day — RH2026112200012."""

from datetime import date

from django.db import connection

from .models import NumberCounter


def next_number(prefix: str, day: date) -> str:
    """Take the next number in the caller's transaction; concurrent submissions of a prefix queue for an instant."""
    return numbers(prefix, day, 1)[0]


def numbers(prefix: str, day: date, count: int) -> list[str]:
    """Take `count` consecutive numbers at once."""
    table = connection.ops.quote_name(NumberCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS c (prefix, day, last) VALUES (%s, %s, %s)"  # noqa: S608 — a table's own name
            " ON CONFLICT (prefix, day) DO UPDATE SET last = c.last + EXCLUDED.last RETURNING last",
            [prefix, day, count],
        )
        (last,) = cursor.fetchone()
    return [f"{prefix}{day:%Y%m%d}{number:05d}" for number in range(last - count + 1, last + 1)]
