"""Jobs of records: sealing each minute, purging what has expired each hour."""

import logging

from unionhall.foundation.jobs import periodic

from . import attachments, sealing

log = logging.getLogger("unionhall.records")
BLOCKS_A_RUN = 20


@periodic("records.seal_journal", cron="* * * * *")
def seal_journal(timestamp: int) -> int:
    """Bind what was written since; after a bulk of work several blocks at once."""
    count = 0
    for _ in range(BLOCKS_A_RUN):
        done = sealing.seal_pending()
        count += done
        if done < sealing.BATCH:
            break
    return count


@periodic("records.purge_expired", cron="17 * * * *")
def purge_expired(timestamp: int) -> int:
    """Remove files whose purpose has ended (exports after seven days, old rosters as their room decides)."""
    count = attachments.purge_expired()
    if count:
        log.info("expired files removed count=%s", count)
    return count
