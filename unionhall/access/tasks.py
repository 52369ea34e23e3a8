"""What access does on a clock."""

import logging

from unionhall.foundation.jobs import periodic

from . import signing

log = logging.getLogger("unionhall.access")


@periodic("access.forget_attempts", cron="40 3 * * *")
def forget_attempts(timestamp: int) -> None:
    """Every night: codes and failures of attempts to sign in that are a week old."""
    log.info("sign-in attempts forgotten rows=%s", signing.forget_old_attempts())
