"""The backup file: a tar of the database dump, the attachments and manifest.json; never the keys.

Format 1 (release 0.1.0) had the manifest first and no row counts; it is still restored.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from unionhall.foundation import federations
from unionhall.foundation.postgres import find_binaries
from unionhall.foundation.postgres.errors import explain_log

from .errors import Refusal
from .surroundings import house

FORMAT = 2
SUFFIX = ".backup"
#: Our own naming: the federation, until 0.2.0 nothing, and the time.
NAMED = re.compile(rf"(?:([a-z][a-z0-9_]*)-)?\d{{4}}-\d\d-\d\d-\d{{6}}{re.escape(SUFFIX)}")
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
#: Names of attachments that were removed while the backup was made: the dump may still name them. Absent when there are
#: none, and no part of the manifest, whose fields earlier programs know by heart.
VANISHED = "vanished.json"
CHUNK = 1 << 20
#: What a rotation of keys has not finished writing (records.resealing).
UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds and needs. `key_numbers` and `index_key` say which keys open it, without giving them away."""

    format: int
    made_at: str
    version: str
    federation: str
    postgres: str
    key_numbers: list[int]
    index_key: str
    dump_bytes: int
    dump_sha256: str
    files: int
    files_bytes: int
    files_sha256: str
    migrations: int
    #: Since format 2: rows of every table and the head of the journal, as of the dump's own snapshot.
    tables: dict[str, int] = field(default_factory=dict)
    journal_head: str = ""
    #: The index keys held by number, named like `index_key` (the one in use), and the number in use.
    index_keys: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises Refusal for a manifest that is not ours or from a later format."""
        try:
            found = cls(**json.loads(text))
        except (ValueError, TypeError) as failure:
            raise Refusal("这不是 UnionHall 的备份文件，或者它已经损坏。") from failure
        if found.format > FORMAT:
            raise Refusal(f"备份格式 {found.format} 比本程序新；请先升级 UnionHall。")
        return found


def fingerprint(secret: bytes) -> str:
    """Names a key without revealing it (keys are 256 random bits)."""
    return hashlib.sha256(b"unionhall key name" + secret).hexdigest()[:16]


def attachments(directory: Path) -> list[Path]:
    """Every attachment below the directory, in a stable order."""
    if not directory.is_dir():
        return []
    return sorted(
        path
        for path in directory.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.endswith(UNFINISHED)
    )


class FilesDigest:
    """One digest over the names and contents of all attachments, in the order of their paths."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()
        self.count = self.bytes = 0

    def add(self, name: str, content_sha256: str, size: int) -> None:
        self._whole.update(f"{name} {content_sha256}\n".encode())
        self.count, self.bytes = self.count + 1, self.bytes + size

    def hexdigest(self) -> str:
        return self._whole.hexdigest()


def name_at(moment: datetime) -> str:
    """What a backup is called by itself: several federations may share a directory, so their names are in it."""
    return f"{federations.chosen(os.environ)}-{moment:%Y-%m-%d-%H%M%S}{SUFFIX}"


def federation_of(backup: Path) -> str | None:
    """Whose backup it is: its name says so, else (until 0.2.0 a bare time) its manifest; None when that isn't read."""
    named = NAMED.fullmatch(backup.name)
    if named is not None and named[1]:
        return named[1]
    try:
        with tarfile.open(backup, "r:") as tar:
            source = tar.extractfile(MANIFEST)
            return Manifest.from_json(source.read()).federation if source is not None else None
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError, Refusal):
        return None


def by_age(directory: Path) -> list[Path]:
    """The backups in a directory, whosever they are, the oldest first."""
    found = [
        path for path in directory.glob(f"*{SUFFIX}") if path.is_file() and not path.name.startswith(".")
    ]
    return sorted(found, key=lambda path: path.stat().st_mtime)


def newest(directory: Path) -> Path | None:
    """The backup of this federation made last in a directory; None when there is none.

    One that doesn't say whose it is may be ours and damaged: it isn't passed over.
    """
    ours = (federations.chosen(os.environ), None)
    return next((path for path in reversed(by_age(directory)) if federation_of(path) in ours), None)


def directory() -> Path:
    """Where backups are kept: UNIONHALL_BACKUPS, else `backups` beside the keys."""
    return Path(os.environ.get("UNIONHALL_BACKUPS") or house() / "backups").expanduser()


def database_settings() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment that lead libpq programs to Django's default database."""
    from django.db import connection

    chosen = connection.settings_dict
    arguments = []
    for option, name in (
        ("--host", "HOST"),
        ("--port", "PORT"),
        ("--username", "USER"),
        ("--dbname", "NAME"),
    ):
        if chosen[name]:
            arguments.append(f"{option}={chosen[name]}")
    environment = dict(os.environ)
    if chosen.get("PASSWORD"):
        environment["PGPASSWORD"] = str(chosen["PASSWORD"])
    return arguments, environment


def _newer_than(server: int) -> Any:
    """Programs able to talk to the server: pg_dump refuses a server newer than itself."""
    found = find_binaries()
    return found if found.major >= server else find_binaries(server)


def program(name: str) -> list[str]:
    """The path of a PostgreSQL client program fit for the connected server."""
    from django.db import connection

    connection.ensure_connection()
    server = connection.connection.info.server_version // 10000
    return [str(_newer_than(server).path(name))]


def run(command: list[str], environment: dict[str, str], what: str, source: IO[bytes] | None = None) -> None:
    """Run a PostgreSQL program. Raises Refusal with the line that says why it failed."""
    answer = subprocess.run(command, env=environment, stdin=source, capture_output=True, check=False)
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", "replace").strip()
        telling = [line for line in said.splitlines() if "error" in line.lower()] or said.splitlines()
        reason = explain_log(said) or (telling[0] if telling else "没有说明原因")
        raise Refusal(f"{what}失败：{reason}")


def members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The attachments inside an archive. Raises Refusal for a name that would leave the directory."""
    for member in archive:
        if not member.name.startswith(f"{FILES}/"):
            continue
        if not member.isfile() or ".." in Path(member.name).parts:
            raise Refusal(f"备份里有不应出现的内容：{member.name}")
        yield member
