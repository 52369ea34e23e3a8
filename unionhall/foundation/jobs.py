"""Background jobs on procrastinate: queued in the caller's transaction, so a rollback enqueues nothing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from procrastinate import PsycopgConnector, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from .federations import channel

#: A job whose worker died is taken up again; each job is written so that running it twice changes nothing.
RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)


def job(name: str, *, queue: str = "default", lock: str | None = None) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job. `name` is stable (queued rows carry it); arguments are plain JSON values such as ids."""
    return app.task(name=name, queue=queue, retry=RETRY, lock=lock, pass_context=False)


def periodic(name: str, *, cron: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a job that runs on a clock (cron syntax); it is given the planned time as `timestamp`."""

    def register(function: Callable[..., Any]) -> Any:
        task = app.task(name=name, queue="clock", queueing_lock=name, pass_context=False)(function)
        return app.periodic(cron=cron)(task)

    return register


class WorkerConnector(PsycopgConnector):
    """A worker's connections. It listens where only its own federation notifies (migration 0003_job_channels)."""

    async def listen_notify(self, on_notification: Any, channels: Iterable[str]) -> None:
        own = [channel(settings.JOBS_SCHEMA, name) for name in channels]
        await super().listen_notify(on_notification=on_notification, channels=own)


def worker_connector() -> WorkerConnector:
    """The connector for whoever runs jobs, on Django's default database."""
    return WorkerConnector(kwargs=connector_params("default"))
