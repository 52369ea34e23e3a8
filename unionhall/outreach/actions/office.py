"""Recording a month's meetings and documents."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import OfficeMonth


@transaction.atomic
def record_month(
    actor: Actor, *, organisation: Organisation, month: date, meetings: int, documents: int
) -> OfficeMonth:
    """The month's numbers; entered again they replace the former, and the journal keeps both."""
    actor.require("outreach.visit", *organisation.paths)
    month = month.replace(day=1)
    if month > timezone.localdate():
        raise Refused("还没到这个月，不能填报。", field="month")
    rows = OfficeMonth.objects.everywhere(reason="one union's month, asked by who fills it in")
    before = rows.select_for_update().filter(organisation=organisation, month=month).first()
    found, _ = rows.update_or_create(
        organisation=organisation,
        month=month,
        defaults={
            "meetings": meetings,
            "documents": documents,
            "recorded_by": actor.name[:80],
            "recorded_at": timezone.now(),
        },
    )
    journal(
        actor, "outreach.office_recorded", subject=found, label=f"{month:%Y-%m}", paths=organisation.paths,
        detail={
            "meetings": meetings, "documents": documents,
            "before": [before.meetings, before.documents] if before else None,
        },
    )  # fmt: skip
    return found
