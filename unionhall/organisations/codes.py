"""Codes of unions: the division's code and a number that is never given twice, such as 420102-00017."""

from django.db import connection

from .models import Organisation

DIGITS = 5


def next_codes(division: str, count: int = 1) -> list[str]:
    """Free codes for a division; two transactions that ask at once wait for each other."""
    prefix = f"{division}-"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':code:' || %s, 0))",
            [division],
        )
    rows = Organisation.objects.everywhere(reason="a code is unique in the whole federation")
    last = (
        rows.filter(code__regex=rf"^{division}-\d{{{DIGITS}}}$")
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    start = int(last.removeprefix(prefix)) if last else 0
    return [f"{prefix}{start + step:0{DIGITS}d}" for step in range(1, count + 1)]


def next_code(division: str) -> str:
    """One free code."""
    return next_codes(division)[0]
