"""The nightly job of relief: files end with retirement, leaving and death; watches run out; helpers are reminded."""

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import periodic


@periodic("benefits.relief_close", cron="37 1 * * *")
def close_due(timestamp: int) -> int:
    """How many files ended."""
    from ..actions import relief

    done = relief.close_due(system_actor())
    return sum(done.closed.values()) + done.watched
