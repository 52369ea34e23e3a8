"""Founding a union, joining it, moving between unions and leaving: matters that point at their review."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.kit.codes import EMPLOYMENT_FORM
from unionhall.members.models import Membership, Person
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review


class _Matter(ScopedModel):
    """A matter of one union, carried through a review; its status is the review's."""

    scope_path: ClassVar[str | tuple[str, ...]] = ("organisation__path", "organisation__second_path")
    view_permission = "organising.view"

    class Meta:
        abstract = True


class Admission(_Matter):
    """入会: a worker applies to join; the union's committee decides (章程 §2)."""

    owner_path = "person__account_id"

    person = models.ForeignKey(Person, models.PROTECT, related_name="admissions", verbose_name="申请人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="admissions", verbose_name="申请加入的工会"
    )
    employer = models.ForeignKey(
        Employer, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="用人单位"
    )
    work_unit = models.CharField("工作单位", max_length=120, blank=True)
    occupation = models.CharField("工种岗位", max_length=60, blank=True)
    form = models.CharField("用工形式", max_length=1, choices=EMPLOYMENT_FORM.choices(), default="1")
    migrant_worker = models.BooleanField("农民工", default=False)
    through_local_union = models.BooleanField("单位未建会", default=False)
    review = models.OneToOneField(Review, models.PROTECT, related_name="admission", verbose_name="审核")
    created_at = models.DateTimeField("申请时间", default=timezone.now)

    objects = ScopedQuerySet["Admission"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入会申请"

    def __str__(self) -> str:
        return f"{self.review_id}"


class AdmissionDraft(ScopedModel):
    """Where answers of the joining pages stood before `records.Draft`: empty, and gone with the next release."""

    unscoped_because: ClassVar[str] = "只有本人能看到的草稿"
    owner_path = "account_id"

    account_id = models.BigIntegerField("账号", unique=True)
    answers = SealedField("答案（加密）")
    updated_at = models.DateTimeField("更新时间", default=timezone.now)

    objects = ScopedQuerySet["AdmissionDraft"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入会草稿"

    def __str__(self) -> str:
        return str(self.account_id)


class MembershipTransfer(_Matter):
    """会籍转接: from one union to another, with the consent of the worker and of both unions."""

    owner_path = "person__account_id"
    scope_path = (
        "organisation__path",
        "organisation__second_path",
        "destination__path",
        "destination__second_path",
    )

    class AgreedBy(models.TextChoices):
        PHONE = "phone", "本人在手机上同意"
        PAPER = "paper", "书面同意"

    person = models.ForeignKey(Person, models.PROTECT, related_name="transfers", verbose_name="职工")
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="transfers", verbose_name="原会籍"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="transfers_out", verbose_name="转出工会"
    )
    destination = models.ForeignKey(
        Organisation, models.PROTECT, related_name="transfers_in", verbose_name="转入工会"
    )
    reason = models.CharField("原因", max_length=200)
    person_agreed_at = models.DateTimeField("本人同意时间", null=True, blank=True)
    agreed_by = models.CharField("同意方式", max_length=8, choices=AgreedBy.choices, blank=True)
    agreement_note = models.CharField("书面同意说明", max_length=200, blank=True)
    agreement = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="书面同意"
    )
    review = models.OneToOneField(Review, models.PROTECT, related_name="transfer", verbose_name="审核")
    created_at = models.DateTimeField("申请时间", default=timezone.now)

    objects = ScopedQuerySet["MembershipTransfer"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会籍转接"

    def __str__(self) -> str:
        return f"{self.review_id}"


class StandingChange(_Matter):
    """会籍变动: retention, resumption, withdrawal, deemed withdrawal, expulsion — proposed, reviewed, effected."""

    owner_path = "person__account_id"

    class Change(models.TextChoices):
        RETENTION = "retention", "保留会籍"
        RESUMPTION = "resumption", "恢复会籍"
        WITHDRAWAL = "withdrawal", "退会"
        DEEMED = "deemed", "视为自动退会"
        EXPULSION = "expulsion", "除名"

    person = models.ForeignKey(Person, models.PROTECT, related_name="standing_changes", verbose_name="职工")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="changes", verbose_name="会籍")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="standing_changes", verbose_name="工会"
    )
    change = models.CharField("变动", max_length=10, choices=Change.choices)
    reason = models.CharField("原因", max_length=300)
    evidence = models.JSONField("依据事实", default=dict)
    review = models.OneToOneField(Review, models.PROTECT, related_name="standing_change", verbose_name="审核")
    created_at = models.DateTimeField("提出时间", default=timezone.now)

    objects = ScopedQuerySet["StandingChange"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会籍变动"

    def __str__(self) -> str:
        return f"{self.review_id}"


class Founding(_Matter):
    """建会: from the application of a preparatory group to a union in the tree (domain.md §1)."""

    owner_path = "applicant_person__account_id"

    class Stage(models.TextChoices):
        APPLIED = "applied", "待批复"
        PREPARING = "preparing", "筹备中"
        ASSEMBLY = "assembly", "选举结果待批复"
        FOUNDED = "founded", "已建会"
        ENDED = "ended", "已终止"

    #: The superior union, whose officers review it.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="foundings", verbose_name="上级工会"
    )
    industry_parent = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上级产业工会"
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="foundings", verbose_name="用人单位"
    )
    name = models.CharField("拟用名称", max_length=120)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.GRASSROOTS)
    expected_members = models.PositiveIntegerField("拟发展会员数", default=0)
    contact = models.CharField("筹备组联系人", max_length=50)
    applicant_person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="申请人"
    )
    stage = models.CharField("阶段", max_length=10, choices=Stage.choices, default=Stage.APPLIED)
    approval_document = models.CharField("筹建批复文号", max_length=60, blank=True)
    assembly_on = models.DateField("成立大会日期", null=True, blank=True)
    attended = models.PositiveIntegerField("到会人数", null=True, blank=True)
    entitled = models.PositiveIntegerField("应到人数", null=True, blank=True)
    result = models.JSONField("选举结果", default=dict)
    founded = models.OneToOneField(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="founding",
        verbose_name="建成的工会",
    )
    attachment = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="附件"
    )
    review = models.OneToOneField(Review, models.PROTECT, related_name="founding", verbose_name="审核")
    result_review = models.OneToOneField(
        Review, models.PROTECT, null=True, blank=True, related_name="founding_result", verbose_name="结果审核"
    )
    created_at = models.DateTimeField("申请时间", default=timezone.now)

    objects = ScopedQuerySet["Founding"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建会申请"

    def __str__(self) -> str:
        return self.name
