"""What every kind of case shows beside its own: partners it is before, and documents that can be made of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest

from unionhall.foundation.panels import Panel, panel

from . import disputes_shown, kinds
from .documents import lacking, templates_for
from .models import Case


@panel("case.detail")
def partners_and_papers(request: HttpRequest, case: Any, day: date | None) -> Panel | None:
    """Nothing for who may neither refer nor handle, where nothing was referred."""
    assert isinstance(case, Case)
    actor = request.actor  # type: ignore[attr-defined]
    refer = case.is_open and actor.may("cases.refer", *case.organisation.paths)
    handle = case.is_open and actor.may(kinds.kind(case.kind).handle, *case.organisation.paths)
    rows = disputes_shown.referrals(case)
    if not (rows or refer or handle):
        return None
    documents = templates_for(case) if handle else []
    return Panel(
        "cases/referrals/on_case.html",
        {
            "case": case,
            "referrals": rows,
            "may_refer": refer,
            "documents": documents,
            "lacking": lacking() if documents else "",
        },
    )
