"""A day that becomes a holiday moves the deadlines of open problems; a job does it."""

from datetime import date

from unionhall.foundation.calendar_changes import on_change


@on_change
def recompute(day: date) -> None:
    from .tasks import recompute_items

    recompute_items.defer()
