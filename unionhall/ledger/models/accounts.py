"""Budgets, their accounts, and the entries that move sums between them. All sums are yuan with two decimals."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation

ZERO = Decimal("0.00")


def money(label: str, **options: Any) -> models.DecimalField[Any, Any]:
    """A column of yuan."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)


class Kind(models.TextChoices):
    """The accounts of a budget. Money goes down this list; only what it came from may be negative."""

    GRANTED = "granted", "预算来源"
    AVAILABLE = "available", "可用"
    COMMITTED = "committed", "已占用"
    PAYABLE = "payable", "应付"
    PAID = "paid", "已付"
    RECOVERABLE = "recoverable", "应收回"


class Move(models.TextChoices):
    """Why a sum moved. What undoes an entry has its own word and points at it (`Entry.reverses`)."""

    GRANTED = "granted", "批准预算"
    CUT = "cut", "调减预算"
    COMMITTED = "committed", "占用"
    RELEASED = "released", "释放占用"
    DUE = "due", "应付"
    CANCELLED = "cancelled", "撤销应付"
    PAID = "paid", "付款成功"
    BOUNCED = "bounced", "退汇"
    RECOVERABLE = "recoverable", "应收回"
    RECOVERED = "recovered", "已收回"
    WAIVED = "waived", "不再收回"


class Budget(ScopedModel):
    """What an organisation may spend on a programme in a calendar year."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "ledger.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="budgets", verbose_name="预算单位"
    )
    programme = models.CharField("方案", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=120)
    amount = money("预算金额")
    opened_at = models.DateTimeField("设立时间", default=timezone.now)

    objects = ScopedQuerySet["Budget"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "预算"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "programme", "year"], name="budget_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_amount"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["programme", "year"], name="budget_programme")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.year}"


class LedgerAccount(ScopedModel):
    """One account of a budget. Its balance is the sum of what came in less what went out, at every moment."""

    scope_path = ("budget__organisation__path", "budget__organisation__second_path")
    view_permission = "ledger.view"
    part_of = "budget"

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="accounts", verbose_name="预算")
    kind = models.CharField("科目", max_length=12, choices=Kind.choices)
    code = models.CharField("科目代码", max_length=90, unique=True)
    title = models.CharField("科目名称", max_length=140)
    balance = money("余额", default=ZERO)

    objects = ScopedQuerySet["LedgerAccount"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "科目"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["budget", "kind"], name="account_once"),
            models.CheckConstraint(
                condition=Q(kind=Kind.GRANTED, balance__lte=0) | (~Q(kind=Kind.GRANTED) & Q(balance__gte=0)),
                name="account_never_overdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Entry(ScopedModel):
    """One sum moved: into the debited account, out of the credited one. Written once."""

    scope_path = ("debit__budget__organisation__path", "debit__budget__organisation__second_path")
    view_permission = "ledger.view"

    # In C collation and with numbers of fixed width, so that bulk rows go to the index's right end.
    key = models.CharField("记账编号", max_length=40, unique=True, db_collation="C")
    move = models.CharField("事项", max_length=12, choices=Move.choices)
    day = models.DateField("记账日期")
    debit = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="+", db_index=False, verbose_name="借方科目"
    )
    credit = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="+", db_index=False, verbose_name="贷方科目"
    )
    amount = money("金额")
    # Neither index nor constraint: its payment or commitment has both, and persons are removed by the thousand.
    person = models.ForeignKey(
        Person,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="职工",
    )
    household_key = models.CharField("家庭", max_length=40, blank=True)
    programme = models.CharField("方案", max_length=40)
    payment = models.ForeignKey(
        "ledger.Payment", models.PROTECT, null=True, blank=True, related_name="entries", db_index=False,
        verbose_name="付款",
    )  # fmt: skip
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", db_index=False,
        verbose_name="冲销",
    )  # fmt: skip
    memo = models.CharField("摘要", max_length=200, blank=True)
    at = models.DateTimeField("记账时间", default=timezone.now)

    objects = ScopedQuerySet["Entry"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_amount"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="entry_two_accounts"),
        ]
        indexes: ClassVar[list[models.Index]] = [BrinIndex(fields=["day"], name="entry_day")]

    def __str__(self) -> str:
        return self.key
