"""Figures of needs: how many answered, and how many needs nobody has answered with a service yet."""

from typing import Any

from unionhall.indicators.registry import indicator

from ..models import NeedsRound

FIGURES = "organisations.figures"


@indicator(
    "benefits.needs_rounds",
    title="需求征集",
    unit="次",
    definition="工会向会员征集“最关心、最直接、最现实”需求的次数；到当日为止累计",
    list_name="desk_needs",
)
def rounds(where: Any) -> Any:
    rows = NeedsRound.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows if where.day is None else rows.filter(made_at__date__lte=where.day)
