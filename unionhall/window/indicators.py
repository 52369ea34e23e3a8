"""Figures of windows: matters taken by kind and by hall, what was told to be brought, how long people waited."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Avg, DurationField, ExpressionWrapper, F, IntegerField, Q
from django.db.models.functions import Extract, Round
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from .matters import matters
from .models import Intake, Ticket

FIGURES = "organisations.figures"


class _Titles(Mapping[str, str]):
    """Matters register themselves when Django is ready: their words are asked for when a figure is shown."""

    def __getitem__(self, code: str) -> str:
        return next(one.title for one in matters() if one.code == code)

    def __contains__(self, code: object) -> bool:
        return any(one.code == code for one in matters())

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(one.code for one in matters()))

    def __len__(self) -> int:
        return len(matters())


MATTERS = Dimension("matter", "事项", lambda where: F("matter"), _Titles(), "matter")


def days_of(where: Any) -> tuple[date, date]:
    """From the first of January to the day asked for; a `where` with a `year` has that year's days."""
    last, year = where.day or timezone.localdate(), getattr(where, "year", 0)
    if year and year != last.year:
        return date(year, 1, 1), date(year, 12, 31)
    return date(last.year, 1, 1), last


@indicator(
    "window.intakes",
    title="窗口受理",
    unit="件",
    definition="当年窗口受理的事项，含告知补材料的，不含不再办理的",
    source="窗口受理登记",
    list_name="window_intakes",
    private="window.view",
    dimensions=(MATTERS,),
)
def intakes(where: Any) -> Any:
    rows = Intake.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(taken_at__date__range=days_of(where)).exclude(state=Intake.State.DROPPED)


subset(
    "window.intakes_done",
    of="window.intakes",
    when=lambda where: Q(state=Intake.State.DONE),
    title="当场办结",
    definition="当年窗口受理的事项中当场办结的",
    list_query={"state": "done"},
)
subset(
    "window.intakes_told",
    of="window.intakes",
    when=lambda where: Q(state=Intake.State.TOLD),
    title="待补材料",
    definition="当年窗口受理的事项中，一次性告知后还没有补齐的",
    list_query={"state": "told"},
)


def minutes() -> Any:
    waited = ExpressionWrapper(F("called_at") - F("taken_at"), output_field=DurationField())
    return Extract(waited, "epoch") / 60.0


def _average(condition: Q | None) -> Any:
    """Whole minutes from drawing a number to being called."""
    return Round(Avg(minutes(), filter=condition), output_field=IntegerField())


@indicator(
    "window.called",
    title="叫号",
    unit="人次",
    definition="当年服务大厅取号后叫到的，过号的也算",
    source="排队叫号",
    to="hall__organisation",
    list_name="window_waits",
)
def called(where: Any) -> Any:
    rows = Ticket.objects.visible_to(where.access, to=FIGURES).filter(where.q("hall__organisation"))
    return rows.filter(day__range=days_of(where), called_at__isnull=False)


subset(
    "window.average_wait",
    of="window.called",
    when=lambda where: Q(called_at__isnull=False),
    measure=_average,
    title="平均等候",
    unit="分钟",
    definition="当年叫到的人从取号到第一次叫号的平均分钟数",
)
