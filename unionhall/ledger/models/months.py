"""Months that were closed, with the balances they ended with."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation

from .accounts import LedgerAccount, money


class MonthClose(ScopedModel):
    """An organisation's month that takes no more entries."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "ledger.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="month_closes", verbose_name="单位"
    )
    month = models.DateField("月份", help_text="当月第一天")
    closed_by = models.CharField("月结人", max_length=80)
    closed_at = models.DateTimeField("月结时间", default=timezone.now)
    digest = models.CharField("余额摘要", max_length=64)

    objects = ScopedQuerySet["MonthClose"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月结"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "month"], name="month_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class MonthBalance(ScopedModel):
    """One account's line in a closed month."""

    scope_path = ("close__organisation__path", "close__organisation__second_path")
    view_permission = "ledger.view"
    part_of = "close"

    close = models.ForeignKey(MonthClose, models.CASCADE, related_name="lines", verbose_name="月结")
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="+", verbose_name="科目")
    opening = money("月初余额")
    debit = money("本月借方")
    credit = money("本月贷方")
    closing = money("月末余额")

    objects = ScopedQuerySet["MonthBalance"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月结余额"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["close", "account"], name="month_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.closing}"
