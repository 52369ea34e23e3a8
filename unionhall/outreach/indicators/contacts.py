"""Contact points, firms in difficulty and whether each has a named helper."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from unionhall.indicators.registry import indicator, subset

from ..models import ContactPoint, DifficultFirm

FIGURES = "organisations.figures"


@indicator(
    "outreach.contact_points",
    title="联系点",
    unit="个",
    definition="现在有干部联系的工会、企业和职工家庭，几名干部联系同一处分别计",
    source="联系点",
    list_name="desk_contacts",
    private="outreach.view",
)
def points(where: Any) -> Any:
    day = where.day or timezone.localdate()
    rows = ContactPoint.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(period__contains=day)


@indicator(
    "outreach.difficult_firms",
    title="困难企业",
    unit="家",
    definition="现在困难企业名单里的企业",
    source="困难企业名单",
    list_name="desk_difficult_firms",
)
def firms(where: Any) -> Any:
    rows = DifficultFirm.objects.visible_to(where.access, to=FIGURES).in_force()
    return rows.filter(where.q("organisation"))


def helped(where: Any = None) -> Q:
    """With a named helper today."""
    held = ContactPoint.objects.everywhere(
        reason="whether a firm that is counted has a named helper"
    ).current()
    return Q(Exists(held.filter(employer=OuterRef("employer"), helps=True)))


subset(
    "outreach.difficult_firms_helped",
    of="outreach.difficult_firms",
    when=helped,
    title="有帮扶责任人的困难企业",
    definition="困难企业中，已经指定帮扶责任人的",
    list_query={"helper": "yes"},
)
