"""What a command needs around it: the home directory, the database, Django."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unionhall.foundation import federations
from unionhall.foundation.postgres import Server
from unionhall.foundation.postgres.errors import explain_os_error

PROJECT = Path(__file__).resolve().parent.parent.parent


def home() -> Path:
    """Where data lives: UNIONHALL_HOME, else `var` in the checkout (or here, when installed as a package)."""
    base = PROJECT if (PROJECT / "pyproject.toml").exists() else Path.cwd()
    chosen = Path(os.environ.get("UNIONHALL_HOME") or base / "var").expanduser().resolve()
    os.environ["UNIONHALL_HOME"] = str(chosen)
    return chosen


def house() -> Path:
    """Where the keys and files of the chosen federation lie, inside the home."""
    return federations.house(home(), federations.chosen(os.environ))


def make_home() -> Path:
    """The home directory, made private when it is new: attachments and exports lie in it."""
    try:
        home().mkdir(parents=True, exist_ok=True, mode=0o700)
        house().mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as failure:
        raise explain_os_error(failure, home()) from failure
    return home()


def has_own_database() -> bool:
    """Whether the embedded PostgreSQL is used: DATABASE_URL names another server."""
    return not os.environ.get("DATABASE_URL")


@contextmanager
def database() -> Iterator[Server | None]:
    """The database, running: the embedded server for as long as the block lasts, or None with DATABASE_URL."""
    if not has_own_database():
        yield None
        return
    make_home()
    with Server(home()) as server:
        yield server


def load_django() -> None:
    """Set Django up once. Call it inside `database()`: settings read where the running server listens."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionhall.settings")
    # WhiteNoise warns about a missing directory for collected files.
    (make_home() / "static").mkdir(exist_ok=True)
    if not apps.ready:
        django.setup()


def pending_migrations() -> list[str]:
    """Migrations that are not applied yet, as `app.name`."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
