"""Vouchers that nobody used run out each night; what was redeemed is journalled every few minutes."""

from unionhall.foundation.jobs import periodic


@periodic("benefits.expire_vouchers", cron="37 17 * * *")
def expire_vouchers(timestamp: int) -> int:
    """At 01:37 in Beijing (the clock of jobs is UTC)."""
    from ..actions.vouchers import expire_due

    return expire_due()


@periodic("benefits.note_redemptions", cron="*/5 * * * *")
def note_redemptions(timestamp: int) -> int:
    """One entry per merchant, with the digest of its rows."""
    from ..actions import redeeming

    return redeeming.note_redemptions()
