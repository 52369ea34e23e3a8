"""The end of a period: rows against which nothing stands pass, each in a transaction of its own."""

import logging
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused

from ..models import NoticeRow, PublicNotice
from ..purposes import UnknownPurpose
from ..purposes import purpose as purpose_of
from .objecting import end_if_done
from .publicising import lock, note

log = logging.getLogger("unionhall.bulletins")
_WHY = "the platform ends every notice whose period is over, wherever it stands"


@dataclass
class Closed:
    """What one run did: rows that passed, rows that their domain would not take, notices that ended."""

    passed: int = 0
    hindered: int = 0
    ended: int = 0


def close_due(actor: Actor, *, today: date | None = None, limit: int = 100_000) -> Closed:
    """End every row whose last day is over. Running it twice, or after a kill -9, ends nothing twice.

    A row whose domain refuses stays with the reason in `hindrance`, is shown to officers and tried again next time.
    """
    today = today or timezone.localdate()
    done = Closed()
    due = NoticeRow.objects.everywhere(reason=_WHY).due(today)
    keys = due.order_by("notice_id", "order").values_list("notice_id", "pk")[:limit]
    for notice_id, found in groupby(list(keys), key=itemgetter(0)):
        before = done.passed
        for _, row_id in found:
            _close(actor, notice_id, row_id, today, done)
        _end(actor, notice_id, done.passed - before, done)
    return done


def _close(actor: Actor, notice_id: int, row_id: int, today: date, done: Closed) -> None:
    try:
        with transaction.atomic():
            notice = lock(PublicNotice(pk=notice_id))
            row = NoticeRow.objects.everywhere(reason=_WHY).due(today).filter(pk=row_id).first()
            if row is None:
                return  # an objection came, or another worker was faster
            row.notice = notice
            row.state, row.closed_at, row.hindrance = NoticeRow.State.PASSED, timezone.now(), ""
            row.save(update_fields=["state", "closed_at", "hindrance"])
            purpose_of(notice.purpose).on_passed(actor, row)
            done.passed += 1
    except (Refused, NotAllowed, UnknownPurpose) as refusal:
        why = (
            "没有办理这类公示的程序，请联系运维人员。"
            if isinstance(refusal, UnknownPurpose)
            else str(refusal)
        )
        NoticeRow.objects.everywhere(reason=_WHY).filter(pk=row_id).update(hindrance=why[:300])
        log.warning("a public notice's row was not taken row=%s", row_id)
        done.hindered += 1


@transaction.atomic
def _end(actor: Actor, notice_id: int, passed: int, done: Closed) -> None:
    notice = lock(PublicNotice(pk=notice_id))
    if not notice.is_running:
        return
    if passed:
        note(actor, "passed", notice, rows=passed)
    end_if_done(notice, timezone.now())
    done.ended += not notice.is_running
