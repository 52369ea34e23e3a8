"""Cover: who is insured under which programme and when, what the insurer was told, and claims for events."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.ledger.models import Payee
from unionhall.members.models import Person
from unionhall.members.models.memberships import through_person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review
from unionhall.rulebook.models import Decision


class EnrolmentQuerySet(ScopedQuerySet["CoverEnrolment"]):
    def open(self) -> Self:
        """Without an end."""
        return self.filter(period__upper_inf=True)

    def in_force(self, day: date) -> Self:
        return self.filter(period__contains=day)


class CoverEnrolment(ScopedModel):
    """参保: the period in which a person is covered by a programme. Its last day is the day before `period`'s end.

    Written set by set when cards are issued (`actions.cover_enrolment`), or listed by a unit. `ending` says why it
    ended; where a day stands to it is read from the period (`standing_on`), so that no clock has to write.
    """

    view_permission = "benefits.cover"
    owner_path = "person__account_id"
    part_of = "person"
    #: A roster that is taken back takes these rows with it, except those that the insurer has been told of.
    kept_from_undoing: ClassVar[str] = (
        "x.id <= COALESCE((SELECT max(r.enrolments_upto) FROM benefits_coverroll r WHERE r.programme = x.programme), 0)"
        " OR EXISTS (SELECT FROM benefits_coverclaim c WHERE c.enrolment_id = x.id)"
    )

    class Source(models.TextChoices):
        CARD = "card", "随会员卡"
        LISTED = "listed", "单位投保"

    class Ending(models.TextChoices):
        CARD = "card", "会员卡注销"
        MEMBERSHIP = "membership", "会籍终止"
        SCHEME = "scheme", "方案停止"
        TERM = "term", "保障期满"
        WITHDRAWN = "withdrawn", "登记有误，撤销"

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="covers", db_index=False, verbose_name="职工"
    )
    programme = models.CharField("方案", max_length=40, db_collation="C")
    period = DateRangeField("保障期")
    source = models.CharField("来源", max_length=6, choices=Source.choices, default=Source.CARD)
    tier = models.CharField("档次", max_length=20, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name="投保单位",
    )  # fmt: skip
    ending = models.CharField("终止原因", max_length=10, choices=Ending.choices, blank=True)
    made_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参保"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Also the way to a person's covers.
            ExclusionConstraint(
                name="cover_one_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("programme", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Sweeps walk it beside the persons' own key.
            models.Index(
                fields=["programme", "person"], condition=Q(period__upper_inf=True), name="cover_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.period}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        return through_person(prefixes)

    def standing_on(self, day: date) -> str:
        """listed (not begun), effective or expired."""
        if self.period.isempty:
            return "expired"
        if day < self.period.lower:
            return "listed"
        return "effective" if self.period.upper is None or day < self.period.upper else "expired"


class CoverChange(ScopedModel):
    """What happened to an enrolment after it was made: it ended, or its period was put right. The insurer is told.

    `was`: the period it had until then; a cover that ended before it began has none any more.
    """

    unscoped_because: ClassVar[str] = "只供生成投保名单，页面只显示数目"

    class Kind(models.TextChoices):
        ENDED = "ended", "终止"
        CORRECTED = "corrected", "更正"

    enrolment = models.ForeignKey(CoverEnrolment, models.CASCADE, related_name="changes", verbose_name="参保")
    kind = models.CharField("变动", max_length=9, choices=Kind.choices)
    was = DateRangeField("原保障期", null=True, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CoverChange"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参保变动"

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.get_kind_display()}"


class CoverRoll(ScopedModel):
    """投保名单: what the insurer is told for a month: only what changed since the roll before, with control totals.

    Holds everything up to `enrolments_upto` and `changes_upto`; the next one starts there. While a roll is being made
    nobody writes enrolments, so nothing falls between two rolls.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.cover_roll"

    class State(models.TextChoices):
        MAKING = "making", "生成中"
        READY = "ready", "可以下载"
        FAILED = "failed", "没有生成"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="cover_rolls", verbose_name="经办工会"
    )
    programme = models.CharField("方案", max_length=40, db_collation="C")
    month = models.DateField("月份")
    insurer = models.CharField("承保单位", max_length=80)
    state = models.CharField("状态", max_length=6, choices=State.choices, default=State.MAKING)
    message = models.CharField("说明", max_length=200, blank=True)
    opening = models.PositiveIntegerField("上期在保", default=0)
    additions = models.PositiveIntegerField("新增", default=0)
    ends = models.PositiveIntegerField("终止", default=0)
    corrections = models.PositiveIntegerField("更正", default=0)
    enrolments_after = models.BigIntegerField("参保起", default=0)
    enrolments_upto = models.BigIntegerField("参保止", default=0)
    changes_after = models.BigIntegerField("变动起", default=0)
    changes_upto = models.BigIntegerField("变动止", default=0)
    file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    asked_by_id = models.BigIntegerField("经办账号", null=True)
    asked_by = models.CharField("经办人", max_length=80)
    asked_at = models.DateTimeField("申请时间", default=timezone.now)
    made_at = models.DateTimeField("生成时间", null=True, blank=True)

    objects = ScopedQuerySet["CoverRoll"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投保名单"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "month"], name="cover_roll_once")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.month:%Y-%m}"

    @property
    def closing(self) -> int:
        """In force for the insurer once he has read this roll."""
        return self.opening + self.additions - self.ends


class CoverClaim(ScopedModel):
    """理赔申请: one insured event of one person under one cover, claimed once.

    `particulars` (what happened, illness, grade, who claims) are sealed. A death is claimed by kin at a window; then
    `payee` is the beneficiary's account. Its steps are its review's; `stage` says what the review has led to.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.cover"
    owner_path = "person__account_id"

    class Stage(models.TextChoices):
        DRAFT = "draft", "未提交"
        REVIEWING = "reviewing", "审核中"
        APPROVED = "approved", "已批准，待付款"
        REJECTED = "rejected", "不予给付"
        WITHDRAWN = "withdrawn", "已撤回"
        PAID = "paid", "已付款"
        CLOSED = "closed", "已结案"

    GONE: ClassVar[tuple[str, ...]] = ("rejected", "withdrawn")

    person = models.ForeignKey(Person, models.PROTECT, related_name="cover_claims", verbose_name="被保障人")
    enrolment = models.ForeignKey(CoverEnrolment, models.PROTECT, related_name="claims", verbose_name="参保")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="cover_claims", verbose_name="所在工会"
    )
    programme = models.CharField("方案", max_length=40, db_collation="C")
    peril = models.CharField("保障责任", max_length=40)
    event_on = models.DateField("发生日期")
    by_kin = models.BooleanField("家属申请", default=False)
    particulars = SealedField("情况（加密）")
    payee = models.ForeignKey(
        Payee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受益人账户"
    )
    consented_at = models.DateTimeField("单独同意时间", null=True, blank=True)
    stage = models.CharField("状态", max_length=9, choices=Stage.choices, default=Stage.DRAFT)
    review = models.OneToOneField(
        Review, models.PROTECT, null=True, blank=True, related_name="cover_claim", verbose_name="审核"
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定"
    )
    created_by_id = models.BigIntegerField("登记账号", null=True)
    created_at = models.DateTimeField("登记时间", default=timezone.now)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    paid_at = models.DateTimeField("付款时间", null=True, blank=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)

    objects = ScopedQuerySet["CoverClaim"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "理赔申请"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "programme", "peril", "event_on"],
                condition=~Q(stage__in=["rejected", "withdrawn"]),
                name="cover_claim_once_per_event",
            ),
            models.UniqueConstraint(
                fields=["person", "programme"],
                condition=Q(by_kin=True) & ~Q(stage__in=["rejected", "withdrawn"]),
                name="cover_claim_one_death",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.event_on}"

    @property
    def is_draft(self) -> bool:
        return self.stage == self.Stage.DRAFT

    @property
    def key(self) -> str:
        """The business key of its decision, its commitment and its payment."""
        return f"cover:{self.pk:012d}"


class CoverPaper(ScopedModel):
    """理赔材料: one file of a claim, under the code that the scheme gives this kind of paper."""

    scope_path = ("claim__organisation__path", "claim__organisation__second_path")
    view_permission = "benefits.cover"
    owner_path = "claim__person__account_id"
    part_of = "claim"

    claim = models.ForeignKey(CoverClaim, models.CASCADE, related_name="papers", verbose_name="理赔申请")
    code = models.CharField("材料", max_length=40)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="文件")
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ScopedQuerySet["CoverPaper"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "理赔材料"

    def __str__(self) -> str:
        return self.code
