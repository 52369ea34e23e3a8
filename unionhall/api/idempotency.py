"""A request that carries an Idempotency-Key happens once: sent again, it gets the same answer.

The key is written in the transaction of the act itself. A second request with it waits for the first, and then either
finds its answer or, when the first was refused or rolled back, acts. (draft-ietf-httpapi-idempotency-key-header)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from pydantic import BaseModel

from .authentication import Call
from .models import Answered
from .problems import Problem

#: How long an answer is kept.
KEPT = timedelta(days=1)
REPLAYED = "Idempotency-Replayed"


class Done(NamedTuple):
    """What an act answers: the status, the body, and where its result is found."""

    status: int
    body: BaseModel
    location: str = ""


def once(
    request: Call, key: str, parts: list[str | UploadedFile[bytes]], act: Callable[[], Done]
) -> HttpResponse:
    """The answer of `act`, now or of the first time. Raises Problem when the key was used for something else."""
    client = request.auth
    fingerprint = _fingerprint(f"{request.method} {request.path}", *parts)
    with transaction.atomic():
        kept, first = Answered.objects.get_or_create(
            client=client, key=key, defaults={"fingerprint": fingerprint}
        )
        if not first and kept.fingerprint != fingerprint:
            fault = {"parameter": "Idempotency-Key", "detail": "这个请求键已用于另一个请求，请换一个新的。"}
            raise Problem("invalid", errors=[fault])
        if first:
            done = act()
            kept.status, kept.body, kept.location = (
                done.status,
                done.body.model_dump(mode="json"),
                done.location,
            )
            kept.save(update_fields=["status", "body", "location"])
    response: HttpResponse = _api().create_response(request, kept.body, status=kept.status)
    if kept.location:
        response["Location"] = kept.location
    if not first:
        response[REPLAYED] = "true"
    return response


def _api() -> Any:
    from .application import api  # the operations are part of it

    return api


def _fingerprint(*parts: str | UploadedFile[bytes]) -> str:
    """What was asked, fields and files alike; two requests are the same when these are."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(f"{len(part)}:{part}".encode())
            continue
        digest.update(f"file:{part.size}:".encode())
        for chunk in part.chunks():
            digest.update(chunk)
        part.seek(0)
    return digest.hexdigest()


def forget(now: datetime | None = None) -> int:
    """Remove answers that no repetition is expected for any more."""
    count, _ = Answered.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()
    return int(count)
