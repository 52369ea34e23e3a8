"""Versions of schemes that were used or published, drafts of new ones, and the decisions that rest on them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation


class SchemeUse(models.Model):
    """The first use of a version: its canonical content stays here even if the file is lost."""

    unscoped_because: ClassVar[str] = "方案是公开文件，不含任何人的信息"

    digest = models.CharField("摘要", max_length=64, primary_key=True)
    programme = models.CharField("方案", max_length=40)
    jurisdiction = models.CharField("适用地区", max_length=12, blank=True)
    starts = models.DateField("生效日期")
    issuer = models.CharField("发布机关", max_length=120)
    content = models.TextField("内容")
    first_used_at = models.DateTimeField("首次使用", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "方案使用记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["programme", "jurisdiction", "starts"], name="scheme_use_version")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.starts} {self.digest[:12]}"


class Decision(ScopedModel):
    """What was decided about someone under which version, from which inputs. Never altered; another may replace it.

    `inputs` is sealed JSON; `reasons` are sentences without particulars; `worked` is the arithmetic as it was (null for
    decisions made in bulk, whose arithmetic is worked out again from version and inputs).
    """

    scope_path = "path"
    view_permission = "rulebook.decisions"
    owner_path = "person__account_id"

    class Result(models.TextChoices):
        GRANTED = "granted", "同意"
        REFUSED = "refused", "不同意"
        EXCEPTION = "exception", "转人工"

    key = models.CharField("业务键", max_length=80, unique=True)
    programme = models.CharField("方案", max_length=40)
    version = models.ForeignKey(
        SchemeUse, models.PROTECT, related_name="decisions", db_index=False, verbose_name="方案版本"
    )
    rule = models.CharField("算法", max_length=60)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="职工"
    )
    path = PathField("路径", blank=True, default="")
    on = models.DateField("决定所据日期")
    inputs = SealedField("依据")
    outcome = models.CharField("结果", max_length=9, choices=Result.choices)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2, default=0)
    reasons = models.JSONField("理由", default=list)
    worked = models.JSONField("计算过程", null=True, blank=True)
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        db_index=False,
        verbose_name="替代的决定",
    )
    at = models.DateTimeField("作出时间", default=timezone.now)

    objects = ScopedQuerySet["Decision"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待遇决定"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False), name="decision_replaced_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="decision_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.key}"


class SchemeDraft(ScopedModel):
    """A version being written by a union for its area: text, what checking and simulating it gave, who wrote it."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "rulebook.drafts"

    class State(models.TextChoices):
        EDITING = "editing", "起草中"
        PUBLISHED = "published", "已发布"
        DISCARDED = "discarded", "已放弃"

    class Simulation(models.TextChoices):
        NONE = "", "未测算"
        WAITING = "waiting", "测算中"
        DONE = "done", "已测算"
        FAILED = "failed", "没有完成"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="scheme_drafts", verbose_name="发布组织"
    )
    programme = models.CharField("方案", max_length=40)
    text = models.TextField("文本")
    copied_from = models.CharField("来源版本摘要", max_length=64, blank=True)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.EDITING)
    author_id = models.BigIntegerField("起草账号", null=True)
    author = models.CharField("起草人", max_length=80)
    #: Accounts that changed the text, each once: none of them publishes it.
    reviser_ids = models.JSONField("修改账号", default=list, db_default=[])
    simulation = models.CharField(
        "测算状态", max_length=7, choices=Simulation.choices, blank=True, default=""
    )
    simulated = models.JSONField("测算结果", null=True, blank=True)
    simulated_at = models.DateTimeField("测算时间", null=True, blank=True)
    created_at = models.DateTimeField("起草时间", default=timezone.now)
    updated_at = models.DateTimeField("修改时间", default=timezone.now)

    objects = ScopedQuerySet["SchemeDraft"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "方案草稿"

    def __str__(self) -> str:
        return f"{self.programme} {self.pk}"


class PublishedVersion(models.Model):
    """A version published on the desk: its text stands beside the files, from a day that was still to come."""

    unscoped_because: ClassVar[str] = "已发布的方案是公开文件，不含任何人的信息"

    programme = models.CharField("方案", max_length=40)
    jurisdiction = models.CharField("适用地区", max_length=12, blank=True)
    starts = models.DateField("生效日期")
    text = models.TextField("文本")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="published_versions", verbose_name="发布组织"
    )
    draft = models.ForeignKey(SchemeDraft, models.PROTECT, related_name="published", verbose_name="草稿")
    author = models.CharField("起草人", max_length=80)
    published_by_id = models.BigIntegerField("发布账号", null=True)
    published_by = models.CharField("发布人", max_length=80)
    published_at = models.DateTimeField("发布时间", default=timezone.now)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.CharField("撤回人", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "已发布版本"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme", "jurisdiction", "starts"],
                condition=Q(withdrawn_at=None),
                name="published_version_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.starts}"
