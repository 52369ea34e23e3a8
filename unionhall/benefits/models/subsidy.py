"""Career subsidy: certificates as the registry holds them, and applications for what they are worth."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY
from unionhall.kit.codes import SKILL_LEVEL
from unionhall.ledger.models import Commitment, Payment
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.reviews.models import Review
from unionhall.rulebook.models import Decision


class Certificate(ScopedModel):
    """A skill certificate in the local copy of the national registry (技能人才评价证书查询), by number.

    `is_best` marks a person's newest certificate of the highest level that he has: one at most, for the whole
    population to be asked by a join.
    """

    unscoped_because: ClassVar[str] = "国家证书查询库的本地副本，只按证书编号查询，不列出"
    owner_path = "person__account_id"

    number = models.CharField("证书编号", max_length=40, unique=True)
    holder = models.CharField("持证人", max_length=50)
    id_type = models.CharField("证件类型", max_length=2, default="01")
    id_number = SealedField("证件号码")
    id_index = BlindIndexField("证件索引", db_index=True, of=("id_type", "id_number"), purpose=IDENTITY)
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="certificates", verbose_name="职工"
    )
    occupation = models.CharField("职业（工种）", max_length=60)
    level = models.CharField("等级", max_length=1, choices=SKILL_LEVEL.choices())
    issuer = models.CharField("发证机构", max_length=120)
    issued_on = models.DateField("发证日期")
    is_best = models.BooleanField("最高等级", default=False)

    objects = ScopedQuerySet["Certificate"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "技能证书"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person"], condition=Q(is_best=True), name="certificate_one_best")
        ]

    def __str__(self) -> str:
        return f"{self.occupation} {self.get_level_display()}"

    @property
    def masked_number(self) -> str:
        return f"{'*' * max(0, len(self.number) - 4)}{self.number[-4:]}"


class CareerApplicationQuerySet(ScopedQuerySet["CareerApplication"]):
    def open(self) -> Self:
        return self.filter(stage__in=CareerApplication.OPEN)


class CareerApplication(ScopedModel):
    """助推补贴申请: reviewed, publicised, then promised out of the year's budget in the order of application."""

    scope_path: ClassVar[str | tuple[str, ...]] = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.subsidy"
    owner_path = "person__account_id"

    class Stage(models.TextChoices):
        REVIEW = "review", "审核中"
        VERIFIED = "verified", "已核实，待公示"
        PUBLICISED = "publicised", "公示中"
        WAITING = "waiting", "等待资金"
        DUE = "due", "待发放"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"
        CANCELLED = "cancelled", "已撤销"

    #: Stages in which the same certificate cannot be brought again.
    OPEN = (Stage.REVIEW, Stage.VERIFIED, Stage.PUBLICISED, Stage.WAITING, Stage.DUE)

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="career_applications", verbose_name="申请人"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="career_applications", verbose_name="所在工会"
    )
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="applications", verbose_name="证书"
    )
    occupation = models.CharField("职业（工种）", max_length=60)
    level = models.CharField("等级", max_length=1, choices=SKILL_LEVEL.choices())
    stage = models.CharField("阶段", max_length=10, choices=Stage.choices, default=Stage.REVIEW)
    applied_at = models.DateTimeField("申请时间", default=timezone.now)
    review = models.OneToOneField(
        Review, models.PROTECT, related_name="career_application", verbose_name="审核"
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定"
    )
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="资金占用"
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付款"
    )

    objects = CareerApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "助推补贴申请"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Once per person, occupation and level (domain.md §4).
            models.UniqueConstraint(
                fields=["person", "occupation", "level"],
                condition=~Q(stage__in=["refused", "withdrawn", "cancelled"]),
                name="career_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stage", "applied_at", "id"], name="career_stage")
        ]

    def __str__(self) -> str:
        return f"{self.review_id}"

    @property
    def key(self) -> str:
        """By which notices, decisions and the ledger call it."""
        return f"career:{self.pk}"
