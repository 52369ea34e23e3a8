"""One federation, one schema: before tables are made, the schema that search_path names exists, with the extensions."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm")


def prepare_schema(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create the federation's schema and the shared extensions (in `public`, where every federation finds them)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(settings.FEDERATION)}")
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public")
