"""Jobs of referrals: partners' clocks set anew after the calendar changed, and looked at once a night."""

from unionhall.foundation.jobs import job, periodic
from unionhall.foundation.models import working_calendar


@job("cases.recompute_referrals", lock="cases.recompute_referrals")
def recompute_referrals() -> int:
    """Clocks of partners that moved with the calendar."""
    from ..actions.referrals import recompute

    return recompute(working_calendar())


@periodic("cases.check_referrals", cron="51 17 * * *")
def check_referrals(timestamp: int) -> int:
    """Once a night all of them: what was begun while the calendar was being changed is found here."""
    from ..actions.referrals import recompute

    return recompute(working_calendar())
