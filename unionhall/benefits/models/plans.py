"""单位投保: a plan that a unit takes out for its members, from the list to the money, renewed when it ends."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.rulebook.models import Decision

from .cover import CoverEnrolment


class PurchaseQuerySet(ScopedQuerySet["PlanPurchase"]):
    def in_force(self) -> Self:
        """Paid, and not taken back; whether the period lasts is read from it."""
        return self.filter(state=PlanPurchase.State.EFFECTIVE)

    def renewable(self) -> Self:
        """In force, and nothing follows yet."""
        return self.in_force().filter(
            ~Q(pk__in=PlanPurchase.objects.everywhere(reason="which purchases another one follows")
               .exclude(state=PlanPurchase.State.CANCELLED).exclude(previous=None).values("previous"))
        )  # fmt: skip


class PlanPurchase(ScopedModel):
    """单位投保: one unit, one plan, one period. The list is `people`; figures are frozen when it is handed in.

    `starts` is what the unit asked for; `period` is what it got: never from before the money was paid.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.plans"

    class State(models.TextChoices):
        DRAFT = "draft", "正在列名单"
        SUBMITTED = "submitted", "已提交，等付款"
        EFFECTIVE = "effective", "已付款，保障生效"
        CANCELLED = "cancelled", "已撤销"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="plan_purchases", verbose_name="投保单位"
    )
    programme = models.CharField("方案", max_length=40, db_collation="C")
    tier = models.CharField("档次", max_length=20)
    version = models.CharField("方案版本摘要", max_length=64)
    starts = models.DateField("起保日期")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFT)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name="续保的上一期"
    )
    qualify = models.PositiveIntegerField("符合条件", default=0)
    joined = models.PositiveIntegerField("参加", default=0)
    listed = models.PositiveIntegerField("本期投保", default=0)
    amount = models.DecimalField("保费", max_digits=14, decimal_places=2, default=0)
    period = DateRangeField("保障期", null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定"
    )
    made_by_id = models.BigIntegerField("经办账号", null=True)
    made_by = models.CharField("经办人", max_length=80)
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    paid_at = models.DateTimeField("付款时间", null=True, blank=True)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位投保"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "programme"], condition=Q(state="draft"), name="plan_one_draft"
            ),
            models.UniqueConstraint(
                fields=["previous"],
                condition=Q(previous__isnull=False) & ~Q(state="cancelled"),
                name="plan_renewed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"单位投保 {self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class PlanPerson(ScopedModel):
    """投保人员: one member of the unit on a list: taken in, left out and why, or not able to take part.

    `left_out` is why he was left out, kept while something else keeps him off the list.
    """

    scope_path = ("purchase__organisation__path", "purchase__organisation__second_path")
    view_permission = "benefits.plans"
    owner_path = "person__account_id"
    part_of = "purchase"

    class Standing(models.TextChoices):
        LISTED = "listed", "参加"
        LEFT_OUT = "left_out", "不参加"
        COVERED = "covered", "已在保障中"
        UNFIT = "unfit", "不符合条件"

    purchase = models.ForeignKey(
        PlanPurchase, models.CASCADE, related_name="people", db_index=False, verbose_name="单位投保"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="plan_lists", verbose_name="职工")
    standing = models.CharField("情况", max_length=8, choices=Standing.choices, default=Standing.LISTED)
    reason = models.CharField("原因", max_length=200, blank=True)
    left_out = models.CharField("不参加的原因", max_length=200, blank=True, db_default="")
    enrolment = models.ForeignKey(
        CoverEnrolment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="参保"
    )

    objects = ScopedQuerySet["PlanPerson"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投保人员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["purchase", "person"], name="plan_person_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["purchase", "standing", "id"], name="plan_person_standing")
        ]

    def __str__(self) -> str:
        return f"{self.purchase_id} {self.get_standing_display()}"
