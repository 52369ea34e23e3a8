"""One after the other: whatever reads a year's sums and adds to them holds this lock until its transaction ends."""

from django.db import connection

__all__ = ["take_turn"]


def take_turn() -> None:
    """Wait until nobody else checks or works out settlements of this federation. Taken before any budget's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.medical_aid', 0))"
        )
