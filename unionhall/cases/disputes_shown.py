"""How a dispute is shown: its lights, its steps, its agreement, who mediates, before whom it is. Rows for templates."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.models import working_calendar
from unionhall.kit.workdays import deadline_state

from .models import Agreement, Case, CaseClock, Dispute, Mediation, MediationSession, Referral
from .rules.disputes import Light, limitation_light, window_light
from .schemes.disputes import DisputeScheme
from .versions import scheme_of

_WHY = "parts of a case that the reader may open"
TONES = {
    "intake": "info", "supplement": "warn", "accepted": "info", "referred": "info", "mediating": "info",
    "agreed": "ok", "failed": "warn", "timeout": "bad", "confirmed": "ok", "reviewed": "ok", "payment_order": "warn",
    "performed": "ok", "enforced": "warn", "closed": "mute", "declined": "mute", "withdrawn": "mute",
}  # fmt: skip
REFERRAL_TONES = {
    "sent": "info", "accepted": "info", "returned": "warn", "replied": "ok", "withdrawn": "mute"
}  # fmt: skip


def scheme_for(case: Case) -> DisputeScheme:
    found = scheme_of(case)
    assert isinstance(found, DisputeScheme)
    return found


def state_of(case: Case) -> dict[str, str]:
    return {"words": scheme_for(case).state(case.state).label, "tone": TONES.get(case.state, "info")}


def limitation(case: Case, found: Dispute) -> Light:
    return limitation_light(
        found.limitation_on, found.limitation_article, scheme_for(case), timezone.localdate()
    )


def clocks(case: Case) -> list[dict[str, Any]]:
    """What runs: a light in working days for each."""
    today, calendar = timezone.localdate(), working_calendar()
    return [
        {
            "label": one.label,
            "due": timezone.localdate(one.due_at),
            "days": deadline_state(timezone.localdate(one.due_at), today, calendar).days,
            "paused": one.pause_reason or "等待补正" if one.state == CaseClock.State.PAUSED else "",
            "article": one.article,
        }
        for one in case.clocks.filter(ended_at=None).order_by("due_at")
    ]


def agreement(case: Case) -> dict[str, Any] | None:
    """The agreement that stands: terms, signatures by side, instalments with lights, windows."""
    rows = Agreement.objects.everywhere(reason=_WHY).exclude(state=Agreement.State.VOID).filter(case=case)
    found = rows.prefetch_related("signatures", "instalments").first()
    if found is None:
        return None
    today = timezone.localdate()
    signed = {one.side: one for one in found.signatures.all()}
    scheme = scheme_for(case)
    windows = (
        [window_light(one, found.effective_on, today) for one in scheme.windows]
        if found.effective_on and case.state == "agreed"
        else []
    )
    return {
        "row": found,
        "tone": {"draft": "warn", "effective": "info", "kept": "ok"}.get(found.state, "mute"),
        "sides": [
            {"side": side, "label": label, "signature": signed.get(side)}
            for side, label in (("worker", "劳动者"), ("employer", "用人单位"), ("mediator", "调解员"))
        ],
        "instalments": [_instalment(one, today) for one in found.instalments.all()],
        "windows": windows,
    }


def _instalment(one: Any, today: date) -> dict[str, Any]:
    left = (one.due_on - today).days
    if one.paid_on:
        words, tone = f"{one.paid_on} 已付", "ok"
    elif left < 0:
        words, tone = f"逾期 {-left} 天", "bad"
    else:
        words, tone = f"还有 {left} 天", "warn" if left <= 3 else "info"
    return {"row": one, "words": words, "tone": tone}


def mediation(case: Case) -> Mediation | None:
    rows = Mediation.objects.everywhere(reason=_WHY).filter(case=case)
    return rows.select_related("body", "mediator").order_by("-pk").first()


def sessions(case: Case) -> list[MediationSession]:
    rows = MediationSession.objects.everywhere(reason=_WHY).filter(case=case)
    return list(rows.select_related("record", "file__attachment").order_by("number"))


def referral_row(one: Referral) -> dict[str, Any]:
    """One line of a referral's list; the deadline counts while the partner owes something."""
    due = timezone.localdate(one.due_at) if one.due_at else None
    today = timezone.localdate()
    waits = one.state in {"sent", "accepted"} and one.ended_at is None
    return {
        "row": one,
        "tone": REFERRAL_TONES[one.state],
        "due": due if waits else None,
        "days": (due - today).days if due and waits else None,
        "waits": waits,
        "ended": one.ended_at is not None,
    }


def referrals(case: Case) -> list[dict[str, Any]]:
    rows = Referral.objects.everywhere(reason=_WHY).filter(case=case).select_related("body")
    return [referral_row(one) for one in rows.order_by("-pk")]


def panel(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What is a dispute's own on the desk's page of the case, and what may be done there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    handle = actor.may("cases.disputes_handle", *case.organisation.paths) and case.is_open
    now, mediates = case.state, case.state in {"mediating", "timeout"}
    found = Dispute.objects.everywhere(reason=_WHY).filter(case=case).first()
    return {
        "limitation": limitation(case, found) if found else None,
        "mediation": mediation(case),
        "sessions": sessions(case),
        "agreement": agreement(case),
        "may": {
            "facts": handle,
            "assign": handle and (now in {"accepted", "referred"} or mediates),
            "mediate": handle and mediates,
            "confirm": handle and now == "agreed",
            "pay": handle and now in {"agreed", "confirmed", "reviewed", "payment_order"},
        },
    }


def with_disputes(rows: Any) -> Any:
    """Cases with what a list of disputes shows, without a query for each row."""
    held = Mediation.objects.everywhere(reason=_WHY).filter(ended_at=None).select_related("mediator")
    return rows.select_related("dispute", "organisation", "employer", "scheme").prefetch_related(
        Prefetch("mediations", queryset=held, to_attr="now_mediated")
    )
