"""Problems found, settled, in time; how their answers were rated."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from unionhall.indicators.registry import indicator, subset

from ..models import RatingCheck, VisitItem, VisitRating
from ..places import days_of

FIGURES = "organisations.figures"


@indicator(
    "outreach.items",
    title="走访问题",
    unit="个",
    definition="当年走访登记的问题",
    source="走访问题清单",
    list_name="desk_visit_items",
    private="outreach.view",
)
def items(where: Any) -> Any:
    rows = VisitItem.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(created_at__date__range=days_of(where))


subset(
    "outreach.items_settled",
    of="outreach.items",
    when=lambda where: Q(state=VisitItem.State.SETTLED),
    title="已答复问题",
    definition="当年登记的走访问题中，已经答复、没有退回重办的",
    list_query={"state": "settled"},
)
subset(
    "outreach.items_on_time",
    of="outreach.items",
    when=lambda where: Q(state=VisitItem.State.SETTLED, on_time=True),
    title="按期答复问题",
    definition="当年登记的走访问题中，在办理期限内答复的；重办的按重办期限",
    list_query={"state": "settled"},
)
subset(
    "outreach.items_late",
    of="outreach.items",
    when=lambda where: Q(state__in=VisitItem.OPEN, due_on__lt=timezone.localdate()),
    title="逾期未答复问题",
    definition="当年登记的走访问题中，过了办理期限还没有答复的",
    list_query={"state": "late"},
)


@indicator(
    "outreach.ratings",
    title="走访评价",
    unit="次",
    definition="当年职工和企业对走访问题答复的评价；回访时说不是本人评价的不算",
    source="好差评",
    to="item__organisation",
    list_name="desk_visit_items",
    list_query={"state": "rated"},
    private="outreach.view",
)
def ratings(where: Any) -> Any:
    rows = VisitRating.objects.visible_to(where.access, to=FIGURES).filter(where.q("item__organisation"))
    rows = rows.filter(set_aside=False)
    return rows.filter(at__date__range=days_of(where))


subset(
    "outreach.ratings_good",
    of="outreach.ratings",
    when=lambda where: Q(stars__gte=4),
    title="满意评价",
    definition="当年评价中四星和五星的",
    list_query={"state": "rated"},
)
subset(
    "outreach.ratings_by_slip",
    of="outreach.ratings",
    when=lambda where: Q(source=VisitRating.Source.SLIP),
    title="凭回执评价",
    definition="当年评价中凭走访回执上的评价码作出的，其余由本人账号作出",
    list_query={"state": "slip"},
)


@indicator(
    "outreach.rating_checks",
    title="评价回访",
    unit="次",
    definition="凭回执的评价中随机抽出、当年已经回访的",
    source="评价回访",
    to="rating__item__organisation",
    list_name="desk_visit_checks",
    list_query={"state": "checked"},
    private="outreach.supervise",
)
def checks(where: Any) -> Any:
    rows = RatingCheck.objects.visible_to(where.access, to=FIGURES)
    return rows.filter(where.q("rating__item__organisation"), checked_at__date__range=days_of(where))


subset(
    "outreach.rating_checks_denied",
    of="outreach.rating_checks",
    when=lambda where: Q(state=RatingCheck.State.DENIED),
    title="评价不实",
    definition="当年回访时，被走访的人说不是本人评价的",
    list_query={"state": "denied"},
)
