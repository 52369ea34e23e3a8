"""The job of bulletins: each hour, rows whose period is over pass to their domain."""

import logging

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import periodic

from . import actions

log = logging.getLogger("unionhall.bulletins")


@periodic("bulletins.close_due", cron="11 * * * *")
def close_due(timestamp: int) -> int:
    """Working days end at midnight; the hour only says how soon after that."""
    done = actions.close_due(system_actor())
    if done.passed or done.hindered:
        log.info(
            "public notices ended passed=%s hindered=%s ended=%s", done.passed, done.hindered, done.ended
        )
    return done.passed
