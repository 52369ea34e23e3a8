"""Person-visits, firms reached, workers met: each counted once, however many cadres went together."""

from typing import Any

from django.db.models import Count, F, Q, Sum

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import OfficeMonth, Visit, Visitor, VisitStop
from ..places import days_of

FIGURES = "organisations.figures"
KIND = Dimension("kind", "走访方式", lambda where: F("visit__kind"), dict(Visit.Kind.choices), "kind")


@indicator(
    "outreach.visits",
    title="走访",
    unit="次",
    definition="当年已经进行的走访；几名干部一起去的算一次",
    source="走访登记",
    list_name="desk_visits",
    list_query={"state": "made"},
)
def visits(where: Any) -> Any:
    rows = Visit.objects.visible_to(where.access, to=FIGURES).made().filter(where.q("organisation"))
    return rows.filter(on__range=days_of(where))


@indicator(
    "outreach.person_visits",
    title="走访人次",
    unit="人次",
    definition="当年已经进行的走访中的走访人员，一名干部去一次算一人次",
    source="走访登记",
    to="visit__organisation",
    list_name="desk_visits",
    list_query={"state": "made"},
    dimensions=(KIND,),
)
def visitors(where: Any) -> Any:
    rows = Visitor.objects.visible_to(where.access, to=FIGURES)
    rows = rows.filter(where.q("visit__organisation"), visit__state__in=Visit.MADE)
    return rows.filter(visit__on__range=days_of(where))


def _distinct(field: str) -> Any:
    return lambda condition: Count(field, filter=condition, distinct=True)


@indicator(
    "outreach.firms_reached",
    title="走访企业",
    unit="家",
    definition="当年走访到的企业，同一家去几次、几个人去都算一家",
    source="走访登记",
    to="visit__organisation",
    measure=_distinct("employer"),
    list_name="desk_visits",
    list_query={"state": "made"},
    private="outreach.view",
)
def stops(where: Any) -> Any:
    rows = VisitStop.objects.visible_to(where.access, to=FIGURES)
    rows = rows.filter(where.q("visit__organisation"), visit__state__in=Visit.MADE)
    return rows.filter(visit__on__range=days_of(where))


subset(
    "outreach.families_reached",
    of="outreach.firms_reached",
    when=lambda where: Q(person__isnull=False),
    measure=_distinct("person"),
    title="走访职工家庭",
    unit="户",
    definition="当年走访到的职工家庭，同一户去几次算一户",
)
subset(
    "outreach.workers_met",
    of="outreach.firms_reached",
    when=lambda where: Q(workers_met__gt=0),
    measure=lambda condition: Sum("workers_met", filter=condition),
    title="见到职工",
    unit="人次",
    definition="当年走访中见到的职工，每到一处计一次，不按走访干部人数重复计",
)


@indicator(
    "outreach.meetings",
    title="会议",
    unit="次",
    definition="当年各月填报的会议次数合计",
    source="会议文件月报",
    measure=lambda condition: Sum("meetings", filter=condition),
    list_name="desk_office",
)
def months(where: Any) -> Any:
    rows = OfficeMonth.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(month__range=days_of(where))


subset(
    "outreach.documents",
    of="outreach.meetings",
    when=lambda where: Q(documents__gt=0),
    measure=lambda condition: Sum("documents", filter=condition),
    title="文件简报",
    unit="份",
    definition="当年各月填报的文件和简报份数合计",
)
