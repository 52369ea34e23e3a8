"""Taking hold of a roster batch: for a job, locked, refused with a reason, its jobs asked for."""

from __future__ import annotations

from typing import Any

from django.db import connection

from unionhall.foundation.actors import Actor
from unionhall.records import attachments
from unionhall.records.actions import notify

from ..models import RosterBatch

__all__ = [
    "NO_SPACE", "UNEXPECTED", "State", "ask_job", "batch_for", "locked", "only_one", "put", "refuse", "tell_uploader",
]  # fmt: skip

State = RosterBatch.State
UNEXPECTED = "{}时出现意外错误，没有写入任何数据，原文件仍在。请点“{}”；再次出现时请联系运维人员。"
NO_SPACE = "服务器磁盘空间不足，{}没有完成，没有写入任何数据，原文件仍在。腾出空间后请点“继续”。"


def batch_for(number: int) -> RosterBatch:
    """A batch for a job, which acts for whoever asked and has asked policy already."""
    return (
        RosterBatch.objects.everywhere(reason="a job on one batch")
        .select_related("organisation")
        .get(pk=number)
    )


def ask_job(name: str, batch: RosterBatch, actor: Actor | None = None, **extra: Any) -> None:
    from .. import tasks  # the jobs call these actions

    arguments: dict[str, Any] = {"batch_id": batch.pk, **extra}
    if actor is not None:
        arguments |= {"account_id": actor.account_id, "name": actor.name, "trace": actor.trace}
    getattr(tasks, name).defer(**arguments)


def locked(batch: RosterBatch) -> RosterBatch:
    rows = RosterBatch.objects.everywhere(reason="the batch at hand, locked")
    return rows.select_for_update(of=("self",)).select_related("organisation", "file").get(pk=batch.pk)


def only_one(batch: RosterBatch) -> None:
    """A second runner of the same job waits here, and then finds the work done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.roster', %s))", [batch.pk]
        )


def put(batch: RosterBatch, **values: Any) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def refuse(batch: RosterBatch, message: str) -> None:
    """The whole file is refused: the batch keeps the reason, the file goes."""
    stored = batch.file
    put(batch, state=State.REFUSED, stage="", message=message, file=None)
    if stored is not None:
        attachments.remove(stored)


def tell_uploader(batch: RosterBatch, title: str) -> None:
    notify(
        batch.uploaded_by_id, title, batch.message or f"{batch.organisation.name}，共 {batch.rows} 行。",
        f"/desk/imports/{batch.pk}/", batch.path,
    )  # fmt: skip
