"""Files kept sealed on disk: stored once, opened in chunks, removed when their purpose ends."""

import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.kit import sm

from .actions import journal
from .models import Attachment
from .uploads import safe_name

#: Purposes whose files only a page of the room itself hands out, under permissions of its own.
_guarded: set[str] = set()


def guard(*purposes: str) -> None:
    """Said by a room whose files hold many people's numbers: the general download does not know them."""
    _guarded.update(purposes)


def guarded() -> frozenset[str]:
    return frozenset(_guarded)


def _place(location: str) -> Path:
    return Path(settings.FILES_DIR) / location


def store(
    actor: Actor,
    source: BinaryIO,
    *,
    name: str,
    content_type: str,
    purpose: str,
    paths: tuple[str, ...] = (),
    size: int = 0,
) -> Attachment:
    """Seal `source` into the files directory and record it. A full disk is a Refused and leaves nothing behind."""
    location = f"{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"
    target = _place(location)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with target.open("xb") as sink:
            target.chmod(0o600)
            sm.seal_stream(ring().keys[ring().current], source, sink, location.encode())
    except OSError as failure:
        target.unlink(missing_ok=True)
        raise Refused("文件没有保存成功：服务器磁盘空间不足或不可写。请联系运维人员后重新上传。") from failure
    return Attachment.objects.create(
        name=safe_name(name),
        content_type=content_type[:100],
        size=size,
        sm3=digest(location),
        location=location,
        path=paths[0] if paths else "",
        second_path=paths[1] if len(paths) > 1 else "",
        owner_id=actor.account_id,
        purpose=purpose,
    )


def digest(location: str) -> str:
    """The SM3 of the first megabyte of the file as it lies on the disk."""
    with _place(location).open("rb") as sealed:
        return sm.sm3_hex(sealed.read(1024 * 1024))


def chunks(attachment: Attachment) -> Iterator[bytes]:
    """The plain content, piece by piece. Raises SealBroken when the stored file was altered or cut."""
    with _place(attachment.location).open("rb") as sealed:
        yield from sm.open_chunks(ring().keys, sealed, attachment.location.encode())


def write_to(attachment: Attachment, path: Path) -> None:
    """The plain content into a private file, for readers that need a path; the caller removes it."""
    with path.open("wb") as sink:
        path.chmod(0o600)
        for piece in chunks(attachment):
            sink.write(piece)


def remove(attachment: Attachment) -> None:
    """Delete the file and its record when its purpose has ended."""
    place = _place(attachment.location)
    attachment.delete()
    place.unlink(missing_ok=True)


def empty(attachment: Attachment) -> None:
    """Destroy the content where another row still names the record: an empty file takes its place.

    The old one is deleted once the caller's transaction is kept.
    """
    former, nothing = _place(attachment.location), f"{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"
    target = _place(nothing)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as sink:
        target.chmod(0o600)
        sm.seal_stream(ring().keys[ring().current], BytesIO(), sink, nothing.encode())
    attachment.location, attachment.size, attachment.sm3 = nothing, 0, digest(nothing)
    attachment.save(update_fields=["location", "size", "sm3"])
    transaction.on_commit(lambda: former.unlink(missing_ok=True))


def purge_expired(limit: int = 500) -> int:
    """Remove expired files and their records, one transaction each, and write one journal entry; answers how many."""
    rows = Attachment.objects.everywhere(reason="the platform clears what has expired, wherever it stands")
    count = 0
    for attachment in rows.filter(expires_at__lte=timezone.now()).order_by("pk")[:limit]:
        try:
            with transaction.atomic():
                remove(attachment)
        except ProtectedError:
            continue  # another record still needs it; its room decides
        count += 1
    if count:
        journal(system_actor(), "records.purge", detail={"count": count})
    return count
