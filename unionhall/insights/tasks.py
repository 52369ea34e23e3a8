"""Jobs of insights."""

import logging

from unionhall.foundation.jobs import job, periodic

from . import rollups

log = logging.getLogger("unionhall.insights")


@periodic("insights.fold", cron="* * * * *")
def fold_rollups(timestamp: int) -> int:
    """Take what changed since the last minute into the rollups."""
    return rollups.fold() or 0


@job("insights.fold_now", lock="insights.fold_now")
def fold_now() -> None:
    """The same right after a large roster or a large move, so that reading stays as fast as before."""
    count = rollups.fold()
    log.info("rollups folded deltas=%s", count)
