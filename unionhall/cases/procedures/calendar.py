"""A day that becomes a holiday moves the clocks of open cases; a job does it."""

from datetime import date

from unionhall.foundation.calendar_changes import on_change


@on_change
def recompute(day: date) -> None:
    from ..tasks.clocks import recompute_clocks

    recompute_clocks.defer(since=day.isoformat())
