"""Jobs that keep the job queue itself well."""

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from . import throttling, uploads
from .jobs import periodic

log = logging.getLogger("unionhall.jobs")
STALLED_AFTER_SECONDS = 60


@periodic("foundation.retry_stalled", cron="* * * * *")
async def retry_stalled(timestamp: int) -> None:
    """Take up again the jobs of a worker that died without a word (its heartbeat stopped)."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            await app.job_manager.retry_job(stalled)
        except UniqueViolation:
            # Its like waits already (a job of the clock); the others are taken up all the same.
            await app.job_manager.finish_job(stalled, Status.ABORTED, delete_job=False)
            log.warning(
                "stalled job left to the next of its kind id=%s name=%s", stalled.id, stalled.task_name
            )
        else:
            log.warning("stalled job taken up again id=%s name=%s", stalled.id, stalled.task_name)


@periodic("foundation.forget_throttles", cron="*/10 * * * *")
def forget_throttles(timestamp: int) -> int:
    """Windows of throttles that ended are no one's business any more."""
    return throttling.forget_ended()


@periodic("foundation.sweep_uploads", cron="51 * * * *")
def sweep_uploads(timestamp: int) -> int:
    """No upload stays on disk because the worker that received it was killed."""
    return uploads.sweep()
