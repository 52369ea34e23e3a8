"""Nouns of publishing: a public notice with its rows and objections; bulletins of three kinds."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation


class Bulletin(ScopedModel):
    """A text that a union publishes: a notice, a policy, a piece of news. It is never public before it is published."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "bulletins.view"

    class Kind(models.TextChoices):
        NOTICE = "notice", "公告"
        POLICY = "policy", "政策"
        NEWS = "news", "工会要闻"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤下"

    number = models.CharField("编号", max_length=24, unique=True, null=True)
    kind = models.CharField("类别", max_length=6, choices=Kind.choices)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", max_length=20_000)
    source = models.CharField("文号或来源", max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="bulletins", verbose_name="发布单位"
    )
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFT)
    written_by = models.CharField("拟稿人", max_length=80)
    written_at = models.DateTimeField("拟稿时间", default=timezone.now)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    revised_at = models.DateTimeField("更正时间", null=True, blank=True)

    objects = ScopedQuerySet["Bulletin"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公告信息"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "-id"], condition=Q(state="published"), name="bulletin_public")
        ]

    def __str__(self) -> str:
        return self.title


class PublicNotice(ScopedModel):
    """公示: a list of people or matters that stands in public for some working days, open to objection."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "bulletins.view"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLICISED = "publicised", "公示中"
        SUSPENDED = "suspended", "暂停公示"
        PASSED = "passed", "公示期满"
        STOPPED = "stopped", "已终止"

    class Stopping(models.TextChoices):
        """Why it was ended before its time: what stands in public, in these words and no others."""

        FAULTY = "faulty", "公示内容有误"
        TWICE = "twice", "重复公示"
        CHANGED = "changed", "名单需要重新确定"
        CANCELLED = "cancelled", "公示的事项已取消"
        OTHER = "other", "其他原因"

    number = models.CharField("公示编号", max_length=24, unique=True, null=True)
    purpose = models.CharField("用途", max_length=40)
    title = models.CharField("标题", max_length=120)
    lead = models.CharField("说明", max_length=500, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="public_notices", verbose_name="公示单位"
    )
    scheme = models.CharField("依据方案", max_length=60, blank=True)
    scheme_digest = models.CharField("方案版本摘要", max_length=64, blank=True)
    #: The headings of its columns on the day it was made: a purpose may change later.
    columns = models.JSONField("栏目", default=list)
    working_days = models.PositiveSmallIntegerField("公示工作日")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    starts = models.DateField("开始日期", null=True, blank=True)
    ends = models.DateField("截止日期", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    reason = models.CharField("终止原因", max_length=300, blank=True)
    made_by_id = models.BigIntegerField("拟稿账号", null=True, blank=True)
    made_by = models.CharField("拟稿人", max_length=80)
    made_at = models.DateTimeField("拟稿时间", default=timezone.now)

    objects = ScopedQuerySet["PublicNotice"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-id"], name="public_notice_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(starts__isnull=False, ends__isnull=False, number__isnull=False),
                name="public_notice_dated",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.state in {self.State.PUBLICISED, self.State.SUSPENDED}


class NoticeRowQuerySet(ScopedQuerySet["NoticeRow"]):
    def running(self) -> Self:
        """Rows whose period goes on."""
        return self.filter(state=NoticeRow.State.OPEN, paused_on=None)

    def due(self, today: date) -> Self:
        """Rows whose last day is over and against which nothing is open."""
        return self.running().filter(
            ends__lt=today, notice__state__in=[PublicNotice.State.PUBLICISED, PublicNotice.State.SUSPENDED]
        )


class NoticeRow(ScopedModel):
    """One line of a public notice. It runs its own clock: an objection to one row stops no other."""

    scope_path = ("notice__organisation__path", "notice__organisation__second_path")
    view_permission = "bulletins.view"
    part_of = "notice"

    class State(models.TextChoices):
        OPEN = "open", "公示中"
        PASSED = "passed", "公示通过"
        REMOVED = "removed", "已取消"

    notice = models.ForeignKey(
        PublicNotice, models.PROTECT, related_name="rows", verbose_name="公示", db_index=False
    )
    order = models.PositiveIntegerField("序号")
    #: The domain's name of the matter, told back to its hooks; never shown in public.
    key = models.CharField("业务编号", max_length=120, db_collation="C")
    name = models.CharField("姓名（遮掩后）", max_length=80)
    unit = models.CharField("单位", max_length=120, blank=True)
    values = models.JSONField("各栏内容", default=list)
    #: Whom it is about, so that he does not settle objections to his own row; never shown in public.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="当事人"
    )
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.OPEN)
    ends = models.DateField("截止日期", null=True, blank=True)
    paused_on = models.DateField("暂停日期", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    #: Why the domain would not take the row when its period ended; the job tries again, people are told.
    hindrance = models.CharField("未能办结的原因", max_length=300, blank=True)

    objects = NoticeRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示名单"
        ordering: ClassVar[list[str]] = ["order"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "order"], name="notice_row_order"),
            models.UniqueConstraint(fields=["notice", "key"], name="notice_row_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends"], condition=Q(state="open", paused_on=None), name="notice_row_due"),
            models.Index(fields=["key"], name="notice_row_of_matter"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.name}"


class ObjectionQuerySet(ScopedQuerySet["Objection"]):
    def open(self) -> Self:
        return self.filter(state=Objection.State.OPEN)


class Objection(ScopedModel):
    """What somebody has against a row or a whole notice. While it is open, that row or notice is suspended."""

    scope_path = ("notice__organisation__path", "notice__organisation__second_path")
    view_permission = "bulletins.settle"

    class State(models.TextChoices):
        OPEN = "open", "核实中"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"
        MOOT = "moot", "公示已取消"

    #: Told to who raised it and to nobody else: with it he reads the conclusion, also without an account.
    number = models.CharField("异议编号", max_length=24, unique=True)
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name="公示")
    row = models.ForeignKey(
        NoticeRow, models.PROTECT, null=True, blank=True, related_name="objections", verbose_name="公示名单"
    )
    text = SealedField("异议内容")
    contact = SealedField("联系方式", null=True, blank=True)
    raised_by_id = models.BigIntegerField("提出账号", null=True, blank=True)
    raised_at = models.DateTimeField("提出时间", default=timezone.now)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.OPEN)
    opinion = models.CharField("核实结论", max_length=500, blank=True)
    settled_by = models.CharField("核实人", max_length=80, blank=True)
    settled_at = models.DateTimeField("核实时间", null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示异议"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["notice"], condition=Q(state="open"), name="objection_open"),
            models.Index(fields=["row"], condition=Q(state="open"), name="objection_open_row"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def about(self) -> str:
        return f"第 {self.row.order} 行" if self.row is not None else "整个公示"

    def concerns(self, rows: Any) -> Any:
        """The rows of its notice that it suspends, out of a queryset."""
        return rows.filter(pk=self.row_id) if self.row_id is not None else rows.filter(notice=self.notice_id)
