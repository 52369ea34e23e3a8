"""Jobs of the clock: events become duties, what is late is told upward."""

from unionhall.foundation.jobs import job, periodic


@periodic("outreach.look", cron="*/5 * * * *")
def look(timestamp: int) -> int:
    """Injuries, hardships and troubles that other rooms know of become duties; answers how many."""
    from .. import triggers

    return triggers.look()


@periodic("outreach.look_hourly", cron="11 * * * *")
def look_hourly(timestamp: int) -> int:
    """The same for sources that read much; answers how many."""
    from .. import triggers

    return triggers.look(hourly=True)


@job("outreach.recompute_items")
def recompute_items() -> int:
    """The deadlines of open problems follow the calendar; answers how many moved."""
    from unionhall.foundation.actors import system_actor

    from ..actions import items

    return items.recompute(system_actor("节假日调整"))


@periodic("outreach.escalate", cron="*/15 * * * *")
def escalate(timestamp: int) -> int:
    """Superiors are told of late duties and late problems, once; answers how many."""
    from ..actions import duties, items

    return duties.escalate_late() + items.escalate_late()
