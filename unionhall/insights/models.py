"""Rollups: members of a union and all below it, counted ahead for every path prefix. Folded from the deltas of members.

A row's path is the prefix; `chain` says in which chain. What is not folded yet is added when a figure is read.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.members.models.tallies import MemberSums, Tally


class MemberTotal(MemberSums, Tally):
    """Today's members of a subtree, as the tiles show them."""

    objects = ScopedQuerySet["MemberTotal"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员合计"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["path", "chain"], name="member_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.members}"


class WorkCell(Tally):
    """Today's members of a subtree who agree in sex, birth year, work and standing; empty values are unknown."""

    sex = models.CharField("性别", max_length=1, blank=True)
    birth_year = models.SmallIntegerField("出生年份")
    form = models.CharField("用工形式", max_length=1, blank=True)
    status = models.CharField("就业状况", max_length=1, blank=True)
    migrant = models.BooleanField("农民工")
    retained = models.BooleanField("保留会籍")
    n = models.BigIntegerField("人数")

    objects = ScopedQuerySet["WorkCell"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员分格（年龄和用工）"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["path", "chain", "sex", "birth_year", "form", "status", "migrant", "retained"],
                name="work_cell_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(n=0), name="work_cell_empty")
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.n}"


class LearningCell(Tally):
    """Today's members of a subtree who agree in sex and education."""

    sex = models.CharField("性别", max_length=1, blank=True)
    education = models.CharField("学历", max_length=2, blank=True)
    n = models.BigIntegerField("人数")

    objects = ScopedQuerySet["LearningCell"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员分格（学历）"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["path", "chain", "sex", "education"], name="learning_cell_once")
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.n}"


class MemberFlow(MemberSums, Tally):
    """By how much the members of a subtree changed with effect from a day, and the same by whole months.

    As of a day is the sum of the months before it and of the days of its own month up to it.
    """

    class Grain(models.TextChoices):
        DAY = "day", "日"
        MONTH = "month", "月"

    grain = models.CharField("按", max_length=5, choices=Grain.choices)
    day = models.DateField("日期")

    objects = ScopedQuerySet["MemberFlow"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员流量"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["path", "chain", "grain", "day"], name="member_flow_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                condition=Q(members=0, women=0, migrant=0, new_form=0, retained=0),
                name="member_flow_empty",
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.day} {self.members:+d}"


class RollupState(models.Model):
    """The one row that says since when the rollups may be trusted. Without it figures are counted live."""

    unscoped_because: ClassVar[str] = "只有汇总的时间，没有数据"

    id = models.SmallIntegerField("编号", primary_key=True, default=1)
    rebuilt_at = models.DateTimeField("重建时间")
    folded_at = models.DateTimeField("最近合并时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "汇总状态"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="rollup_state_one")
        ]

    def __str__(self) -> str:
        return f"{self.rebuilt_at:%Y-%m-%d %H:%M}"
