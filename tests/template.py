"""A migrated database kept as a template: test databases are copied from it instead of migrated one by one.

Its name carries a digest of every migration, so a changed migration makes a new one.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

PREFIX = "template_"


def _name() -> str:
    """The template's name for the migrations as they are now."""
    digest = hashlib.sha256(version("django").encode())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.name):
        for path in sorted(Path(app.path).glob("migrations/**/*.py")):
            digest.update(f"{app.name} {path.name}".encode() + path.read_bytes())
    # What every migration run does before and after: the schema, the extensions, content types.
    digest.update((Path(apps.get_app_config("foundation").path) / "database.py").read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def _exists(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def _forget_others(cursor: CursorWrapper) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX.replace("_", r"\_") + "%"]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def ensure() -> str:
    """Make the template if the migrations changed, and return its name. Needs an unblocked connection."""
    name = _name()
    usual = connection.settings_dict["NAME"]
    building = f"{name}_building"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('template'))")
        if _exists(cursor, name):
            connection.close()
            return name
        _forget_others(cursor)
        cursor.execute(f'CREATE DATABASE "{building}"')
    try:
        connection.close()
        connection.settings_dict["NAME"] = building
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
    with connection.cursor() as cursor:
        if not _exists(cursor, name):
            cursor.execute(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    connection.close()
    return name
