"""Figures of hardship relief: files in force, without a named helper, visits and verifications that are late."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import HardshipCategory, HardshipFile, HelperAssignment

FIGURES = "organisations.figures"
CATEGORY = Dimension(
    "category", "困难类别", lambda where: F("category"), dict(HardshipCategory.choices), "category"
)


@indicator(
    "benefits.hardship_files",
    title="在册困难职工档案",
    unit="户",
    definition="已建档、没有退出和注销的困难职工档案，一户一档；以当前为准",
    source="困难职工档案",
    list_name="desk_relief",
    list_query={"stage": "in_force"},
    dimensions=(CATEGORY,),
    private="benefits.relief",
)
def files(where: Any) -> Any:
    rows = HardshipFile.objects.visible_to(where.access, to=FIGURES).in_force()
    return rows.filter(where.q("organisation"))


def unhelped(where: Any = None) -> Q:
    """Without somebody who answers for the file."""
    rows = HelperAssignment.objects.everywhere(reason="whether a file that is counted has a named helper")
    return ~Q(Exists(rows.filter(file=OuterRef("pk"), during__upper_inf=True)))


def visit_late(where: Any = None) -> Q:
    return Q(visit_due__lt=timezone.localdate())


def verification_late(where: Any = None) -> Q:
    return Q(verify_due__lt=timezone.localdate())


subset(
    "benefits.hardship_unhelped",
    of="benefits.hardship_files",
    when=unhelped,
    title="没有帮扶责任人的困难档案",
    definition="在册困难职工档案中，还没有指定帮扶责任人的",
    list_query={"stage": "in_force", "due": "helper"},
)
subset(
    "benefits.hardship_visits_late",
    of="benefits.hardship_files",
    when=visit_late,
    title="走访超期的困难档案",
    definition="在册困难职工档案中，超过走访期限还没有走访的",
    list_query={"stage": "in_force", "due": "visit"},
)
subset(
    "benefits.hardship_verifications_late",
    of="benefits.hardship_files",
    when=verification_late,
    title="复核超期的困难档案",
    definition="在册困难职工档案中，超过年度复核期限还没有复核的",
    list_query={"stage": "in_force", "due": "verify"},
)
