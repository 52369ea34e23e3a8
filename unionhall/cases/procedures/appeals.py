"""职工诉求 as a kind of case: its causes, what must be there before a move and what follows from one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.rulebook import calculator

from .. import clocks
from ..actions.appeals_owner import give_an_owner
from ..actions.keeping import write
from ..kinds import Kind, register
from ..models import Appeal, Case
from ..rules.appeals import CAUSES, RATINGS, is_bad, limit
from ..schemes.appeals import AppealScheme
from ..versions import moves_of, scheme_of

WHY = "the appeal of a case that the actor holds"


def appeal_of(case: Case) -> Appeal:
    return Appeal.objects.everywhere(reason=WHY).get(case=case)


def facts(case: Case) -> list[tuple[str, str]]:
    """The hotline's number, the rating and the call back, where there are any."""
    found = Appeal.objects.everywhere(reason=WHY).filter(case=case).first()
    if found is None:
        return []
    rows = []
    if found.source_number:
        rows.append(("热线工单号", found.source_number))
    if found.extended_at:
        rows.append(("延长期限", f"{timezone.localdate(found.extended_at)}"))
    if found.rating:
        rows.append(("职工评价", f"{RATINGS[found.rating]} {found.rating_words}".strip()))
    if found.called_at:
        rows.append(("回访", f"{timezone.localtime(found.called_at):%Y-%m-%d %H:%M}"))
    return rows


def ready(actor: Actor, case: Case, code: str) -> None:
    """The limit is extended once."""
    if code == "extend" and appeal_of(case).extended_at is not None:
        raise Refused("已经延长过一次，不能再延长。请在期限内答复。")


def follow(actor: Actor, case: Case, code: str) -> None:
    """An accepted appeal has an owner; an answer is kept as a text that the worker reads; what was done is dated."""
    now = timezone.now()
    if code == "accept" and case.owner_id is None:
        give_an_owner(actor, case)
    elif code in ("answer", "fixed"):
        said = case.events.filter(verb=code).order_by("-pk").values_list("opinion", flat=True).first()
        write(actor, case, "answer", said or "", shown=True)
        _dated(case, answered_at=now)
    elif code == "called":
        _dated(case, called_at=now)
    elif code == "extend":
        _extend(case)
        _dated(case, extended_at=now)


def _dated(case: Case, **values: object) -> None:
    Appeal.objects.everywhere(reason=WHY).filter(case=case).update(**values)


def _extend(case: Case) -> None:
    scheme = scheme_of(case)
    assert isinstance(scheme, AppealScheme)
    if not clocks.lengthen(case, "close", scheme.extension_days, working_calendar()):
        raise Refused("办结时限没有在计时，不需要延长。")
    case.due_at = clocks.first_due(case)
    case.save(update_fields=["due_at"])


def panel(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the appeal's own part of the page asks."""
    actor = request.actor  # type: ignore[attr-defined]
    handles = actor.may("cases.appeals_handle", *case.organisation.paths)
    return {"may_merge": handles and any(one.code == "merge" for one in moves_of(case))}


APPEAL = Kind(
    code="appeal",
    title="职工诉求",
    prefix="SQ",
    scheme=AppealScheme,
    view="cases.appeals",
    handle="cases.appeals_handle",
    facts=facts,
    desk_moves=frozenset({"accept", "refuse", "ask", "extend", "answer", "called", "fixed"}),
    guards=(ready,),
    follows=(follow,),
    causes=CAUSES,
    template="cases/appeals/of_case.html",
    panel=panel,
    rated=True,
)
register(APPEAL)
calculator("appeals.is_bad", programme="case_appeal")(is_bad)
calculator("appeals.limit", programme="case_appeal")(limit)
