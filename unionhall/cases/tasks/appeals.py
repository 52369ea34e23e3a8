"""Jobs of appeals."""

from __future__ import annotations

import logging

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import periodic

log = logging.getLogger("unionhall.cases")


@periodic("cases.lapse_appeals", cron="17 17 * * *")
def lapse_appeals(timestamp: int) -> int:
    """Appeals that were answered and not rated in time are closed."""
    from ..actions.appeals import lapse_due

    done = lapse_due(system_actor())
    if done:
        log.info("appeals closed without a rating count=%s", done)
    return done
