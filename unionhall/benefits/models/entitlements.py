"""Who was told of what, and how far each benefit reaches in each union."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation


class Told(ScopedModel):
    """A person with an account was told once that he qualifies for a programme.

    `version` begins the digest of the scheme's version that he met then; `silent` ones were entered without a message
    when a federation started with people who know their benefits already.
    """

    scope_path = ("person__memberships__path", "person__memberships__second_path")
    view_permission = "benefits.view"
    owner_path = "person__account_id"

    person = models.ForeignKey(Person, models.PROTECT, related_name="told", verbose_name="职工")
    programme = models.CharField("方案", max_length=40, db_collation="C")
    version = models.CharField("版本", max_length=16)
    silent = models.BooleanField("未发消息", default=False)
    on = models.DateField("日期", default=timezone.localdate)

    objects = ScopedQuerySet["Told"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "享受告知"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # The programme first: a run reads one programme's stretch of persons.
            models.UniqueConstraint(fields=["programme", "person"], name="told_once")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.on}"


class Reach(ScopedModel):
    """How many of a union's own members qualify for a programme, were told, asked for it and were paid, as of a night.

    Unions without anybody have no row; sums over a subtree are sums of rows.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.view"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reach", verbose_name="工会")
    programme = models.CharField("方案", max_length=40, db_collation="C")
    qualifying = models.PositiveIntegerField("符合条件")
    told = models.PositiveIntegerField("已告知")
    applied = models.PositiveIntegerField("已申请或享受")
    paid = models.PositiveIntegerField("已付款")
    counted_at = models.DateTimeField("统计时间", default=timezone.now)

    objects = ScopedQuerySet["Reach"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "惠及情况"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "programme"], name="reach_once")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.qualifying}"
