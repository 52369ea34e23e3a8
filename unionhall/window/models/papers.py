"""Papers that were handed in on an earlier day and are entered together: each row is kept, whatever becomes of it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY
from unionhall.kit.masking import mask_id, mask_name
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation

from .intakes import Intake


class PaperBatch(ScopedModel):
    """补录批次: papers of some days, typed in by one clerk."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "window.serve"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="受理组织")
    note = models.CharField("说明", max_length=100, blank=True)
    account_id = models.BigIntegerField("录入账号")
    account_name = models.CharField("录入人", max_length=80)
    made_at = models.DateTimeField("录入时间", default=timezone.now)

    objects = ScopedQuerySet["PaperBatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "纸质材料补录批次"

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.note}"


class PaperRow(ScopedModel):
    """纸质材料: what stood on the paper, what speaks against filing it, and how it was settled."""

    scope_path = ("batch__organisation__path", "batch__organisation__second_path")
    view_permission = "window.serve"
    part_of = "batch"

    class Standing(models.TextChoices):
        READY = "ready", "可以受理"
        UNKNOWN = "unknown", "没有登记此人"
        NAME = "name", "姓名与登记不符"
        FILED = "filed", "已在办理"
        DECIDED = "decided", "已经办过"
        BARRED = "barred", "不符合条件"

    class Settled(models.TextChoices):
        FILED = "filed", "已受理"
        MERGED = "merged", "并入已有办件"
        RETURNED = "returned", "退还申请人"

    batch = models.ForeignKey(PaperBatch, models.PROTECT, related_name="rows", verbose_name="批次")
    number = models.PositiveSmallIntegerField("行")
    paper_on = models.DateField("材料日期")
    matter = models.CharField("事项", max_length=24)
    name = models.CharField("姓名", max_length=50)
    id_type = models.CharField("证件类型", max_length=2, default="01")
    id_number = SealedField("证件号码")
    id_index = BlindIndexField("证件索引", of=("id_type", "id_number"), purpose=IDENTITY)
    phone = SealedField("手机号", null=True, blank=True)
    note = models.CharField("材料内容", max_length=300, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="职工"
    )
    standing = models.CharField("核对结果", max_length=8, choices=Standing.choices)
    #: Why, in words, with the number of the matter that stands against it.
    because = models.CharField("说明", max_length=200, blank=True)
    settled = models.CharField("处理", max_length=8, choices=Settled.choices, blank=True)
    settled_because = models.CharField("处理理由", max_length=200, blank=True)
    settled_by = models.CharField("处理人", max_length=80, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    intake = models.OneToOneField(
        Intake, models.PROTECT, null=True, blank=True, related_name="paper_row", verbose_name="受理"
    )

    objects = ScopedQuerySet["PaperRow"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "纸质材料"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="paper_row_number")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number.reveal())
