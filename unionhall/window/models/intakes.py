"""One person at the counter, the matters taken for him, who acts for whom, and what was handed over."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.cases.models import Case
from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY
from unionhall.kit.masking import mask_id, mask_name
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review

from .halls import Hall, Ticket


class Kinship(models.TextChoices):
    """What somebody who acts or fetches is to the person."""

    SELF = "self", "本人"
    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    RELATIVE = "relative", "其他亲属"
    COLLEAGUE = "colleague", "同事"
    UNION = "union", "单位工会"
    LAWYER = "lawyer", "律师"
    OTHER = "other", "其他"


class AuthorisationQuerySet(ScopedQuerySet["Authorisation"]):
    def in_force(self, day: date) -> Self:
        return self.filter(revoked_at=None, until__gte=day)


class Authorisation(ScopedModel):
    """代办授权: a person lets somebody act for him at windows until a day; the signed paper is kept sealed."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "window.serve"

    person = models.ForeignKey(Person, models.PROTECT, related_name="authorisations", verbose_name="委托人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="登记组织")
    name = models.CharField("代办人姓名", max_length=50)
    id_type = models.CharField("证件类型", max_length=2, default="01")
    id_number = SealedField("代办人证件号码")
    id_index = BlindIndexField("证件索引", of=("id_type", "id_number"), purpose=IDENTITY)
    phone = SealedField("代办人手机号", null=True, blank=True)
    relation = models.CharField("与委托人关系", max_length=9, choices=Kinship.choices)
    until = models.DateField("有效期至")
    paper = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="委托书")
    made_by = models.CharField("登记人", max_length=80)
    made_at = models.DateTimeField("登记时间", default=timezone.now)
    revoked_at = models.DateTimeField("终止时间", null=True, blank=True)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代办授权"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "until"], condition=Q(revoked_at=None), name="authorisation_open")
        ]

    def __str__(self) -> str:
        return f"{self.masked_name} {self.get_relation_display()}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number.reveal())


class ReceptionQuerySet(ScopedQuerySet["Reception"]):
    def of_clerk(self, access: Access) -> Self:
        """Those that this account opened; nobody else looks into them."""
        return self._admit().filter(account_id=access.account_id or 0)


class Reception(ScopedModel):
    """接待: one person at one clerk's counter, from being found to leaving. Through it alone he is seen there.

    A person need not stand in the clerk's scope: he came with his document. So only the clerk who received him sees
    him, only until it is closed or the day ends.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "window.serve"

    class Found(models.TextChoices):
        DOCUMENT = "document", "证件"
        NUMBER = "number", "号码"
        CARD = "card", "会员码"
        NAME = "name", "姓名"
        REGISTERED = "registered", "当场登记"
        PAPER = "paper", "纸质材料"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="receptions", verbose_name="窗口所在组织"
    )
    hall = models.ForeignKey(
        Hall, models.SET_NULL, null=True, blank=True, related_name="receptions", verbose_name="大厅"
    )
    ticket = models.OneToOneField(
        Ticket, models.SET_NULL, null=True, blank=True, related_name="reception", verbose_name="排队号"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="receptions", verbose_name="来访人")
    authorisation = models.ForeignKey(
        Authorisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receptions",
        verbose_name="代办授权",
    )
    found_by = models.CharField("怎样找到", max_length=10, choices=Found.choices)
    account_id = models.BigIntegerField("接待账号")
    account_name = models.CharField("接待人", max_length=80)
    opened_at = models.DateTimeField("开始时间", default=timezone.now)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = ReceptionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窗口接待"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-id"], name="reception_mine"),
            models.Index(fields=["organisation", "-id"], name="reception_union"),
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d} {self.pk}"

    @property
    def is_live(self) -> bool:
        """Whether it may still be worked in: not closed, and of today."""
        return self.closed_at is None and timezone.localdate(self.opened_at) == timezone.localdate()


class Intake(ScopedModel):
    """受理: one matter taken at a window, with its receipt. What became of it is read from its review or case.

    `missing` and `told_at`: what had to be brought still was told at once (一次性告知) and nothing is filed yet.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "window.view"

    class State(models.TextChoices):
        TOLD = "told", "待补材料"
        FILED = "filed", "已受理"
        DONE = "done", "当场办结"
        DROPPED = "dropped", "不再办理"

    number = models.CharField("受理编号", max_length=24, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="intakes", verbose_name="受理组织"
    )
    hall = models.ForeignKey(
        Hall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="大厅"
    )
    reception = models.ForeignKey(
        Reception, models.PROTECT, null=True, related_name="intakes", verbose_name="接待"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="intakes", verbose_name="当事人")
    authorisation = models.ForeignKey(
        Authorisation, models.PROTECT, null=True, blank=True, related_name="intakes", verbose_name="代办授权"
    )
    matter = models.CharField("事项", max_length=24)
    title = models.CharField("事项名称", max_length=60)
    state = models.CharField("状态", max_length=7, choices=State.choices)
    review = models.OneToOneField(
        Review, models.PROTECT, null=True, blank=True, related_name="intake", verbose_name="办件"
    )
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="intake", verbose_name="案件"
    )
    #: Of a case: what opens 进度查询 together with its number, kept to print the receipt again.
    query_code = SealedField("查询码", null=True, blank=True)
    #: Of what was done at once: what the person got.
    result = models.CharField("办理结果", max_length=200, blank=True)
    papers = ArrayField(
        models.CharField(max_length=80), verbose_name="收到的材料", default=list, db_default=[]
    )
    missing = ArrayField(models.CharField(max_length=120), verbose_name="还缺", default=list, db_default=[])
    told_at = models.DateTimeField("一次性告知时间", null=True, blank=True)
    #: The day on the paper, when it is entered later than it was handed in.
    paper_on = models.DateField("材料日期", null=True, blank=True)
    account_id = models.BigIntegerField("受理账号")
    account_name = models.CharField("受理人", max_length=80)
    taken_at = models.DateTimeField("受理时间", default=timezone.now)

    objects = ScopedQuerySet["Intake"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窗口受理"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(review=None) | Q(case=None), name="intake_one_matter"),
            # What is filed points at what it was filed as; what only waits for papers at nothing.
            models.CheckConstraint(
                condition=~Q(state="filed") | Q(review__isnull=False) | Q(case__isnull=False),
                name="intake_filed_somewhere",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "-id"], name="intake_union"),
            models.Index(fields=["person", "-id"], name="intake_person"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class HandOver(ScopedModel):
    """取件: the result was handed to somebody, who signed on paper or confirmed by his own document."""

    scope_path = ("intake__organisation__path", "intake__organisation__second_path")
    view_permission = "window.view"
    part_of = "intake"

    intake = models.OneToOneField(Intake, models.PROTECT, related_name="hand_over", verbose_name="受理")
    what = models.CharField("取走的材料", max_length=100)
    name = models.CharField("取件人", max_length=50)
    relation = models.CharField("与当事人关系", max_length=9, choices=Kinship.choices)
    authorisation = models.ForeignKey(
        Authorisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代办授权"
    )
    signature = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收单"
    )
    handed_by = models.CharField("发件人", max_length=80)
    at = models.DateTimeField("取件时间", default=timezone.now)

    objects = ScopedQuerySet["HandOver"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窗口取件"

    def __str__(self) -> str:
        return f"{self.intake_id} {self.what}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)
