"""Nouns that every room leans on and that belong to no union."""

from typing import ClassVar

from django.db import models

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


def working_calendar() -> Calendar:
    return Holiday.objects.calendar()
