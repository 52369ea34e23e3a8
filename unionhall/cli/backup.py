"""`unionhall backup FILE`: the database and the attachments in one file, without the keys."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from unionhall import __version__

from . import archive
from .archive import DUMP, FILES, FORMAT, MANIFEST, Manifest
from .arguments import Parser
from .errors import Refusal
from .surroundings import database, load_django


def _dump(target: Path, federation: str) -> None:
    where, environment = archive.database_settings()
    options = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--schema={federation}",
        f"--file={target}",
    ]
    archive.run([*archive.program("pg_dump"), *where, *options], environment, "备份数据库")


def _manifest(dump: Path, files: Path, paths: list[Path]) -> Manifest:
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        federation=settings.FEDERATION,
        postgres=connection.connection.info.parameter_status("server_version") or "",
        key_numbers=sorted(settings.KEYS.masters),
        index_key=archive.fingerprint(settings.KEYS.index),
        dump_bytes=dump.stat().st_size,
        dump_sha256=archive.sha256_of(dump),
        files=len(paths),
        files_bytes=sum(path.stat().st_size for path in paths),
        files_sha256=archive.digest_of_files(files, paths),
        migrations=len(MigrationRecorder(connection).applied_migrations()),
    )


def write(target: Path, *, force: bool = False) -> Manifest:
    """Write the backup: complete under its name, or not at all. Django must be loaded."""
    from django.conf import settings

    if target.exists() and not force:
        raise Refusal(f"{target} 已经存在；请换一个文件名，或加 --force 覆盖。")
    if not target.parent.is_dir():
        raise Refusal(f"目录 {target.parent} 不存在。")
    files = Path(settings.FILES_DIR)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unionhall-backup-") as scratch:
            dump = Path(scratch) / DUMP
            _dump(dump, settings.FEDERATION)
            # Attachments are never changed once stored, so those the dump names are all here by now.
            paths = archive.attachments(files)
            manifest = _manifest(dump, files, paths)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    head = tarfile.TarInfo(MANIFEST)
                    head.size = len(manifest.to_json())
                    head.mode = 0o600
                    tar.addfile(head, io.BytesIO(manifest.to_json()))
                    tar.add(dump, DUMP)
                    for path in tqdm(paths, desc="附件", unit="个", disable=None, file=sys.stderr):
                        tar.add(path, f"{FILES}/{path.relative_to(files).as_posix()}")
                out.flush()
                os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def run(arguments: list[str]) -> int:
    """Back up; say which keys the backup needs, because it doesn't hold them."""
    parser = Parser("backup", "把数据库和附件备份到一个文件。密钥不在里面，须另行保管。")
    parser.add_argument("file", type=Path, metavar="FILE", help="备份文件")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    target = options.file.expanduser().resolve()
    with database():
        load_django()
        manifest = write(target, force=options.force)
    if options.json:
        print(
            json.dumps(
                {"file": str(target), "bytes": target.stat().st_size, **json.loads(manifest.to_json())}
            )
        )
        return 0
    numbers = "、".join(str(number) for number in manifest.key_numbers)
    print(f"已备份到 {target}（{target.stat().st_size / 1e6:.1f} MB，附件 {manifest.files} 个）。")
    print(
        f"备份不含密钥：恢复时需要主密钥 {numbers} 号和索引密钥 {manifest.index_key}，请另行保管 keys.json。"
    )
    return 0
