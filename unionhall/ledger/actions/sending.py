"""The bank's file: made once for an approved batch, kept sealed; with it the payments are on their way."""

import tempfile

from django.db import transaction
from django.utils import timezone

from unionhall.foundation import uploads
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import bank_file as writer
from ..models import Payment, PaymentBatch
from .batches import State, lock, require_state
from .posting import WHY, open_books

PURPOSE = "ledger.bank_file"


@transaction.atomic
def bank_file(actor: Actor, *, batch: PaymentBatch) -> PaymentBatch:
    """Write the file of an approved batch; its payments are sent. Asked again it answers the same file.

    One transaction: killed half-way, nothing is sent, and the batch is still approved.
    """
    fresh = lock(batch)
    actor.require("ledger.make", *fresh.organisation.paths)
    if fresh.state in (State.SENT, State.CLOSED):
        return fresh
    require_state(fresh, State.APPROVED)
    rows = Payment.objects.everywhere(reason=WHY).filter(batch=fresh)
    open_books(rows.order_by().values_list("budget", flat=True).distinct())
    with tempfile.TemporaryFile(dir=uploads.folder()) as plain:
        count, total, digest = writer.write(fresh, plain)
        if (count, total) != (fresh.count, fresh.total):
            raise Refused(
                f"明细合计 {count} 笔 {yuan(total)} 元，与批次不符，没有生成文件。请解散批次后重做。"
            )
        size = plain.tell()
        plain.seek(0)
        fresh.file = attachments.store(
            actor, plain, name=f"{fresh.number}.csv", content_type="text/csv; charset=utf-8", purpose=PURPOSE,
            paths=fresh.organisation.paths, size=size,
        )  # fmt: skip
    fresh.file_digest, fresh.sent_at, fresh.state = digest, timezone.now(), State.SENT
    fresh.save(update_fields=["file", "file_digest", "sent_at", "state"])
    rows.update(state=Payment.State.SENT)
    journal(
        actor,
        "ledger.bank_file_made",
        subject=fresh,
        label=fresh.number,
        paths=fresh.organisation.paths,
        detail={"count": count, "total": str(total)},
        digest=digest,
    )
    return fresh
