"""One federation, one schema: before tables are made, the schema that search_path names exists, with the extensions."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

#: Federations that are made at the same moment wait for each other here, and only here: extensions are the database's.
EXTENSIONS_LOCK = 0x554E4558
EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm")


def prepare_schema(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create the federation's schema and the shared extensions (in `public`, where every federation finds them)."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EXTENSIONS_LOCK])
        for schema in dict.fromkeys((settings.FEDERATION, settings.JOBS_SCHEMA)):
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(schema)}")
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public")


_JOB_OBJECTS = """
SELECT format('ALTER TABLE %%s SET SCHEMA %%I', oid::regclass, %(to)s) FROM pg_class
WHERE relnamespace = %(of)s::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate\\_%%'
UNION ALL
SELECT format('ALTER TYPE %%s SET SCHEMA %%I', t.oid::regtype, %(to)s) FROM pg_type t
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE typnamespace = %(of)s::regnamespace AND typname LIKE 'procrastinate\\_%%'
    AND (typtype = 'e' OR (typtype = 'c' AND c.relkind = 'c'))
UNION ALL
SELECT format('ALTER FUNCTION %%s SET SCHEMA %%I', oid::regprocedure, %(to)s) FROM pg_proc
WHERE pronamespace = %(of)s::regnamespace AND proname LIKE 'procrastinate\\_%%'
"""


def keep_jobs_apart(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Move what procrastinate's migrations made into the schema of the jobs, where that is another one.

    Its tables have triggers; where a federation's schema may have none (Citus), they stand beside it (docs/scale.md).
    """
    if settings.JOBS_SCHEMA == settings.FEDERATION:
        return
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(_JOB_OBJECTS, {"of": settings.FEDERATION, "to": settings.JOBS_SCHEMA})
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
