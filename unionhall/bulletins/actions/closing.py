"""The end of a period: rows against which nothing stands pass, each in a transaction of its own."""

import logging
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Exists, OuterRef
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

    A row whose domain refuses, or fails, stays with the reason in `hindrance`, is shown to officers and tried again
    next time. A notice whose rows ended in a run that was killed ends in the next.
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
    for notice_id in _left_running():
        _end(actor, notice_id, 0, done)
    return done


def _left_running() -> list[int]:
    """Notices that stand in public though not one of their rows is open."""
    rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=OuterRef("pk"), state=NoticeRow.State.OPEN)
    running = PublicNotice.objects.everywhere(reason=_WHY).filter(
        ~Exists(rows), state__in=[PublicNotice.State.PUBLICISED, PublicNotice.State.SUSPENDED]
    )
    return list(running.values_list("pk", flat=True))


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
    except (Refused, NotAllowed) as refusal:
        log.warning("a public notice's row was not taken row=%s", row_id)
        _hinder(row_id, str(refusal), done)
    except UnknownPurpose:
        log.warning("a public notice's row has no program row=%s", row_id)
        _hinder(row_id, "没有办理这类公示的程序，请联系运维人员。", done)
    except Exception:
        # Of one row; those of other notices must not wait for whoever mends it.
        log.exception("a public notice's row failed row=%s", row_id)
        _hinder(row_id, "办理时系统出错，下一小时会再试；仍不成功的，请联系运维人员。", done)


def _hinder(row_id: int, why: str, done: Closed) -> None:
    NoticeRow.objects.everywhere(reason=_WHY).filter(pk=row_id).update(hindrance=why[:300])
    done.hindered += 1


@transaction.atomic
def _end(actor: Actor, notice_id: int, passed: int, done: Closed) -> None:
    notice = lock(PublicNotice(pk=notice_id))
    if not notice.is_running:
        return
    end_if_done(notice, timezone.now())
    done.ended += not notice.is_running
    if passed or not notice.is_running:
        note(actor, "passed", notice, rows=passed)
