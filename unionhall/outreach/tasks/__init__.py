"""Jobs of the clock: events become duties, what is late is told upward."""

from unionhall.foundation.jobs import periodic


@periodic("outreach.look", cron="*/5 * * * *")
def look(timestamp: int) -> int:
    """Injuries, hardships and troubles that other rooms know of become duties; answers how many."""
    from .. import triggers

    return triggers.look()


@periodic("outreach.escalate", cron="*/15 * * * *")
def escalate(timestamp: int) -> int:
    """Superiors are told of late duties and late problems, once; answers how many."""
    from ..actions import duties, items

    return duties.escalate_late() + items.escalate_late()
