"""Whoever asked for something is told when a service appears, however it came into the catalogue."""

from unionhall.foundation.jobs import periodic


@periodic("benefits.tell_needs", cron="20 0 * * *")
def tell_needs(timestamp: int) -> int:
    """At 08:20 in Beijing (the clock of jobs is UTC)."""
    from ..actions import needs

    return needs.tell_due()
