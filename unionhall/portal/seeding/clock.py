"""Letting real actions happen some days ago: while the block lasts, Django's clock shows an earlier moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from unionhall.records.models import Message

__all__ = ["at"]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """For seeding only: one process, one thread. The journal keeps the true time; messages get the moment."""
    true, last = (
        timezone.now,
        Message.objects.everywhere(reason="seeding an empty database")
        .order_by("-pk")
        .values_list("pk", flat=True),
    )
    before = last.first() or 0
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = true
    Message.objects.everywhere(reason="seeding an empty database").filter(pk__gt=before).update(
        created_at=moment
    )
