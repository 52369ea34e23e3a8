"""会议文件月报: how many meetings a union held and how many documents it sent out in a month."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation


class OfficeMonth(ScopedModel):
    """One union's meetings and documents of one month (`month` is its first day); corrected, never doubled."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="office_months", verbose_name="工会"
    )
    month = models.DateField("月份")
    meetings = models.PositiveIntegerField("会议（次）")
    documents = models.PositiveIntegerField("文件简报（份）")
    recorded_by = models.CharField("填报人", max_length=80)
    recorded_at = models.DateTimeField("填报时间", default=timezone.now)

    objects = ScopedQuerySet["OfficeMonth"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会议文件月报"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "month"], name="office_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="office_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.month:%Y-%m}"
