"""Workers listen where only their own federation notifies."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from procrastinate import PsycopgConnector
from procrastinate.manager import get_channel_for_queues

from unionhall.foundation.jobs import worker_connector


@pytest.mark.parametrize(
    ("queues", "heard"),
    [(None, ["hubei_jobs#"]), (["default", "clock"], ["hubei_jobs#default", "hubei_jobs#clock"])],
)
def test_a_worker_listens_to_its_own_schema(
    monkeypatch: pytest.MonkeyPatch, queues: list[str] | None, heard: list[str]
) -> None:
    listened: list[str] = []

    async def listen(self: Any, on_notification: Any, channels: Any) -> None:
        listened.extend(channels)

    monkeypatch.setattr(PsycopgConnector, "listen_notify", listen)
    with override_settings(JOBS_SCHEMA="hubei_jobs"):
        channels = get_channel_for_queues(queues=queues)
        # In a thread of its own: the browser's driver may keep a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, worker_connector().listen_notify(lambda **_: None, channels)).result()
    assert listened == heard


@pytest.mark.django_db
def test_the_queue_notifies_in_its_own_schema() -> None:
    """Migration 0003 is in force: an upgrade of procrastinate that puts its own functions back is noticed here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace AND prosrc LIKE '%%pg_notify%%'",
            [settings.JOBS_SCHEMA],
        )
        found = dict(cursor.fetchall())
    assert len(found) == 2
    for name, source in found.items():
        assert source.count("pg_notify(TG_TABLE_SCHEMA || '#'") == source.count("pg_notify(") == 2, name
