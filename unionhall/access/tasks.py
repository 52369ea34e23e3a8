"""What access does on a clock."""

import logging

from unionhall.foundation.jobs import periodic

from . import sessions, signing

log = logging.getLogger("unionhall.access")


@periodic("access.forget_attempts", cron="40 3 * * *")
def forget_attempts(timestamp: int) -> None:
    """Every night: codes that are a week old, and sessions that have ended."""
    log.info("sign-in attempts forgotten rows=%s", signing.forget_old_attempts())
    log.info("ended sessions forgotten rows=%s", sessions.forget_ended())
