"""Vouchers that nobody used run out each night."""

from unionhall.foundation.jobs import periodic


@periodic("benefits.expire_vouchers", cron="37 17 * * *")
def expire_vouchers(timestamp: int) -> int:
    """At 01:37 in Beijing (the clock of jobs is UTC)."""
    from ..actions.vouchers import expire_due

    return expire_due()
