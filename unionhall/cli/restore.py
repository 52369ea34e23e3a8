"""`unionhall restore FILE`: a backup into an empty database."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from unionhall.foundation import federations
from unionhall.foundation.keys import load_keys

from . import archive
from .archive import CHUNK, DUMP, FILES, MANIFEST, VANISHED, FilesDigest, Manifest
from .arguments import Parser
from .errors import Refusal, readable
from .surroundings import database, house, load_django, make_home, pending_migrations


def _take(tar: tarfile.TarFile, name: str, target: Path) -> str:
    """Copy one member out and return its SHA-256."""
    try:
        source = tar.extractfile(name)
    except KeyError:
        source = None
    if source is None:
        raise Refusal(f"备份里缺少 {name}；文件不完整。")
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while block := source.read(CHUNK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _check_federation(manifest: Manifest) -> None:
    """Raise Refusal for another federation's backup: before its keys, which others can't have, are asked for."""
    theirs, ours = manifest.federation, federations.chosen(os.environ)
    if theirs != ours:
        raise Refusal(f"备份属于“{theirs}”，而现在是“{ours}”；请设 UNIONHALL_FEDERATION={theirs}。")


def _check_keys(manifest: Manifest) -> None:
    """Raise Refusal when this installation's keys couldn't read what the backup holds."""
    place = house() / "keys.json"
    # Asked for before there are any, load_keys would make new ones, which open nothing.
    keys = load_keys(house(), os.environ) if place.exists() or os.environ.get("UNIONHALL_KEYS") else None
    held = set(keys.masters) if keys else set()
    indexes = [archive.fingerprint(key) for key in keys.indexes.values()] if keys else []
    if set(manifest.key_numbers) - held or manifest.index_key not in indexes:
        raise Refusal(
            "密钥不匹配，恢复后将读不出证件号和手机号；"
            f"请先把原来的 keys.json 放到 {place}（权限 600）或设置 UNIONHALL_KEYS，再恢复。"
        )


def _check_empty(federation: str) -> None:
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname IN (%s, %s)", [federation, settings.JOBS_SCHEMA]
        )
        row = cursor.fetchone()
    if row and row[0]:
        raise Refusal(
            f"数据库里已经有 {row[0]} 张表；只能恢复到空的数据库。"
            "请换一个 UNIONHALL_HOME，或在 DATABASE_URL 里指定新建的数据库。"
        )


def restore_database(dump: Path, federation: str) -> None:
    from django.conf import settings
    from django.db import connection

    from unionhall.foundation.database import prepare_schema

    prepare_schema()
    with connection.cursor() as cursor:
        # The dump brings the schemas itself; the extensions, in public, had to be there first.
        for schema in dict.fromkeys((federation, settings.JOBS_SCHEMA)):
            cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(schema)}")
    connection.close()
    where, environment = archive.database_settings()
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    archive.run([*archive.program("pg_restore"), *where, *options, str(dump)], environment, "恢复数据库")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup proven complete: its manifest, and the dump and attachments in a scratch directory of the home.

    `vanished`: attachments that were removed while it was made; the dump may still name them.
    """

    manifest: Manifest
    dump: Path
    files: Path
    vanished: frozenset[str] = frozenset()


def unpack(source: Path, scratch: Path) -> Unpacked:
    """Take the backup apart and prove it. Raises Refusal when anything is missing, cut or changed."""
    head, dump, files = scratch / MANIFEST, scratch / DUMP, scratch / FILES
    files.mkdir()
    vanished: frozenset[str] = frozenset()
    try:
        with tarfile.open(source, "r:") as tar:
            _take(tar, MANIFEST, head)
            manifest = Manifest.from_json(head.read_bytes())
            _check_federation(manifest)
            _check_keys(manifest)
            whole = FilesDigest()
            if _take(tar, DUMP, dump) != manifest.dump_sha256:
                raise Refusal("备份里的数据库不完整或被改动过；没有恢复任何内容。")
            for member in tqdm(archive.members(tar), desc="附件", unit="个", disable=None, file=sys.stderr):
                target = files / Path(member.name).relative_to(FILES)
                target.parent.mkdir(parents=True, exist_ok=True)
                name = target.relative_to(files).as_posix()
                whole.add(name, _take(tar, member.name, target), member.size)
            if VANISHED in tar.getnames():
                _take(tar, VANISHED, scratch / VANISHED)
                vanished = frozenset(json.loads((scratch / VANISHED).read_bytes()))
    except (tarfile.TarError, EOFError, ValueError) as failure:
        raise Refusal(f"{source} 不是备份文件，或者不完整；没有恢复任何内容。") from failure
    if (whole.count, whole.hexdigest()) != (manifest.files, manifest.files_sha256):
        raise Refusal("备份里的附件不完整或被改动过；没有恢复任何内容。")
    return Unpacked(manifest, dump, files, vanished)


def put_back(backup: Unpacked) -> None:
    """Restore into the empty database, in one transaction, then the attachments. Django must be loaded."""
    from django.conf import settings

    federation, files = backup.manifest.federation, Path(settings.FILES_DIR)
    _check_empty(federation)
    if archive.attachments(files):
        raise Refusal(f"{files} 里已经有附件；请换一个空的 UNIONHALL_HOME。")
    restore_database(backup.dump, federation)
    shutil.rmtree(files, ignore_errors=True)
    backup.files.rename(files)


def run(arguments: list[str]) -> int:
    """Restore; say when the restored database is older than the program."""
    parser = Parser("restore", "把备份恢复到空的数据库。需要备份时的密钥。")
    parser.add_argument("file", type=Path, metavar="FILE", help="备份文件")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    source = readable(options.file.expanduser().resolve())
    make_home()
    with tempfile.TemporaryDirectory(dir=house(), prefix=".restoring-") as scratch:
        backup = unpack(source, Path(scratch))
        with database():
            load_django()
            put_back(backup)
            pending = pending_migrations()
    manifest = backup.manifest
    if options.json:
        print(json.dumps({**json.loads(manifest.to_json()), "pending_migrations": pending}))
        return 0
    print(f"已恢复 {manifest.made_at} 的备份，附件 {manifest.files} 个。")
    if pending:
        print(f"程序比备份新，请再执行 unionhall migrate（{len(pending)} 项）。")
    return 0
