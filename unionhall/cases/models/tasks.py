"""联动任务: plans, the tasks in them, the parts handed to unions and departments, each with its own reply."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation

from .case import Case
from .referrals import Referral

VIEW = "cases.tasks"


class Plan(ScopedModel):
    """A plan (“1+6”, “1+9”, 五年规划): a union's, for a period; its targets are tasks."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = VIEW

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="plans", verbose_name="工会")
    kind = models.CharField("类别", max_length=24)
    title = models.CharField("名称", max_length=120)
    document = models.CharField("文号", max_length=60, blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    made_by = models.CharField("登记人", max_length=80)
    made_at = models.DateTimeField("登记时间", default=timezone.now)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = ScopedQuerySet["Plan"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作规划"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_period")
        ]

    def __str__(self) -> str:
        return self.title


class TaskPart(ScopedModel):
    """A share of a task: a union's below, or a department's, with a duty holder, a day and a reply of its own.

    `body_name`: the department as it was called on the day; what it replies by a referral comes here too.
    """

    scope_path = (
        "case__organisation__path",
        "case__organisation__second_path",
        "organisation__path",
        "organisation__second_path",
    )
    view_permission = VIEW
    part_of = "case"

    class State(models.TextChoices):
        GIVEN = "given", "待答复"
        REPLIED = "replied", "已答复"
        ACCEPTED = "accepted", "已认可"
        RETURNED = "returned", "退回重办"
        REFUSED = "refused", "上交"
        WITHDRAWN = "withdrawn", "已撤回"

    case = models.ForeignKey(Case, models.CASCADE, related_name="parts", verbose_name="任务")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="task_parts", verbose_name="工会"
    )
    body_name = models.CharField("部门", max_length=100, blank=True)
    referral = models.OneToOneField(
        Referral, models.PROTECT, null=True, blank=True, related_name="task_part", verbose_name="联动转办"
    )
    holder = models.CharField("责任人", max_length=60)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人账号"
    )
    asked = models.CharField("要求", max_length=500)
    due_on = models.DateField("答复期限")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.GIVEN)
    progress = models.PositiveSmallIntegerField("进度（%）", default=0)
    reply = models.CharField("答复", max_length=2000, blank=True)
    replied_by = models.CharField("答复人", max_length=80, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)
    returned = models.CharField("退回原因", max_length=500, blank=True)
    given_by = models.CharField("交办人", max_length=80)
    given_at = models.DateTimeField("交办时间", default=timezone.now)

    objects = ScopedQuerySet["TaskPart"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务分工"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, body_name="")
                | (Q(organisation=None) & ~Q(body_name="")),
                name="task_part_one_holder",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="task_part_progress"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organisation", "due_on"],
                condition=Q(state__in=["given", "returned"]),
                name="task_part_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.body_name or self.organisation_id}"

    @property
    def who(self) -> str:
        """The union or the department."""
        return self.organisation.name if self.organisation is not None else self.body_name

    @property
    def stands(self) -> str:
        """The state, with what a department has said by its referral since."""
        if self.referral is None or not self.is_open:
            return str(self.state)
        said = {"replied": self.State.REPLIED, "returned": self.State.REFUSED}
        return str(said.get(self.referral.state, self.state))

    @property
    def answer(self) -> str:
        return self.reply or (self.referral.result if self.referral is not None else "")

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.GIVEN, self.State.RETURNED}


class Task(ScopedModel):
    """A task beside its case: target, methods, steps, safeguard; of a plan, or handed down as part of another task."""

    scope_path = ("case__organisation__path", "case__organisation__second_path")
    view_permission = VIEW
    part_of = "case"

    case = models.OneToOneField(Case, models.CASCADE, related_name="task", verbose_name="案件")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name="规划"
    )
    #: The part of a task above from which this one was handed down; its reply is taken up there.
    above = models.OneToOneField(
        TaskPart, models.PROTECT, null=True, blank=True, related_name="below", verbose_name="上级任务分工"
    )
    target = models.CharField("目标", max_length=500)
    methods = models.CharField("方法", max_length=500, blank=True)
    steps = models.CharField("步骤", max_length=1000, blank=True)
    safeguard = models.CharField("保障", max_length=500, blank=True)
    due_on = models.DateField("完成期限")
    #: 0–100, kept equal to the parts by what changes them.
    progress = models.PositiveSmallIntegerField("进度（%）", default=0)
    result = models.TextField("汇总答复", blank=True)

    objects = ScopedQuerySet["Task"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联动任务"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="task_progress")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.target[:30]}"
