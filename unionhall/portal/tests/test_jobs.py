"""Jobs that an operator puts back into the queue."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.records.tasks import seal_journal

SignIn = Callable[[str], Client]


def fails(job: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job])


def states(*jobs: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text FROM procrastinate_jobs WHERE id = ANY(%s) ORDER BY id", [list(jobs)]
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_job_of_the_clock_whose_like_waits_is_not_tried_again(signed_in: SignIn, world: World) -> None:
    failed = seal_journal.defer(timestamp=0)
    fails(failed)
    waiting = seal_journal.defer(timestamp=60)
    answer = signed_in("operator").post(reverse("ops_retry", args=[failed]), follow=True)
    assert "已经有一个在排队" in answer.content.decode()
    assert states(failed, waiting) == ["failed", "todo"]
