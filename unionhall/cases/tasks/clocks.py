"""Jobs of clocks: set anew after the calendar changed, and looked at once a night."""

from __future__ import annotations

import logging
from datetime import date

from unionhall.foundation.jobs import job, periodic
from unionhall.foundation.models import working_calendar

log = logging.getLogger("unionhall.cases")


@job("cases.recompute_clocks", lock="cases.recompute_clocks")
def recompute_clocks(*, since: str) -> int:
    """Every open clock that the day `since` (ISO) or a later one may move."""
    from .. import clocks

    changed = clocks.recompute(working_calendar(), since=date.fromisoformat(since))
    log.info("clocks recomputed since=%s count=%s", since, changed)
    return changed


@periodic("cases.check_clocks", cron="47 17 * * *")
def check_clocks(timestamp: int) -> int:
    """Once a night all of them: what was begun while the calendar was being changed is found here."""
    from .. import clocks

    changed = clocks.recompute(working_calendar())
    if changed:
        log.warning("clocks that did not fit the calendar count=%s", changed)
    return changed
