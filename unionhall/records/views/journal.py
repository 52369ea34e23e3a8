"""The journal as auditors read it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from unionhall.foundation.views import List

from ..forms import JournalFilter
from ..models import JournalBlock, JournalEntry
from ..verbs import label_of


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class Journal(List):
    """Filters in the address; a person's number is searched by a posted form of the members' room.

    Newest first: by number, and within days by time, whose index ends where the days end. By number one week of years
    ago would be looked for behind everything that came after it.
    """

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

    @property
    def within_days(self) -> bool:
        return bool(self.chosen.get("since") or self.chosen.get("until"))

    def ordered(self, rows: Any, *, falling: bool) -> Any:
        if not self.within_days:
            return super().ordered(rows, falling=falling)
        return rows.order_by("-at", "-pk") if falling else rows.order_by("at", "pk")

    def beyond(self, rows: Any, key: str, *, falling: bool) -> Any:
        if not self.within_days:
            return super().beyond(rows, key, falling=falling)
        at = self.get_queryset().filter(pk=key).values_list("at", flat=True).first()
        if at is None:
            raise Http404
        way = "lt" if falling else "gt"
        same = Q(at=at, **{f"pk__{way}": key})
        return rows.filter(Q(**{f"at__{way}": at}) | same, **{f"at__{way}e": at})

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.what = label_of(row.action)
            row.about = f"{row.subject_type}:{row.subject_id}" if row.subject_id else ""
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = JournalBlock.objects.order_by("-number").first()
        return super().get_context_data(
            last_block=last,
            subject=self.chosen.get("subject"),
            narrowed=self._narrowed(),
            **kwargs,
        )

    def _narrowed(self) -> str:
        """What to say where the search by name looks at a month only."""
        if not self.form.is_narrowed:
            return ""
        since = self.chosen["since"]
        return f"没有填写“自”哪天，按操作人只查 {since:%Y-%m-%d} 以后的日志。查更早的，请填写日期，范围在一年以内。"
