"""What the scheme declares for the end of a clock (`at_end`), made by the platform when nobody did it before."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.rulebook.models import SchemeUse
from unionhall.rulebook.programmes import code_of

from .. import kinds
from ..models import CaseClock
from ..schemes.base import TELL
from ..versions import scheme_by_digest, scheme_of
from . import core

log = logging.getLogger("unionhall.cases")
_WHY = "the platform makes the move that the scheme declares, wherever the case stands"


def carry_out_due(actor: Actor, *, now: datetime | None = None, limit: int = 1_000) -> int:
    """Make the declared move on every case whose clock has run out, one transaction each; answers how many.

    Under each version what that version says. A case that stands where the move does not begin stays as it is, overdue
    on the lists; one whose move is refused does not stop the others.
    """
    now, count = now or timezone.now(), 0
    codes = {code_of(one.scheme) for one in kinds.all_kinds()}
    for digest in SchemeUse.objects.filter(programme__in=codes).values_list("digest", flat=True):
        scheme = scheme_by_digest(digest)
        for clock in scheme.clocks:
            if clock.at_end == TELL:
                continue
            rows = CaseClock.objects.everywhere(reason=_WHY).filter(
                state=CaseClock.State.RUNNING, due_at__lt=now, code=clock.code, case__scheme=digest,
                case__state__in=scheme.move(clock.at_end).from_,
            )  # fmt: skip
            for case_id in list(rows.order_by("due_at").values_list("case", flat=True)[: limit - count]):
                count += _carry_out(actor, case_id, clock.code, now)
    return count


def _carry_out(actor: Actor, case_id: int, code: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            case = core.lock(case_id)
            clock = case.clocks.filter(code=code, state=CaseClock.State.RUNNING, due_at__lt=now).first()
            scheme = scheme_of(case)
            move = scheme.clock(code).at_end
            if clock is None or case.state not in scheme.move(move).from_:
                return False  # somebody was faster
            core.move(
                actor, case, move, opinion=kinds.kind(case.kind).ends(case, clock), by_right=True, at=now
            )
    except Refused as refusal:
        log.warning("clock ended and its move was refused case=%s code=%s reason=%s", case_id, code, refusal)
        return False
    return True
