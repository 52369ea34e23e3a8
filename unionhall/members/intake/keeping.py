"""The uploaded file while a job reads it, and what a full disk looks like."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import connection

from unionhall.foundation.errors import Refused
from unionhall.records import attachments

__all__ = ["Stored", "is_full", "plain_file", "sweep"]

_LOCK = "reading.lock"
_SECONDS_TO_LOCK = 60


class Stored(Protocol):
    """What has an uploaded file: a roster's batch, or another room's own. `columns["kind"]` is the file's kind."""

    @property
    def pk(self) -> Any: ...

    @property
    def file(self) -> Any: ...

    @property
    def columns(self) -> Any: ...


def _place() -> Path:
    """Two federations, or two test databases, may share a home and count their batches alike."""
    return Path(settings.HOME) / "tmp" / f"{connection.settings_dict['NAME']}.{settings.FEDERATION}"


def sweep() -> int:
    """Remove plain copies whose reader is gone (killed): nobody holds their lock any more."""
    left = [folder for folder in _place().glob("intake-*") if not _is_read(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _is_read(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # Without a lock it is just being made, or an older release left it.
        with contextlib.suppress(OSError):
            return time.time() - folder.stat().st_mtime < _SECONDS_TO_LOCK
    return False


@contextmanager
def plain_file(batch: Stored) -> Iterator[Path]:
    """The file as uploaded, in a private folder that goes afterwards; those left by killed jobs go first.

    A folder for each reader: a job taken up a second time must not clear away what the first still reads.
    """
    sweep()
    _place().mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=f"intake-{batch.pk}-", dir=_place()))
    try:
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if batch.file is None:
                raise Refused("原文件已经清除。请重新上传。")
            path = folder / f"roster.{batch.columns.get('kind', 'xlsx')}"
            attachments.write_to(batch.file, path)
            yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_full(failure: BaseException) -> bool:
    """Whether the disk of the server or of the database has no room left."""
    if isinstance(failure, OSError):
        return failure.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(failure.__cause__, psycopg.errors.DiskFull)
