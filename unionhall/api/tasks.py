"""Jobs of the interface: pushing events each minute, forgetting what is old each night.

What they do is imported when they do it: no other command waits for httpx and ninja.
"""

from unionhall.foundation.jobs import periodic


@periodic("api.push_events", cron="* * * * *")
def push_events(timestamp: int) -> int:
    """Hand out new events and push what is due. Several workers may do it at once."""
    from .webhooks import delivering

    return delivering.run()


@periodic("api.forget", cron="23 4 * * *")
def forget(timestamp: int) -> int:
    """Answers of yesterday and events of last month are no one's business any more."""
    from . import idempotency
    from .webhooks import delivering

    return idempotency.forget() + delivering.forget()
