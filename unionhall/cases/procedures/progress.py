"""进度查询 of a case: number and query code say where it stands; names, unions and words stay out."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.reviews.progressing import register

from .. import kinds, presenting
from ..actions.core import hash_of
from ..models import Case
from ..versions import state_label


@register
def look_up(number: str, code: str) -> dict[str, Any] | None:
    rows = Case.objects.everywhere(reason="state and due date by number and code, nothing else is read")
    case = rows.filter(number=number).exclude(query_code="").first()
    if case is None or not code or case.query_code != hash_of(number, code):
        return None
    return {
        "number": case.number,
        "procedure": kinds.kind(case.kind).title,
        "state": state_label(case),
        "code": "info" if case.is_open else "ok",
        "clock": presenting.light(case, timezone.now(), working_calendar()),
        "submitted_at": case.opened_at,
        "decided_at": case.closed_at,
        "more_url": reverse("public_feedback_open"),
    }
