"""Figures of public notices: in public now, objections that wait, passed without one."""

from typing import Any

from django.db.models import Q

from unionhall.indicators.registry import indicator, subset

from .models import Objection, PublicNotice

FIGURES = "organisations.figures"


@indicator(
    "bulletins.notices",
    title="公示",
    unit="次",
    definition="公开过的公示（不含草稿）；到当日为止累计，按开始日期",
    list_name="desk_notices",
)
def notices(where: Any) -> Any:
    rows = PublicNotice.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    rows = rows.exclude(state=PublicNotice.State.DRAFT)
    return rows if where.day is None else rows.filter(starts__lte=where.day)


subset(
    "bulletins.notices_in_public",
    of="bulletins.notices",
    title="正在公示",
    definition="公示中和因异议暂停的公示；以当前为准",
    when=lambda where: Q(state__in=[PublicNotice.State.PUBLICISED, PublicNotice.State.SUSPENDED]),
)
subset(
    "bulletins.notices_passed",
    of="bulletins.notices",
    title="公示期满",
    definition="期满、没有终止的公示",
    when=lambda where: Q(state=PublicNotice.State.PASSED),
)


@indicator(
    "bulletins.objections",
    title="公示异议",
    unit="件",
    definition="对公示提出的异议；到当日为止累计，按提出日期",
    list_name="desk_notices",
    to="notice__organisation",
    private="bulletins.settle",
)
def objections(where: Any) -> Any:
    rows = Objection.objects.visible_to(where.access, to=FIGURES).filter(where.q("notice__organisation"))
    return rows if where.day is None else rows.filter(raised_at__date__lte=where.day)


subset(
    "bulletins.objections_open",
    of="bulletins.objections",
    title="待答复的异议",
    definition="还没有处理意见的异议；以当前为准",
    when=lambda where: Q(state=Objection.State.OPEN),
)
