"""Jobs of lists of the hotline 12351."""

from __future__ import annotations

import logging

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import periodic

log = logging.getLogger("unionhall.cases")


@periodic("cases.empty_hotline_lists", cron="37 2 * * *")
def empty_hotline_lists(timestamp: int) -> int:
    """Lists of 12351 whose days are over."""
    from ..actions.hotline_ending import empty_due

    done = empty_due(system_actor())
    if done:
        log.info("hotline lists emptied count=%s", done)
    return done
