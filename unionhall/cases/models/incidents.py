"""群体性事件: what only an incident knows, who does what in the room, the log, opinions, talks, the agreement."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.bulletins.models import Bulletin
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.records.models import Attachment

from .case import Case

VIEW = "cases.incidents"


class _Part(ScopedModel):
    """What belongs to an incident and is seen by who sees incidents there."""

    scope_path = ("case__organisation__path", "case__organisation__second_path")
    view_permission = VIEW
    part_of = "case"

    class Meta:
        abstract = True


class Incident(_Part):
    """An incident beside its case. `grade` and headcount stand with the case; here is where, since when, how told.

    `late_minutes` and `withheld`: what the rule made of the first report. `data_gone_at`: personal data destroyed.
    """

    class Origin(models.TextChoices):
        REPORT = "report", "人工上报"
        CLUSTER = "cluster", "同一单位案件集中"

    case = models.OneToOneField(Case, models.CASCADE, related_name="incident", verbose_name="案件")
    origin = models.CharField("来源", max_length=7, choices=Origin.choices, default=Origin.REPORT)
    occurred_at = models.DateTimeField("发生时间")
    known_at = models.DateTimeField("知悉时间")
    place = models.CharField("地点", max_length=120, blank=True)
    deaths = models.PositiveSmallIntegerField("死亡人数", default=0)
    triggers = ArrayField(models.CharField(max_length=24), verbose_name="情形", default=list, blank=True)
    reported_at = models.DateTimeField("首报时间", null=True, blank=True)
    late_minutes = models.PositiveIntegerField("首报迟报分钟", default=0)
    gap_minutes = models.PositiveIntegerField("发生到首报分钟", default=0)
    withheld = models.BooleanField("疑似瞒报漏报", default=False)
    #: Of a warning: cases and people that made it, and those at the moment it was dismissed.
    cluster_cases = models.PositiveIntegerField("关联案件数", default=0)
    cluster_headcount = models.PositiveIntegerField("关联人数", default=0)
    review = models.TextField("复盘结论", max_length=4000, blank=True)
    data_gone_at = models.DateTimeField("个人信息销毁时间", null=True, blank=True)
    data_gone = models.JSONField("销毁清点", default=dict, blank=True)

    objects = ScopedQuerySet["Incident"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "群体性事件"

    def __str__(self) -> str:
        return f"{self.case_id} {self.place}"


class IncidentDuty(_Part):
    """Who does what in the room, for a period. A role is held by one account at a time."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="duties", verbose_name="案件")
    role = models.CharField("岗位", max_length=24)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="账号")
    since = models.DateTimeField("开始", default=timezone.now)
    until = models.DateTimeField("结束", null=True, blank=True)

    objects = ScopedQuerySet["IncidentDuty"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件岗位"
        ordering: ClassVar[list[str]] = ["since"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "role"], condition=Q(until=None), name="incident_duty_one"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="incident_duty_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


class IncidentEntry(_Part):
    """One line of the log: when and where it was, who wrote it, a photo if one. Never altered while the case lives."""

    class Kind(models.TextChoices):
        SCENE = "scene", "现场情况"
        PHONE = "phone", "电话报告"
        WRITTEN = "written", "书面报告"
        UPDATE = "update", "续报"
        STATEMENT = "statement", "人员陈述"
        SUPPORT = "support", "协助党委政府"
        DECISION = "decision", "处置决定"

    case = models.ForeignKey(Case, models.CASCADE, related_name="entries", verbose_name="案件")
    kind = models.CharField("类别", max_length=9, choices=Kind.choices, default=Kind.SCENE)
    at = models.DateTimeField("时间", default=timezone.now)
    place = models.CharField("地点", max_length=120, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=8, decimal_places=5, null=True, blank=True)
    body = models.CharField("内容", max_length=2000)
    headcount = models.PositiveIntegerField("现场人数", null=True, blank=True)
    photo = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="照片"
    )
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("记录人", max_length=80)
    recorded_at = models.DateTimeField("记录时间", default=timezone.now)

    objects = ScopedQuerySet["IncidentEntry"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件日志"
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_kind_display()}"


class IncidentOpinion(_Part):
    """What workers ask for, under a topic, with how many say so; and what the other side answers."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="opinions", verbose_name="案件")
    topic = models.CharField("主题", max_length=24)
    body = models.CharField("意见", max_length=1000)
    people = models.PositiveIntegerField("提出人数", default=1)
    answer = models.CharField("答复", max_length=1000, blank=True)
    actor_name = models.CharField("记录人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["IncidentOpinion"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职工意见"
        ordering: ClassVar[list[str]] = ["topic", "-people", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.topic}"


class IncidentTalk(_Part):
    """A session of talks: who sat there for each side, what came of it."""

    class Result(models.TextChoices):
        AGREED = "agreed", "达成一致"
        PARTLY = "partly", "部分一致"
        NONE = "none", "没有一致"

    case = models.ForeignKey(Case, models.CASCADE, related_name="talks", verbose_name="案件")
    number = models.PositiveSmallIntegerField("场次")
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=120)
    workers = models.CharField("职工方", max_length=300)
    employer = models.CharField("单位方", max_length=300)
    others = models.CharField("其他参加人", max_length=300, blank=True)
    result = models.CharField("结果", max_length=6, choices=Result.choices)
    minutes = models.CharField("协商情况", max_length=2000)
    actor_name = models.CharField("记录人", max_length=80)

    objects = ScopedQuerySet["IncidentTalk"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协商场次"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "number"], name="incident_talk_number")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} 第 {self.number} 场"


class IncidentAgreement(_Part):
    """What the sides agreed on, and by when it is to be done."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="settlement", verbose_name="案件")
    signed_on = models.DateField("签订日期")
    terms = models.CharField("协议要点", max_length=2000)
    people = models.PositiveIntegerField("涉及人数")
    amount = models.DecimalField("涉及金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    perform_by = models.DateField("履行期限", null=True, blank=True)
    performed_on = models.DateField("履行完毕日期", null=True, blank=True)
    actor_name = models.CharField("登记人", max_length=80)
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ScopedQuerySet["IncidentAgreement"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件协议"

    def __str__(self) -> str:
        return f"{self.case_id} {self.signed_on}"


class IncidentRelease(_Part):
    """权威发布: drafted, fact-checked by another, signed by a leader, published as news; a correction is one more.

    `corrects`: the release that this one puts right; its reason stands in public beside the new text.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "待核实"
        CHECKED = "checked", "待签发"
        SIGNED = "signed", "待发布"
        PUBLISHED = "published", "已发布"
        DROPPED = "dropped", "已作废"

    case = models.ForeignKey(Case, models.CASCADE, related_name="releases", verbose_name="案件")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="更正"
    )
    reason = models.CharField("更正原因", max_length=300, blank=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", max_length=5000)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFT)
    drafted_by_id = models.BigIntegerField("拟稿账号", null=True)
    drafted_by = models.CharField("拟稿人", max_length=80)
    drafted_at = models.DateTimeField("拟稿时间", default=timezone.now)
    checked_by_id = models.BigIntegerField("核实账号", null=True)
    checked_by = models.CharField("核实人", max_length=80, blank=True)
    checked_at = models.DateTimeField("核实时间", null=True, blank=True)
    signed_by_id = models.BigIntegerField("签发账号", null=True)
    signed_by = models.CharField("签发人", max_length=80, blank=True)
    signed_at = models.DateTimeField("签发时间", null=True, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    bulletin = models.ForeignKey(
        Bulletin, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公开信息"
    )

    objects = ScopedQuerySet["IncidentRelease"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "权威发布"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.title
