"""`unionhall backup [FILE]`: the database and the attachments in one file, without the keys.

Counts, journal head and dump are of one snapshot; everything is streamed, so memory stays flat whatever the size.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from unionhall import __version__
from unionhall.foundation import federations

from . import archive
from .archive import DUMP, FILES, FORMAT, MANIFEST, VANISHED, FilesDigest, Manifest
from .arguments import Parser, at_least_one
from .errors import Refusal
from .surroundings import database, load_django


@dataclass(frozen=True, slots=True)
class Moment:
    """The database as of one snapshot: its name for pg_dump, the rows of every table, the journal's head."""

    snapshot: str
    tables: dict[str, int]
    head: str
    migrations: int


@contextmanager
def moment(federation: str) -> Iterator[Moment]:
    """Hold a snapshot while the block lasts."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        tables = count_rows(cursor, federation)
        schema = connection.ops.quote_name(federation)
        cursor.execute(f"SELECT count(*) FROM {schema}.django_migrations")  # noqa: S608 — a quoted name
        (migrations,) = cursor.fetchone()
        cursor.execute(
            f"SELECT number || ':' || digest FROM {schema}.records_journalblock ORDER BY number DESC LIMIT 1"  # noqa: S608
        )
        head = cursor.fetchone()
        yield Moment(snapshot, tables, head[0] if head else "", migrations)


def count_rows(cursor: Any, federation: str) -> dict[str, int]:
    """The rows of every table of a schema."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [federation])
    tables = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{federation}"."{name}"')  # noqa: S608 — names from the catalogue
        tables[name] = cursor.fetchone()[0]
    return tables


def _dump(target: Path, federation: str, snapshot: str) -> None:
    from django.conf import settings

    where, environment = archive.database_settings()
    options = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        *(f"--schema={schema}" for schema in dict.fromkeys((federation, settings.JOBS_SCHEMA))),
        f"--snapshot={snapshot}",
        f"--file={target}",
    ]
    archive.run([*archive.program("pg_dump"), *where, *options], environment, "备份数据库")


class _Hashing:
    """A file read through a digest."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self._source.read(size)
        self.digest.update(block)
        return block


def _add(tar: tarfile.TarFile, path: Path, name: str) -> tuple[str, int] | None:
    """Copy a file in and answer digest and size of what was copied; None when it was removed meanwhile.

    The file is read through one handle: who seals it anew puts another in its place, and this one stays whole.
    """
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    with source:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = os.fstat(source.fileno()).st_size, 0o600, int(time.time())
        hashing = _Hashing(source)
        tar.addfile(member, hashing)  # type: ignore[arg-type]  # it asks for nothing but read
        return hashing.digest.hexdigest(), member.size


def _stored() -> set[str]:
    """The names of all attachments there are now."""
    from django.conf import settings

    files = Path(settings.FILES_DIR)
    return {path.relative_to(files).as_posix() for path in archive.attachments(files)}


def _add_json(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _fill(tar: tarfile.TarFile, dump: Path, seen: Moment, before: set[str]) -> Manifest:
    """`before`: the names of the attachments before the snapshot was taken."""
    from django.conf import settings
    from django.db import connection

    from unionhall.foundation import indexing

    files = Path(settings.FILES_DIR)
    copied = _add(tar, dump, DUMP)
    assert copied is not None
    dump.unlink()
    whole = FilesDigest()
    # Attachments are stored before the row that names them, so those of the snapshot are all here by now.
    for path in tqdm(archive.attachments(files), desc="附件", unit="个", disable=None, file=sys.stderr):
        name = path.relative_to(files).as_posix()
        if (added := _add(tar, path, f"{FILES}/{name}")) is not None:
            whole.add(name, *added)
            before.discard(name)
    if before:
        _add_json(tar, VANISHED, json.dumps(sorted(before), ensure_ascii=False).encode())
    keys = settings.KEYS
    manifest = Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        federation=settings.FEDERATION,
        postgres=connection.connection.info.parameter_status("server_version") or "",
        key_numbers=sorted(keys.masters),
        index_key=archive.fingerprint(keys.indexes[indexing.number(keys)]),
        index_keys={str(number): archive.fingerprint(key) for number, key in keys.indexes.items()},
        dump_bytes=copied[1],
        dump_sha256=copied[0],
        files=whole.count,
        files_bytes=whole.bytes,
        files_sha256=whole.hexdigest(),
        migrations=seen.migrations,
        tables=seen.tables,
        journal_head=seen.head,
    )
    _add_json(tar, MANIFEST, manifest.to_json())
    return manifest


def write(target: Path, *, force: bool = False) -> Manifest:
    """Write the backup: complete under its name, or not at all. Django must be loaded."""
    from django.conf import settings

    if target.exists() and not force:
        raise Refusal(f"{target} 已经存在；请换一个文件名，或加 --force 覆盖。")
    if not target.parent.is_dir():
        raise Refusal(f"目录 {target.parent} 不存在。")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unionhall-backup-") as scratch:
            dump, before = Path(scratch) / DUMP, _stored()
            with moment(settings.FEDERATION) as seen:
                _dump(dump, settings.FEDERATION, seen.snapshot)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    manifest = _fill(tar, dump, seen, before)
                out.flush()
                os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _prune(directory: Path, keep: int) -> int:
    """Remove all but the newest backups of our own naming and this federation; answers how many went."""
    ours = federations.chosen(os.environ)
    found = [
        path
        for path in archive.by_age(directory)
        if archive.NAMED.fullmatch(path.name) and archive.federation_of(path) == ours
    ]
    for path in found[:-keep]:
        path.unlink()
    return max(0, len(found) - keep)


def run(arguments: list[str]) -> int:
    """Back up; say which keys the backup needs, because it doesn't hold them."""
    parser = Parser("backup", "把数据库和附件备份到一个文件。密钥不在里面，须另行保管。")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        nargs="?",
        help="备份文件（默认按联合会和时间命名，放在 UNIONHALL_BACKUPS）",
    )
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    parser.add_argument("--keep", type=at_least_one, help="默认目录里只留本联合会最新的几个")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    target = options.file.expanduser().resolve() if options.file else _named()
    with database():
        load_django()
        manifest = write(target, force=options.force)
        removed = _prune(target.parent, options.keep) if options.keep and not options.file else 0
        _note(target, manifest, time.monotonic() - began)
    if options.json:
        print(
            json.dumps(
                {"file": str(target), "bytes": target.stat().st_size, **json.loads(manifest.to_json())}
            )
        )
        return 0
    numbers = "、".join(str(number) for number in manifest.key_numbers)
    print(f"已备份到 {target}（{target.stat().st_size / 1e6:.1f} MB，附件 {manifest.files} 个）。")
    if removed:
        print(f"删除了 {removed} 个旧备份。")
    print(
        f"备份不含密钥：恢复时需要主密钥 {numbers} 号和索引密钥 {manifest.index_key}，请另行保管 keys.json。"
    )
    return 0


def _named() -> Path:
    """A name by federation and time, in the directory of backups."""
    directory = archive.directory().resolve()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory / archive.name_at(datetime.now(UTC).astimezone())


def _note(target: Path, manifest: Manifest, seconds: float) -> None:
    from django.db import connections

    from unionhall.foundation.actors import system_actor
    from unionhall.records.actions import journal

    journal(
        system_actor("运维命令"), "portal.backed_up",
        detail={
            "bytes": target.stat().st_size, "files": manifest.files, "rows": sum(manifest.tables.values()),
            "seconds": round(seconds, 1), "keys": manifest.key_numbers,
        },
    )  # fmt: skip
    connections.close_all()
