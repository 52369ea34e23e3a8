"""Appeals 诉求: what the worker says of the answer, and lists of the hotline 12351."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment

from .case import Case


class Appeal(ScopedModel):
    """What only an appeal knows: its number at the hotline, the rating, the call back, the extension."""

    scope_path = ("case__organisation__path", "case__organisation__second_path")
    view_permission = "cases.appeals"
    part_of = "case"

    case = models.OneToOneField(Case, models.CASCADE, related_name="appeal", verbose_name="案件")
    #: The number under which 12351 keeps it; a list that is uploaded again finds it by this.
    source_number = models.CharField("热线工单号", max_length=40, blank=True)
    rating = models.PositiveSmallIntegerField("评价", null=True, blank=True)
    rating_words = models.CharField("评价说明", max_length=500, blank=True)
    rated_at = models.DateTimeField("评价时间", null=True, blank=True)
    #: The first rating, where what followed the call back was rated again.
    first_rating = models.PositiveSmallIntegerField("首次评价", null=True, blank=True)
    called_at = models.DateTimeField("回访时间", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    extended_at = models.DateTimeField("延期时间", null=True, blank=True)

    objects = ScopedQuerySet["Appeal"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source_number"], condition=~Q(source_number=""), name="appeal_source_once"
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(1, 5)), name="appeal_rating_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rating or ''}"


class HotlineList(ScopedModel):
    """A list of the hotline 12351 as it was uploaded: looked at, then taken by a job; rows with faults go back."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "cases.hotline"

    class State(models.TextChoices):
        CHECKED = "checked", "待确认"
        TAKING = "taking", "正在登记"
        TAKEN = "taken", "已导入"
        DISCARDED = "discarded", "已放弃"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="hotline_lists", verbose_name="导入工会"
    )
    name = models.CharField("文件名", max_length=100)
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="文件")
    #: The heading as it stood in the file, so that faulty rows are handed back in its shape.
    columns = models.JSONField("表头", default=list)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.CHECKED)
    by = models.CharField("上传人", max_length=80)
    at = models.DateTimeField("上传时间", default=timezone.now)
    taken_at = models.DateTimeField("导入时间", null=True, blank=True)
    #: Why the job that registers it stopped; empty while it goes on.
    message = models.CharField("说明", max_length=300, blank=True, default="", db_default="")
    #: When names, phones and what was said went from the file and its rows.
    emptied_at = models.DateTimeField("清除时间", null=True, blank=True)

    objects = ScopedQuerySet["HotlineList"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "热线工单文件"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], condition=Q(emptied_at=None), name="hotline_list_kept")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d}"


class HotlineRow(ScopedModel):
    """One row of a list. `cells` are sealed: they hold names and phones."""

    scope_path = ("list__organisation__path", "list__organisation__second_path")
    view_permission = "cases.hotline"
    part_of = "list"

    class Fate(models.TextChoices):
        NEW = "new", "新增"
        KNOWN = "known", "已登记"
        FAULT = "fault", "有错误"

    list = models.ForeignKey(HotlineList, models.CASCADE, related_name="rows", verbose_name="文件")
    row = models.PositiveIntegerField("行号")
    cells = SealedField("单元格")
    fate = models.CharField("结果", max_length=5, choices=Fate.choices)
    fault = models.CharField("错误说明", max_length=300, blank=True)
    case = models.ForeignKey(
        Case, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="案件"
    )

    objects = ScopedQuerySet["HotlineRow"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "热线工单行"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["list", "row"], name="hotline_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.row}"
