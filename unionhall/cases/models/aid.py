"""法律援助: what an application for aid knows beside its case, who was assigned, what the lawyer did."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.ledger.models import Payment
from unionhall.rulebook.models import Decision

from .case import Case, CaseFile
from .lawyers import Lawyer, LegalAidBody

OF_CASE = ("case__organisation__path", "case__organisation__second_path")
OF_ASSIGNMENT = (
    "assignment__aid__case__organisation__path",
    "assignment__aid__case__organisation__second_path",
)


class LegalAid(ScopedModel):
    """法律援助 of one case: what is asked, what decides on it, how it ended and what the worker thinks of it."""

    scope_path = OF_CASE
    view_permission = "cases.aid"
    part_of = "case"
    owner_path = "case__filed_by_id"

    class Form(models.TextChoices):
        """援助方式 (D2)."""

        MEDIATION = "1", "协商调解"
        PAPERS = "2", "代写文书"
        ARBITRATION = "3", "仲裁代理"
        LAWSUIT = "4", "诉讼代理"

    class Group(models.TextChoices):
        """Whose means are not looked into, whatever the matter (法律援助法 art. 42, items 1 and 2)."""

        NONE = "", "不属于以下情形"
        DEPENDENT = "dependent", "无固定生活来源的未成年人、老年人、残疾人"
        ASSISTED = "assisted", "社会救助、司法救助或者优抚对象"

    class Outcome(models.TextChoices):
        NONE = "", "尚未决定"
        GRANTED = "granted", "给予援助"
        REFUSED = "refused", "不予援助"

    class Result(models.TextChoices):
        NONE = "", "尚未办结"
        AGREED = "agreed", "协商或调解达成一致"
        UPHELD = "upheld", "裁决、判决支持全部请求"
        PARTLY = "partly", "裁决、判决支持部分请求"
        LOST = "lost", "裁决、判决没有支持请求"
        WRITTEN = "written", "文书已完成"
        STOPPED = "stopped", "申请人撤回或终止援助"

    case = models.OneToOneField(Case, models.CASCADE, related_name="legal_aid", verbose_name="案件")
    body = models.ForeignKey(
        LegalAidBody, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="受理机构"
    )
    form = models.CharField("援助方式", max_length=1, choices=Form.choices)
    language = models.CharField("沟通语言", max_length=10, blank=True)
    is_migrant = models.BooleanField("进城务工人员", default=False)
    group = models.CharField("免查情形", max_length=9, choices=Group.choices, blank=True)
    monthly_income = models.DecimalField(
        "家庭人均月收入（元）", max_digits=10, decimal_places=2, null=True, blank=True
    )
    #: 个人诚信承诺 (art. 41): he vouches for what he says of his means.
    vouched = models.BooleanField("已作诚信承诺", default=False)
    expires_on = models.DateField("时效或期限届满日", null=True, blank=True)
    #: Aid was given before the decision, as a limit was about to run out (art. 44).
    first = models.BooleanField("先行援助", default=False)
    lacking = ArrayField(models.CharField(max_length=100), verbose_name="补正清单", default=list, blank=True)
    outcome = models.CharField("决定", max_length=7, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="规则结论"
    )
    result = models.CharField("办理结果", max_length=8, choices=Result.choices, blank=True)
    recovered = models.DecimalField(
        "为职工挽回（元）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    rating = models.PositiveSmallIntegerField("评分", null=True, blank=True)
    rating_words = models.CharField("评价", max_length=300, blank=True)
    rated_at = models.DateTimeField("评价时间", null=True, blank=True)
    #: The first rating, where what followed the call back was rated again.
    first_rating = models.PositiveSmallIntegerField("首次评价", null=True, blank=True)

    objects = ScopedQuerySet["LegalAid"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法律援助"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 5)), name="aid_rating"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="aid_decided_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_form_display()}"


class AssignmentQuerySet(ScopedQuerySet["AidAssignment"]):
    def of_lawyer(self, access: Access) -> Self:
        """The reader's own assignments while they last: then they do not exist for him."""
        if access.account_id is None:
            return self._admit().none()
        return self._admit().filter(
            lawyer__account=access.account_id, lawyer__until=None, ended_at=None, aid__case__closed_at=None
        )

    def open(self) -> Self:
        return self.filter(ended_at=None)


class AidAssignment(ScopedModel):
    """法律援助指派: a case in the hands of a lawyer; `because` says why this one. Ended: declined, replaced, closed."""

    scope_path = ("aid__case__organisation__path", "aid__case__organisation__second_path")
    view_permission = "cases.aid"
    part_of = "aid"

    class State(models.TextChoices):
        OFFERED = "offered", "等待接受"
        ACCEPTED = "accepted", "承办中"
        REPORTED = "reported", "已报结案"
        DECLINED = "declined", "已谢绝"
        LAPSED = "lapsed", "逾期没有答复"
        REPLACED = "replaced", "已更换"
        STOPPED = "stopped", "援助终止"
        CLOSED = "closed", "已结案"

    aid = models.ForeignKey(LegalAid, models.CASCADE, related_name="assignments", verbose_name="法律援助")
    lawyer = models.ForeignKey(Lawyer, models.PROTECT, related_name="assignments", verbose_name="律师")
    because = models.CharField("指派理由", max_length=300)
    assigned_by = models.CharField("指派人", max_length=80)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField("指派时间", default=timezone.now)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复说明", max_length=300, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    #: What the scheme's table gives for the work, decided when the case was closed.
    fee = models.DecimalField("办案补贴（元）", max_digits=10, decimal_places=2, null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="补贴决定"
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付款"
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法律援助指派"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["aid"], condition=Q(ended_at=None), name="aid_one_lawyer")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["lawyer"], condition=Q(ended_at=None), name="aid_load")
        ]

    def __str__(self) -> str:
        return f"{self.aid_id} {self.lawyer_id}"


class AidWork(ScopedModel):
    """办案记录: what the lawyer did on a day, how long it took, and the paper that came of it."""

    scope_path = OF_ASSIGNMENT
    view_permission = "cases.aid"
    part_of = "assignment"

    class Kind(models.TextChoices):
        MEETING = "meeting", "会见当事人"
        EVIDENCE = "evidence", "调查取证"
        MEDIATION = "mediation", "协商、调解"
        PAPERS = "papers", "撰写文书"
        HEARING = "hearing", "出席仲裁、庭审"
        OTHER = "other", "其他"

    assignment = models.ForeignKey(
        AidAssignment, models.CASCADE, related_name="works", verbose_name="法律援助指派"
    )
    on = models.DateField("日期")
    kind = models.CharField("工作", max_length=9, choices=Kind.choices)
    what = models.CharField("内容", max_length=500)
    hours = models.DecimalField("用时（小时）", max_digits=4, decimal_places=1)
    file = models.ForeignKey(
        CaseFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料"
    )
    at = models.DateTimeField("记录时间", default=timezone.now)

    objects = ScopedQuerySet["AidWork"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办案记录"
        ordering: ClassVar[list[str]] = ["on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=24), name="aid_work_hours")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"
