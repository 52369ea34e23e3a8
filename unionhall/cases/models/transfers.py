"""跨联合会移送: what went to another federation or came from one, and what became of it there."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet

from .case import Case


class CaseTransfer(ScopedModel):
    """A case that went to, or came from, another federation, as a sealed package; what became of it there.

    `key`: the package's own number, the same on both sides. `remote_number` and `remote_state`: by receipts.
    """

    scope_path = ("case__organisation__path", "case__organisation__second_path")
    view_permission = "cases.transfer"
    part_of = "case"

    class Direction(models.TextChoices):
        OUT = "out", "移出"
        IN = "in", "移入"

    key = models.CharField("移送编号", max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="transfers", verbose_name="案件")
    direction = models.CharField("方向", max_length=3, choices=Direction.choices)
    federation = models.CharField("对方联合会", max_length=30)
    reason = models.CharField("理由", max_length=300, blank=True)
    digest = models.CharField("移送包摘要", max_length=64)
    files = models.PositiveSmallIntegerField("材料数", default=0)
    remote_number = models.CharField("对方编号", max_length=24, blank=True)
    remote_state = models.CharField("对方状态", max_length=20, blank=True)
    remote_closed = models.BooleanField("对方已办结", default=False)
    receipt_at = models.DateTimeField("回执时间", null=True, blank=True)
    actor_name = models.CharField("经办人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CaseTransfer"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "跨联合会移送"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "direction"], name="case_transfer_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_direction_display()} {self.federation}"
