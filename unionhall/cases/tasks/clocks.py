"""Jobs of clocks: set anew after the calendar changed, looked at once a night; ended as the scheme declares."""

from __future__ import annotations

import logging
from datetime import date

from unionhall.foundation.actors import system_actor
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


@periodic("cases.end_clocks", cron="7 * * * *")
def end_clocks(timestamp: int) -> int:
    """Clocks that ran out and whose scheme names a move for that: mediation times out, an unrated answer is closed."""
    from ..actions.ending import carry_out_due

    done = carry_out_due(system_actor())
    if done:
        log.info("moves made at the end of clocks count=%s", done)
    return done
