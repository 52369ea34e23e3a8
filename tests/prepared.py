"""A migrated home, cold: the homes in which tests run commands, or kill servers, begin as copies of it.

It is made out of the test server's own template, so nothing is migrated twice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from unionhall.foundation.postgres import Server
from unionhall.foundation.postgres.layout import DATABASE


def _home() -> Path:
    return Path(os.environ["UNIONHALL_HOME"]) / "prepared"


def _made_of(home: Path) -> str:
    """The template that it was made of; "" while it is not whole."""
    note = home / "made-of"
    return note.read_text(encoding="utf-8") if note.exists() else ""


def _copy(data: Path, home: Path) -> None:
    (home / "postgres").mkdir(mode=0o700, parents=True)
    subprocess.run(["cp", "-a", str(data), str(home / "postgres" / "data")], check=True)


def keep(running: Server, template: str, settings: Mapping[str, str]) -> None:
    """Make it, unless it is there: the running server is stopped for as long as its files are copied.

    Where somebody else uses that server too, or its files are not in its home, nothing is made.
    """
    home, data = _home(), running.layout.data
    if _made_of(home) == template or not data.exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    try:
        if not running.stop():
            return
        _copy(data, home)
    finally:
        running.start()
    shutil.copy2(running.layout.home / "keys.json", home)
    server = Server(home, settings=settings)
    with server, psycopg.connect(**{**server.connection(), "dbname": "postgres"}, autocommit=True) as link:
        link.execute(f'DROP DATABASE "{DATABASE}"')
        link.execute(f'ALTER DATABASE "{template}" RENAME TO "{DATABASE}"')
    (home / "made-of").write_text(template, encoding="utf-8")


def furnish(home: Path) -> bool:
    """Put a copy into an empty home; False where there is none to copy."""
    prepared = _home()
    if not _made_of(prepared):
        return False
    _copy(prepared / "postgres" / "data", home)
    shutil.copy2(prepared / "keys.json", home)
    return True
