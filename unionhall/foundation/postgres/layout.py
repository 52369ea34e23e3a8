"""Where one home keeps its PostgreSQL: data, socket, log, locks and the note about the running server."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import PostgresError

DEFAULT_PORT = 5432
USER = "unionhall"
DATABASE = "unionhall"
# sockaddr_un.sun_path holds 108 bytes with the terminating zero (man 7 unix); 104 on macOS.
SUN_PATH_LIMIT = 103
STATE_ROOT = Path("/var/lib/unionhall")


def fingerprint(home: Path) -> str:
    """A short stable name for a home directory."""
    return hashlib.sha256(str(home).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one home. `root` holds what PostgreSQL writes; `base` what the supervisor writes."""

    home: Path
    base: Path
    root: Path

    @classmethod
    def of(cls, home: Path | str, root: Path | None = None) -> Layout:
        """The layout for `home`; `root` moves PostgreSQL's own files elsewhere (see confinement)."""
        absolute = Path(home).expanduser().resolve()
        base = absolute / "postgres"
        return cls(absolute, base, root or base)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def note(self) -> Path:
        return self.base / "server.json"

    @property
    def start_lock(self) -> Path:
        return self.base / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.base / "users.lock"

    @property
    def guardian_lock(self) -> Path:
        return self.base / "guardian.lock"

    @property
    def password(self) -> Path:
        return self.base / "password"

    def socket_directory(self, port: int = DEFAULT_PORT) -> Path:
        """Inside the home, or a short private directory under /tmp when the path is too long or too odd."""
        inside = self.root / "socket"
        text = str(inside)
        if len(os.fsencode(f"{text}/.s.PGSQL.{port}")) <= SUN_PATH_LIMIT and not set(text) & set(",'\"\\"):
            return inside
        return Path("/tmp") / f"unionhall-{os.geteuid()}-{fingerprint(self.home)}"  # noqa: S108 — checked below

    def read_note(self) -> dict[str, Any]:
        """What the guardian wrote about the running server; empty when there is none."""
        try:
            found = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def private_directory(path: Path, owner: int | None = None) -> None:
    """Make `path` a directory only its owner may enter. Raises PostgresError when it is someone else's."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = path.lstat()
    expected = os.geteuid() if owner is None else owner
    if owner is not None and found.st_uid != owner and os.geteuid() == 0:
        os.chown(path, owner, owner)
        found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != expected:
        raise PostgresError(f"{path} 属于另一个用户；请用该用户启动，或用 UNIONHALL_HOME 指定另一个目录。")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
