"""Which versions of schemes have been used, kept for replay; and the decisions that rest on them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person


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
