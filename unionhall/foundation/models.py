"""Nouns that every room leans on and that belong to no union."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.kit.workdays import Calendar


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def calendar(self) -> Calendar:
        """The working calendar as published: one query, then pure arithmetic."""
        return Calendar(dict(self.values_list("day", "is_working_day")))


class Holiday(models.Model):
    """A day on which the calendar departs from Monday–Friday: a public holiday, or a make-up working day (调休)."""

    unscoped_because: ClassVar[str] = "全国统一的工作日历，不属于任何工会"

    day = models.DateField("日期", primary_key=True)
    is_working_day = models.BooleanField("是否上班")
    name = models.CharField("名称", max_length=40)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering: ClassVar[list[str]] = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


class Throttle(models.Model):
    """How often one key was tried in its present window (foundation.throttling); the key only as a keyed hash."""

    unscoped_because: ClassVar[str] = "只有次数和摘要，没有任何业务内容"

    name = models.CharField("摘要", max_length=32, primary_key=True)
    bucket = models.CharField("类别", max_length=40)
    taken = models.PositiveIntegerField("次数")
    began_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "限流计数"

    def __str__(self) -> str:
        return f"{self.bucket} {self.taken}"


class KeyState(models.Model):
    """Which index key this database's blind indexes and journal are made with; one row (foundation.indexing)."""

    unscoped_because: ClassVar[str] = "只有密钥的编号，没有密钥"

    index_number = models.PositiveSmallIntegerField("索引密钥编号")
    changed_at = models.DateTimeField("更换时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "密钥状态"

    def __str__(self) -> str:
        return str(self.index_number)


class Resealing(models.Model):
    """How far sealing anew with a master key has come in one place (foundation.resealing)."""

    unscoped_because: ClassVar[str] = "只有进度，没有任何业务内容"

    number = models.PositiveSmallIntegerField("主密钥编号")
    place = models.CharField("位置", max_length=80)
    after = models.BigIntegerField("已处理到", default=0)
    changed = models.BigIntegerField("已更换", default=0)
    broken = models.BigIntegerField("打不开", default=0)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "密钥轮换进度"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["number", "place"], name="resealing_place")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.place} {self.changed}"


def working_calendar() -> Calendar:
    return Holiday.objects.calendar()
