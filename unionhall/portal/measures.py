"""Facts for Prometheus that only the database knows; looked up when somebody scrapes, by an index or a small table."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from importlib.metadata import version as installed
from platform import python_version
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from unionhall import __version__
from unionhall.foundation.metrics import declare
from unionhall.foundation.models import Resealing

Labelled = Iterable[tuple[tuple[str, ...], float]]


def _rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _one(sql: str) -> float | None:
    value = _rows(sql)[0][0]
    return None if value is None else float(value)


@declare("unionhall_build_info", "Versions, as labels.", "version", "python", "django")
def build() -> Labelled:
    return [((__version__, python_version(), installed("django")), 1.0)]


@declare("unionhall_jobs", "Jobs by queue and state; those done are left out.", "queue", "state")
def jobs() -> Labelled:
    found = _rows(
        "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs "
        "WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2"
    )
    return [((queue, state), number) for queue, state, number in found]


@declare(
    "unionhall_job_oldest_wait_seconds", "How long the job has waited that waits longest; 0 when none is due."
)
def oldest_wait() -> float | None:
    return _one(
        "SELECT coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))), 0) "
        "FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
        "WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())"
    )


@declare("unionhall_workers", "Job workers whose heartbeat is younger than a minute.")
def workers() -> float | None:
    return _one(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'"
    )


@declare("unionhall_journal_unsealed", "Journal entries that no block holds yet.")
def unsealed() -> float | None:
    # Entries that wait are the newest: look back from the end, not through the journal.
    return _one(
        "SELECT count(*) FROM (SELECT id FROM records_journalentry ORDER BY id DESC LIMIT 20000) e "
        "WHERE NOT EXISTS (SELECT FROM records_journalseal s WHERE s.entry_id = e.id)"
    )


@declare("unionhall_journal_seal_age_seconds", "Time since the last block was sealed.")
def seal_age() -> float | None:
    return _one("SELECT extract(epoch FROM now() - max(sealed_at)) FROM records_journalblock")


@declare(
    "unionhall_journal_gaps", "Places in the lanes found empty when they were sealed: entries removed before."
)
def gaps() -> float | None:
    return _one(
        "SELECT coalesce(sum(jsonb_array_length(gaps)), 0) FROM records_journalblock WHERE gaps <> '[]'"
    )


@declare("unionhall_rollup_unfolded", "Changes of figures that wait to be folded into the rollups.", "kind")
def unfolded() -> Labelled:
    return [
        ((kind,), _one(f"SELECT count(*) FROM {table}") or 0.0)  # noqa: S608 — names of ours
        for kind, table in (("cells", "members_celldelta"), ("flows", "members_flowdelta"))
    ]


@declare("unionhall_outbox_waiting", "Events that wait to be handed out to webhooks.")
def outbox() -> float | None:
    return _one("SELECT count(*) FROM records_outboxevent WHERE taken_at IS NULL")


@declare("unionhall_outbox_oldest_seconds", "Age of the oldest event that waits; 0 when none does.")
def outbox_age() -> float | None:
    return _one(
        "SELECT coalesce(extract(epoch FROM now() - min(at)), 0) FROM records_outboxevent WHERE taken_at IS NULL"
    )


@declare("unionhall_deliveries", "Webhook deliveries that are not done, by state.", "state")
def deliveries() -> Labelled:
    waiting = _one("SELECT count(*) FROM api_delivery WHERE state = 'waiting'") or 0.0
    lost = _one(
        "SELECT count(*) FROM api_delivery WHERE state = 'given_up' AND created_at > now() - interval '7 days'"
    )
    return [(("waiting",), waiting), (("given_up_in_7_days",), lost or 0.0)]


def _listening() -> str:
    """Endpoints of clients in force, as SQL: to those that ended nothing is pushed by intention."""
    today = f"DATE '{timezone.localdate()}'"
    return (
        "FROM api_endpoint e JOIN api_client c ON c.id = e.client_id WHERE c.revoked_at IS NULL "
        f"AND c.valid_from <= {today} AND (c.valid_until IS NULL OR c.valid_until > {today})"
    )


@declare("unionhall_endpoints_stopped", "Webhook endpoints that took nothing and were stopped.")
def endpoints_stopped() -> float | None:
    return _one(f"SELECT count(*) {_listening()} AND e.disabled_at IS NOT NULL")


@declare(
    "unionhall_delivery_oldest_seconds",
    "Age of the oldest delivery that waits, those of stopped endpoints left out; 0 when none does.",
)
def delivery_oldest() -> float | None:
    return _one(
        "SELECT coalesce(extract(epoch FROM now() - min(d.created_at)), 0) FROM api_delivery d "  # noqa: S608
        f"WHERE d.state = 'waiting' AND d.endpoint_id IN (SELECT e.id {_listening()} AND e.disabled_at IS NULL)"
    )


@declare("unionhall_backup_age_seconds", "Time since the last backup; absent before the first.")
def backup_age() -> float | None:
    return _last("portal.backed_up")


@declare(
    "unionhall_drill_age_seconds", "Time since the last restore drill that passed; absent before the first."
)
def drill_age() -> float | None:
    return _last("portal.drilled", "AND (detail->>'ok')::boolean")


def _last(action: str, condition: str = "") -> float | None:
    found = _rows(
        f"SELECT extract(epoch FROM now() - at) FROM records_journalentry WHERE action = '{action}' {condition} "  # noqa: S608
        "ORDER BY id DESC LIMIT 1"
    )
    return float(found[0][0]) if found else None


@declare(
    "unionhall_resealing_unfinished", "Places where sealing anew with the current master key is not finished."
)
def resealing() -> float:
    return Resealing.objects.filter(number=settings.KEYS.current, finished_at=None).count()


@declare("unionhall_key_age_seconds", "Time since the master key in use was chosen; absent for the first.")
def key_age() -> float | None:
    return time.time() - settings.KEYS.since if settings.KEYS.since else None


@declare("unionhall_disk_free_bytes", "Free space where the files lie.")
def disk() -> float:
    return shutil.disk_usage(settings.HOME).free
