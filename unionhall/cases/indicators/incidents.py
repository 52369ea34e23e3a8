"""Figures of incidents, supervision and tasks: first reports in time, releases, open warnings, answers in time."""

from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import Case, SupervisionNote, TaskPart

FIGURES = "organisations.figures"
GRADES = {"I": "特别重大", "II": "重大", "III": "较大", "IV": "一般"}
GRADE = Dimension("grade", "事件等级", lambda where: F("grade"), GRADES, "grade", unknown="未分级")


@indicator(
    "cases.incidents",
    title="群体性事件",
    unit="起",
    definition="已首报的群体性事件，不含预警和已解除的预警；一起一件",
    source="群体性事件处置室",
    list_name="desk_incidents",
    dimensions=(GRADE,),
    private="cases.incidents",
)
def incidents(where: Any) -> Any:
    rows = Case.objects.visible_to(where.access, to=FIGURES).filter(kind="incident")
    return rows.exclude(state__in=["warning", "dismissed"]).filter(where.q("organisation"))


def late(where: Any = None) -> Q:
    return Q(incident__late_minutes__gt=0)


def withheld(where: Any = None) -> Q:
    return Q(incident__withheld=True)


def going_on(where: Any = None) -> Q:
    return Q(closed_at=None)


subset(
    "cases.incidents_open", of="cases.incidents", when=going_on, title="处置中的群体性事件",
    definition="群体性事件中还没有办结的", list_query={"state": "open"},
)  # fmt: skip
subset(
    "cases.incidents_late", of="cases.incidents", when=late, title="迟报的群体性事件",
    definition="首报超过方案规定时限的群体性事件", list_query={"flag": "late"},
)  # fmt: skip
subset(
    "cases.incidents_withheld", of="cases.incidents", when=withheld, title="疑似瞒报漏报的群体性事件",
    definition="从发生到首次报告超过方案规定时间的群体性事件", list_query={"flag": "late"},
)  # fmt: skip


@indicator(
    "cases.supervision_notes",
    title="督办单",
    unit="张",
    definition="发给本单位和下级工会的督办单，不含撤回的",
    source="督办",
    to="addressee",
    list_name="desk_supervision_notes",
    private="cases.supervision",
)
def notes(where: Any) -> Any:
    rows = SupervisionNote.objects.all().visible_to(where.access, to=FIGURES).exclude(state="withdrawn")
    return rows.filter(where.q("addressee"))


def answered_late(where: Any = None) -> Q:
    return Q(late=True) | Q(state__in=["sent", "escalated"], due_on__lt=timezone.localdate())


def repeated(where: Any = None) -> Q:
    return Q(round__gt=1)


subset(
    "cases.supervision_late", of="cases.supervision_notes",
    when=answered_late,
    title="逾期未回复或超期回复的督办单", definition="督办单中超过回复期限的，含已上移的", list_query={"state": "late"},
)  # fmt: skip
subset(
    "cases.supervision_repeated", of="cases.supervision_notes", when=repeated,
    title="重复督办", definition="同一案件第二次及以后的督办单", list_query={"repeated": "1"},
)  # fmt: skip


@indicator(
    "cases.task_parts",
    title="联动任务分工",
    unit="项",
    definition="交给本单位和下级工会的任务分工，不含撤回的；交给部门的不在内",
    source="联动任务",
    list_name="desk_task_parts",
    public_because="a task is given to unions and is no person's matter",
)
def parts(where: Any) -> Any:
    rows = TaskPart.objects.all().visible_to(where.access, to=FIGURES).exclude(state="withdrawn")
    return rows.filter(where.q("organisation"))


def part_late(where: Any = None) -> Q:
    return Q(state__in=["given", "returned"], due_on__lt=timezone.localdate())


subset(
    "cases.task_parts_late", of="cases.task_parts",
    when=part_late,
    title="逾期的任务分工", definition="任务分工中超过答复期限还没有答复的",
)  # fmt: skip
