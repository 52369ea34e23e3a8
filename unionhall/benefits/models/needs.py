"""职工“三最”问题: what workers say they need most, asked in rounds, counted without names, answered with services."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above


class NeedsRoundQuerySet(ScopedQuerySet["NeedsRound"]):
    def running(self, day: object) -> Self:
        """Those that may be answered on a day."""
        return self.filter(closed_at=None, period__contains=day)

    def of_union(self, *paths: str) -> Self:
        """Rounds of the unions above a member's own, and of it."""
        roots = [one for path in paths if path for one in (*above(path), path)]
        return self.filter(organisation__path__in=roots)


class NeedsRound(ScopedModel):
    """A survey of a union among its members for some weeks: the choices of the scheme in force when it began."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.needs"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="needs_rounds", verbose_name="发起工会"
    )
    title = models.CharField("标题", max_length=60)
    period = DateRangeField("征集期间")
    version = models.CharField("方案版本", max_length=64)
    choices = models.JSONField("选项")
    made_by = models.CharField("发起人", max_length=80)
    made_at = models.DateTimeField("发起时间", default=timezone.now)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = NeedsRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "需求征集"

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.closed_at is None and timezone.localdate() in self.period


class NeedsAnswer(ScopedModel):
    """One member's answer to a round, once. Who he is serves to ask once and to tell him; no desk is shown it."""

    unscoped_because: ClassVar[str] = "答卷只计数、只通知本人；任何工作页面不显示谁填了什么"
    owner_path = "person__account_id"

    round = models.ForeignKey(NeedsRound, models.PROTECT, related_name="answers", verbose_name="征集")
    person = models.ForeignKey(Person, models.PROTECT, related_name="needs_answers", verbose_name="职工")
    path = PathField("所在组织路径")
    second_path = PathField("第二组织路径", blank=True)
    on = models.DateField("日期", default=timezone.localdate)

    objects = ScopedQuerySet["NeedsAnswer"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "需求答卷"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "person"], name="needs_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.on}"


class Need(ScopedModel):
    """One thing that an answer names. `told_at`: the day on which its person was told that somebody offers it now."""

    unscoped_because: ClassVar[str] = "随答卷，只计数、只通知本人"
    owner_path = "answer__person__account_id"

    answer = models.ForeignKey(NeedsAnswer, models.CASCADE, related_name="needs", verbose_name="答卷")
    code = models.CharField("需求", max_length=40, db_collation="C")
    told_at = models.DateTimeField("告知时间", null=True, blank=True)

    objects = ScopedQuerySet["Need"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职工需求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["answer", "code"], name="need_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["code"], condition=models.Q(told_at=None), name="need_untold")
        ]

    def __str__(self) -> str:
        return self.code
