"""Notifications of the job queue go to channels of the federation's own.

Channels belong to the whole database, and procrastinate's carry plain job numbers: with its own channels a worker of
one federation wakes for the jobs of another, and an abort asked for in one stops the job of the same number in the other.
"""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payload TEXT := json_build_object('type', '{kind}', 'job_id', NEW.id)::text;
BEGIN
    PERFORM pg_notify({queue} || NEW.queue_name, payload);
    PERFORM pg_notify({every}, payload);
    RETURN NEW;
END;
$$
"""
_FUNCTIONS = (
    ("procrastinate_notify_queue_job_inserted_v1", "job_inserted"),
    ("procrastinate_notify_queue_abort_job_v1", "abort_job_requested"),
)


def _sql(queue: str, every: str) -> list[str]:
    return [_FUNCTION.format(name=name, kind=kind, queue=queue, every=every) for name, kind in _FUNCTIONS]


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_throttle"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.RunSQL(
            sql=_sql("TG_TABLE_SCHEMA || '#'", "TG_TABLE_SCHEMA || '#'"),
            reverse_sql=_sql("'procrastinate_queue_v1#'", "'procrastinate_any_queue_v1'"),
        )
    ]
