"""Sealed files under another master key: written beside, synced, and put in place of the old one in one step."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from unionhall.foundation.resealing import Step
from unionhall.foundation.sealing import Ring
from unionhall.kit import sm

from . import attachments
from .models import Attachment

CHUNK = 20
_WHY = "files are sealed anew whoever they belong to; their content is not looked at"
#: Ends the name of a file that is being written; a backup leaves it out.
UNFINISHED = ".part"


class Files:
    """Every attachment's file. Whoever has the old one open reads it to its end."""

    label = "records.attachment（文件）"

    def step(self, after: int, ring: Ring) -> Step:
        rows = Attachment.objects.everywhere(reason=_WHY).filter(pk__gt=after).order_by("pk")
        held = list(rows.select_for_update(skip_locked=True, no_key=True)[:CHUNK])
        step = Step(held[-1].pk if held else None)
        for attachment in held:
            path = Path(settings.FILES_DIR) / attachment.location
            try:
                if _number(path) == ring.current:
                    continue
                _seal_anew(path, attachment.location.encode(), ring)
            except FileNotFoundError:
                continue  # gone with a purge, or never restored: nothing is sealed there
            except sm.SealBroken:
                step.broken += 1
                continue
            attachment.sm3 = attachments.digest(attachment.location)
            attachment.save(update_fields=["sm3"])
            step.changed += 1
        return step

    def used(self) -> Counter[int]:
        found: Counter[int] = Counter()
        rows = Attachment.objects.everywhere(reason=_WHY).values_list("location", flat=True)
        for location in rows.iterator():
            try:
                found[_number(Path(settings.FILES_DIR) / location)] += 1
            except (FileNotFoundError, sm.SealBroken):
                continue
        return found


def _number(path: Path) -> int:
    with path.open("rb") as sealed:
        return sm.stream_key_id(sealed)


def _seal_anew(path: Path, aad: bytes, ring: Ring) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        with path.open("rb") as old, draft.open("xb") as new:
            draft.chmod(0o600)
            plain = _Pieces(sm.open_chunks(ring.keys, old, aad))
            sm.seal_stream(ring.keys[ring.current], plain, new, aad)
            new.flush()
            os.fsync(new.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class _Pieces:
    """Verified pieces read as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int, /) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        found, self._rest = self._rest[:size], self._rest[size:]
        return found
