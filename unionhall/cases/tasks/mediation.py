"""Jobs of mediation: cases of mediators whose leave began or whose office ended."""

import logging

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import job, periodic

log = logging.getLogger("unionhall.cases")


@periodic("cases.give_away_mediations", cron="13 * * * *")
def give_away(timestamp: int) -> int:
    """Cases that went to other mediators; what nobody could take is tried again in an hour."""
    from ..actions.mediation import give_away_due

    done = give_away_due(system_actor())
    if done:
        log.info("cases given to other mediators count=%s", done)
    return done


@job("cases.give_away_now", lock="cases.give_away_now")
def give_away_now() -> int:
    """The same at once, where a whole body ended."""
    done: int = give_away(0)
    return done
