"""Figures of appeals: received, answered in time, how they were rated, call backs; by channel and cause."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import Case, CaseClock, Channel
from ..rules.appeals import CAUSES

FIGURES = "organisations.figures"
CHANNEL = Dimension("channel", "来源", lambda where: F("channel"), dict(Channel.choices), "channel")
CAUSE = Dimension("cause", "事由", lambda where: F("cause"), CAUSES, "cause")
#: What a list of exactly these records asks of /desk/cases/.
ALL = {"kind": "appeal", "state": "all"}


@indicator(
    "cases.appeals",
    title="职工诉求",
    unit="件",
    definition="登记的职工诉求，各渠道合计；以当前为准",
    source="职工诉求案件",
    list_name="desk_cases",
    list_query=ALL,
    dimensions=(CHANNEL, CAUSE),
    private="cases.appeals",
)
def appeals(where: Any) -> Any:
    rows = Case.objects.visible_to(where.access, to=FIGURES).filter(kind="appeal")
    return rows.filter(where.q("organisation"))


def _clocks(**values: Any) -> Q:
    rows = CaseClock.objects.everywhere(reason="clocks of appeals that are counted")
    return Q(Exists(rows.filter(case=OuterRef("pk"), **values)))


def answered(where: Any = None) -> Q:
    return Q(appeal__answered_at__isnull=False)


def in_time(where: Any = None) -> Q:
    """The first answer came within its limit."""
    return _clocks(code="answer", state="met") & answered()


def late(where: Any = None) -> Q:
    return Q(closed_at=None, due_at__lt=timezone.now())


def satisfied(where: Any = None) -> Q:
    return Q(appeal__rating__gte=3)


def dissatisfied(where: Any = None) -> Q:
    return Q(appeal__rating__lte=2)


def called_back(where: Any = None) -> Q:
    """What was rated badly was called back within a working day."""
    return _clocks(code="call_back", state="met")


def _subset(code: str, when: Any, title: str, definition: str, **query: str) -> None:
    subset(
        f"cases.appeals_{code}",
        of="cases.appeals",
        when=when,
        title=title,
        definition=f"职工诉求中，{definition}",
        list_query={**ALL, "figure": code, **query},
    )


#: The conditions that the list, too, knows by these names.
FIGURE_CONDITIONS = {
    "answered": answered,
    "in_time": in_time,
    "late": late,
    "satisfied": satisfied,
    "dissatisfied": dissatisfied,
    "called_back": called_back,
}
_subset("answered", answered, "已答复的诉求", "已经答复的")
_subset("in_time", in_time, "按时答复的诉求", "在答复时限内答复的")
_subset("late", late, "超期未办结的诉求", "还没有办结、已经超过最近时限的")
_subset(
    "satisfied", satisfied, "评价基本满意以上的诉求", "职工评价为基本满意、满意、非常满意的，取最后一次评价"
)
_subset("dissatisfied", dissatisfied, "评价不满意的诉求", "职工评价为不满意、非常不满意的，取最后一次评价")
_subset("called_back", called_back, "按时回访的诉求", "评价不满意后在回访时限内回访的")
