"""Uploaded files on their way: into a private folder of this federation's home, swept when one was left behind."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

__all__ = ["PrivateUpload", "PrivateUploads", "folder", "sweep"]

#: No upload takes longer; what is older belongs to a worker that died.
_LEFT_BEHIND_SECONDS = 6 * 3600


def folder() -> Path:
    """Where uploads wait for their request, open to nobody else; made when it is missing."""
    place = Path(settings.UPLOADS_DIR)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


class PrivateUpload(TemporaryUploadedFile):
    """An upload in a file of mode 0600 that goes when it is closed."""

    def __init__(
        self,
        name: str,
        content_type: str | None,
        size: int,
        charset: str | None,
        content_type_extra: dict[str, Any] | None = None,
    ) -> None:
        opened = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder())  # noqa: SIM115 - closed by Django
        UploadedFile.__init__(self, opened, name, content_type, size, charset, content_type_extra)


class PrivateUploads(TemporaryFileUploadHandler):
    """Every upload goes to the private folder, never into the system's common one."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = PrivateUpload(
            self.file_name or "", self.content_type, 0, self.charset, self.content_type_extra
        )


def sweep() -> int:
    """Remove uploads that a killed worker left; answers how many."""
    gone = 0
    for left in folder().iterdir():
        try:
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                left.unlink()
                gone += 1
        except OSError:
            continue
    return gone
