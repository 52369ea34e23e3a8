"""逢伤必探 逢困必访 逢难必帮: duties and how many were met in time."""

from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import Trouble, VisitDuty
from ..places import days_of

FIGURES = "organisations.figures"
TROUBLE = Dimension("trouble", "情形", lambda where: F("trouble"), dict(Trouble.choices), "trouble")


@indicator(
    "outreach.duties",
    title="必访任务",
    unit="项",
    definition="当年发生的受伤、困难、遇事，按方案要在规定小时内走访的；撤销的除外",
    source="必访任务",
    list_name="desk_visit_duties",
    list_query={"state": "valid"},
    dimensions=(TROUBLE,),
    private="outreach.view",
)
def duties(where: Any) -> Any:
    rows = VisitDuty.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(void_at=None, opened_at__date__range=days_of(where))


subset(
    "outreach.duties_on_time",
    of="outreach.duties",
    when=lambda where: Q(done_at__lte=F("due_at")),
    title="按时走访的必访任务",
    definition="必访任务中，在截止时间前走访的",
    list_query={"state": "met"},
)
subset(
    "outreach.duties_late",
    of="outreach.duties",
    when=lambda where: Q(done_at=None, due_at__lt=timezone.now()),
    title="逾期未走访的必访任务",
    definition="必访任务中，过了截止时间还没有走访的",
    list_query={"state": "overdue"},
)
