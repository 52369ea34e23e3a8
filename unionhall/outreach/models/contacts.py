"""Contact points: which cadre answers for which union, employer or family; firms in difficulty."""

from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation

TARGETS = ("union", "employer", "person")


def _once_at_a_time(target: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=f"contact_{target}_once",
        expressions=[
            ("account", RangeOperators.EQUAL),
            (target, RangeOperators.EQUAL),
            ("period", RangeOperators.OVERLAPS),
        ],
    )


class ContactQuerySet(ScopedQuerySet["ContactPoint"]):
    def current(self) -> Self:
        return self.filter(period__contains=timezone.localdate())


class ContactPoint(ScopedModel):
    """联系点: a cadre (`account`, of `organisation`) answers for one union, employer or family during a period.

    `helps`: he is the named helper of one in difficulty, not only its contact.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="contact_points", verbose_name="联系干部"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="contact_points", verbose_name="干部所在工会"
    )
    union = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="联系的工会"
    )
    employer = models.ForeignKey(
        Employer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contact_points",
        verbose_name="联系的单位",
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contact_points",
        verbose_name="联系的职工",
    )
    helps = models.BooleanField("帮扶责任人", default=False)
    period = DateRangeField("期间")
    named_by = models.CharField("指定人", max_length=80)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="contact_one_target",
                condition=(
                    Q(union__isnull=False, employer__isnull=True, person__isnull=True)
                    | Q(union__isnull=True, employer__isnull=False, person__isnull=True)
                    | Q(union__isnull=True, employer__isnull=True, person__isnull=False)
                ),
            ),
            *(_once_at_a_time(one) for one in TARGETS),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["employer"], name="contact_employer"),
            models.Index(fields=["person"], name="contact_person"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"

    @property
    def kind(self) -> str:
        return next(one for one in TARGETS if getattr(self, f"{one}_id") is not None)


class FirmQuerySet(ScopedQuerySet["DifficultFirm"]):
    def in_force(self) -> Self:
        return self.filter(left_on=None)


class DifficultFirm(ScopedModel):
    """困难企业: declared with reason and level by a union, helped by a named cadre, left with a result."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"

    class Reason(models.TextChoices):
        ORDERS = "orders", "订单减少、开工不足"
        MONEY = "money", "资金紧张"
        WAGES = "wages", "拖欠工资或社保"
        MOVING = "moving", "关停并转"
        DISASTER = "disaster", "灾害事故"
        OTHER = "other", "其他"

    class Level(models.TextChoices):
        LIGHT = "light", "一般"
        SERIOUS = "serious", "较重"
        GRAVE = "grave", "严重"

    class Result(models.TextChoices):
        RECOVERED = "recovered", "恢复正常经营"
        STABLE = "stable", "劳动关系稳定"
        CLOSED = "closed", "依法关闭，职工已安置"
        WRONG = "wrong", "认定有误"
        MOVED = "moved", "改由其他工会负责"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="difficulties", verbose_name="企业")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="difficult_firms", verbose_name="认定工会"
    )
    reason = models.CharField("困难原因", max_length=8, choices=Reason.choices)
    level = models.CharField("困难程度", max_length=7, choices=Level.choices)
    workers = models.PositiveIntegerField("受影响职工", default=0)
    statement = models.CharField("情况", max_length=500)
    declared_on = models.DateField("认定日期")
    declared_by = models.CharField("认定人", max_length=80)
    left_on = models.DateField("退出日期", null=True, blank=True)
    result = models.CharField("退出结果", max_length=9, choices=Result.choices, blank=True)
    result_note = models.CharField("退出说明", max_length=300, blank=True)

    objects = FirmQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难企业"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["employer"], condition=Q(left_on=None), name="difficult_firm_once"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, result="") | (Q(left_on__isnull=False) & ~Q(result="")),
                name="difficult_firm_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.get_level_display()}"
