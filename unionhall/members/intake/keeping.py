"""The uploaded file while a job reads it, and what a full disk looks like."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from unionhall.foundation.errors import Refused
from unionhall.records import attachments

from ..models import RosterBatch

__all__ = ["is_full", "plain_file", "sweep"]


def _folder(number: int | str) -> Path:
    """Of one batch: two federations, or two test databases, may share a home and count their batches alike."""
    whose = f"{connection.settings_dict['NAME']}.{settings.FEDERATION}"
    return Path(settings.HOME) / "tmp" / whose / f"intake-{number}"


def sweep() -> int:
    """Remove plain copies that a killed job left behind: those of batches that nothing is checking any more."""
    left = [
        path for path in _folder("*").parent.glob("intake-*") if path.name.removeprefix("intake-").isdigit()
    ]
    moving = RosterBatch.objects.everywhere(reason="whose plain file may still be read").filter(
        state=RosterBatch.State.CHECKING
    )
    kept = {_folder(number) for number in moving.values_list("pk", flat=True)}
    gone = [folder for folder in left if folder not in kept]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


@contextmanager
def plain_file(batch: RosterBatch) -> Iterator[Path]:
    """The file as uploaded, in a private folder that goes afterwards; one left by a killed job goes first."""
    folder = _folder(batch.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
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
