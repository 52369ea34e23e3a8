"""Payment batches, what the bank answered, and the rows of its answer that do not fit."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment

from .accounts import ZERO, money


class PaymentBatch(ScopedModel):
    """Payments that go to the bank together: made by one officer, checked by another."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "ledger.view"

    class State(models.TextChoices):
        DRAFTING = "drafting", "制单中"
        CHECKING = "checking", "待复核"
        APPROVED = "approved", "已复核"
        SENT = "sent", "已送银行"
        CLOSED = "closed", "已了结"
        DISSOLVED = "dissolved", "已解散"

    number = models.CharField("批次号", max_length=24, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="payment_batches", verbose_name="付款单位"
    )
    title = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFTING)
    count = models.PositiveIntegerField("笔数", default=0)
    total = money("总金额", default=ZERO)
    maker_id = models.BigIntegerField("制单账号")
    maker = models.CharField("制单人", max_length=80)
    made_at = models.DateTimeField("制单时间", default=timezone.now)
    checker_id = models.BigIntegerField("复核账号", null=True, blank=True)
    checker = models.CharField("复核人", max_length=80, blank=True)
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    opinion = models.CharField("复核意见", max_length=200, blank=True)
    file = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="银行文件"
    )
    file_digest = models.CharField("银行文件摘要", max_length=64, blank=True)
    sent_at = models.DateTimeField("送银行时间", null=True, blank=True)

    objects = ScopedQuerySet["PaymentBatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "付款批次"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(checker_id__isnull=True) | ~Q(checker_id=models.F("maker_id")),
                name="batch_two_people",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "-id"], name="batch_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class BankReturn(ScopedModel):
    """A result file of the bank: how many of its rows were booked, how many said nothing new, how many do not fit."""

    scope_path = ("batch__organisation__path", "batch__organisation__second_path")
    view_permission = "ledger.view"
    part_of = "batch"

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="returns", verbose_name="批次")
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="文件")
    digest = models.CharField("文件摘要", max_length=64)
    rows = models.PositiveIntegerField("行数")
    paid = models.PositiveIntegerField("付款成功")
    returned = models.PositiveIntegerField("退回")
    unchanged = models.PositiveIntegerField("早已入账")
    mismatched = models.PositiveIntegerField("对不上")
    taken_by = models.CharField("导入人", max_length=80)
    at = models.DateTimeField("导入时间", default=timezone.now)

    objects = ScopedQuerySet["BankReturn"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行回盘"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "digest"], name="return_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.digest[:12]}"


class ReturnMismatch(ScopedModel):
    """A row of a result file that was not booked, and why."""

    scope_path = ("bank_return__batch__organisation__path", "bank_return__batch__organisation__second_path")
    view_permission = "ledger.view"
    part_of = "bank_return"

    bank_return = models.ForeignKey(
        BankReturn, models.CASCADE, related_name="mismatches", verbose_name="银行回盘"
    )
    row = models.PositiveIntegerField("行号")
    reference = models.CharField("付款编号", max_length=40, blank=True)
    message = models.CharField("原因", max_length=200)

    objects = ScopedQuerySet["ReturnMismatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回盘差异"
        ordering: ClassVar[list[str]] = ["row"]

    def __str__(self) -> str:
        return f"{self.row} {self.reference}"
