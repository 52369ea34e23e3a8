"""The journal as auditors read it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from unionhall.foundation.views import List

from ..forms import JournalFilter
from ..models import JournalBlock, JournalEntry
from ..verbs import label_of


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class Journal(List):
    """Filters in the address; a person's number is searched by a posted form of the members' room."""

    model = JournalEntry
    permission = "records.journal"
    template_name = "records/journal.html"
    filter_form = JournalFilter
    offer_place = "journal.list"

    def filtered(self) -> Any:
        rows, chosen = self.get_queryset(), self.chosen
        if chosen.get("actor"):
            rows = rows.filter(actor_name__contains=chosen["actor"])
        if chosen.get("action"):
            rows = rows.filter(action=chosen["action"])
        if chosen.get("since"):
            rows = rows.filter(at__gte=_midnight(chosen["since"]))
        if chosen.get("until"):
            rows = rows.filter(at__lt=_midnight(chosen["until"] + timedelta(days=1)))
        if chosen.get("subject"):
            kind, pk = chosen["subject"]
            rows = rows.filter(subject_type=kind, subject_id=pk)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.what = label_of(row.action)
            row.about = f"{row.subject_type}:{row.subject_id}" if row.subject_id else ""
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = JournalBlock.objects.order_by("-number").first()
        return super().get_context_data(last_block=last, subject=self.chosen.get("subject"), **kwargs)
