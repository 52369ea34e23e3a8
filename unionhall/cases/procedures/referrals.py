"""A day that becomes a holiday moves the clocks of partners; a job does it."""

from datetime import date

from unionhall.foundation.calendar_changes import on_change


@on_change
def recompute(day: date) -> None:
    from ..tasks.referrals import recompute_referrals

    recompute_referrals.defer()
