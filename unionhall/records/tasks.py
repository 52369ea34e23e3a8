"""Jobs of records: sealing each minute (each night what that passed over), purging what has expired each hour."""

import logging

from unionhall.foundation import resealing
from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import job, periodic
from unionhall.foundation.sealing import ring

from . import attachments, drafts, sealing
from .actions import journal

log = logging.getLogger("unionhall.records")
BLOCKS_A_RUN = 20
RESEAL_SECONDS = 50.0


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


@periodic("records.seal_rest", cron="41 3 * * *")
def seal_rest(timestamp: int) -> int:
    """What the minute does not look at: entries of a version from before there were lanes. Reads the whole journal."""
    count = sealing.seal_pending(thorough=True)
    if count:
        log.info("journal entries without a lane sealed count=%s", count)
    return count


@periodic("records.purge_expired", cron="17 * * * *")
def purge_expired(timestamp: int) -> int:
    """Remove files whose purpose has ended (exports after seven days, old rosters as their room decides)."""
    count = attachments.purge_expired()
    if count:
        log.info("expired files removed count=%s", count)
    if gone := drafts.purge_left_alone():
        log.info("drafts left alone removed count=%s", gone)
    return count


@job("records.reseal", queue="keys", lock="records.reseal")
def reseal() -> None:
    """Seal everything anew with the master key in use, a minute at a time, so that other jobs get their turn."""
    if not resealing.run(seconds=RESEAL_SECONDS):
        reseal.configure(schedule_in={"seconds": 5}).defer()
        return
    left = resealing.stale()
    number = ring().current
    journal(
        system_actor(), "records.key_resealed", label=f"{number} 号", detail={"number": number, "left": left}
    )
