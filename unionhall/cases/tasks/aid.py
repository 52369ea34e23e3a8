"""Jobs of legal aid: offers that no lawyer answered, lacking papers that never came."""

from unionhall.foundation.jobs import periodic


@periodic("cases.aid_lapse", cron="17 * * * *")
def lapse(timestamp: int) -> int:
    """How many went back to be assigned, or count as withdrawn."""
    from ..actions import lawyering

    return lawyering.lapse_unanswered() + lawyering.withdraw_unsupplied()
