"""Certificates brought from a file: kept sealed while it is looked at, taken over by a press, then gone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.members.intake.workbook import write_errors
from unionhall.records import attachments
from unionhall.records.models import Attachment

from .. import certificates, entitlements
from ..certificate_file import Sent, read
from ..models import Certificate

PERMISSION = "benefits.certificates"
PURPOSE = "benefits.certificates"
#: How long a file waits to be taken over.
KEPT = timedelta(days=2)
attachments.guard(PURPOSE)


@dataclass(frozen=True)
class Looked:
    """A file as it was read: certificates that are new, that stand already, rows with faults."""

    sent: Sent
    new: int
    known: int

    @property
    def wrong(self) -> int:
        return len(self.sent.faults)


def keep(actor: Actor, *, path: Path, name: str) -> Attachment:
    """Keep a file for its uploader. Refused when it cannot be read; nothing changes in the registry yet."""
    top = entitlements.top()
    actor.require(PERMISSION, top)
    read(path, name, timezone.localdate())
    with path.open("rb") as source:
        stored = attachments.store(
            actor, source, name=Path(name).name, content_type="application/octet-stream", purpose=PURPOSE,
            paths=(top,), size=path.stat().st_size,
        )  # fmt: skip
    stored.expires_at = timezone.now() + KEPT
    stored.save(update_fields=["expires_at"])
    return stored


def look(actor: Actor, *, file: Attachment) -> Looked:
    """Read the kept file again."""
    actor.require(PERMISSION, entitlements.top())
    with _plain(file) as path:
        sent = read(path, file.name, timezone.localdate())
    numbers = [one.number for one in sent.listed.values()]
    known = Certificate.objects.everywhere(reason=certificates.WHY).filter(number__in=numbers).count()
    return Looked(sent, len(numbers) - known, known)


def errors(actor: Actor, *, file: Attachment) -> bytes:
    """The wrong rows as they were sent in, with 错误说明 beside them."""
    looked = look(actor, file=file)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "errors.xlsx"
        write_errors(target, looked.sent, looked.sent.faults)
        return target.read_bytes()


@transaction.atomic
def take_over(actor: Actor, *, file: Attachment) -> int:
    """Enter the sound rows that are new; answers how many. The file goes; the same file again enters nothing."""
    looked = look(actor, file=file)
    count = certificates.register(actor, listed=looked.sent.listed.values())
    transaction.on_commit(lambda: attachments.remove(file))
    return count


@contextmanager
def _plain(file: Attachment) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="certificates-") as folder:
        path = Path(folder) / f"file{Path(file.name).suffix}"
        attachments.write_to(file, path)
        yield path
