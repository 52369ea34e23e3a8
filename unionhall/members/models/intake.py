"""Roster batches and their staged rows; export jobs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY, PHONE
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment


class RosterBatch(ScopedModel):
    """One uploaded roster on its way: checked, previewed, committed, undone. Its state survives the worker."""

    scope_path = ("path", "second_path")
    view_permission = "members.intake"
    copies_path_from: ClassVar[str] = "organisation"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "等待核对"
        CHECKING = "checking", "核对中"
        READY = "ready", "待确认"
        REFUSED = "refused", "整份退回"
        COMMITTING = "committing", "入库中"
        COMMITTED = "committed", "已入库"
        UNDOING = "undoing", "撤销中"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="roster_batches", verbose_name="工会"
    )
    path = PathField("路径")
    second_path = PathField("产业路径", blank=True, default="")
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", verbose_name="原文件")
    error_file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="错误文件"
    )
    mapping = models.CharField("代码对照", max_length=40, blank=True)
    uploaded_by_id = models.BigIntegerField("上传账号", null=True)
    uploaded_by = models.CharField("上传人", max_length=80)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.UPLOADED)
    stage = models.CharField("进行到", max_length=60, blank=True)
    done = models.PositiveIntegerField("已处理", default=0)
    rows = models.PositiveIntegerField("总行数", default=0)
    counts = models.JSONField("各类行数", default=dict)
    columns = models.JSONField("列对照", default=dict)
    message = models.TextField("说明", blank=True)
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    checked_at = models.DateTimeField("核对完成", null=True, blank=True)
    committed_at = models.DateTimeField("入库时间", null=True, blank=True)
    committed_by = models.CharField("确认人", max_length=80, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    cleared_at = models.DateTimeField("文件和各行清除时间", null=True, blank=True)

    objects = ScopedQuerySet["RosterBatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册批次"

    def __str__(self) -> str:
        return f"批次 {self.pk}"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.path, self.second_path) if path)

    @property
    def is_moving(self) -> bool:
        """Whether a job is at work on it, so that the page keeps asking."""
        return self.state in {
            self.State.UPLOADED,
            self.State.CHECKING,
            self.State.COMMITTING,
            self.State.UNDOING,
        }


class RosterRow(ScopedModel):
    """A staged row: what the file says, normalised and sealed, and what will become of it."""

    scope_path = ("batch__path", "batch__second_path")
    view_permission = "members.intake"
    part_of = "batch"

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "有变化"
        SAME = "same", "无变化"
        DUPLICATE = "duplicate", "文件内重复"
        TRANSFER = "transfer", "需转接"
        ERROR = "error", "有误"

    # Neither key is checked by the database: a million staged rows would ask it two million times about two rows.
    # Nor has either an index of its own: those below begin with the batch, and nobody looks rows up by their union.
    batch = models.ForeignKey(
        RosterBatch,
        models.CASCADE,
        related_name="staged",
        db_constraint=False,
        db_index=False,
        verbose_name="批次",
    )
    number = models.PositiveIntegerField("文件中的行号")
    outcome = models.CharField("结果", max_length=9, choices=Outcome.choices)
    errors = models.JSONField("错误", default=list)
    warnings = models.JSONField("提示", default=list)
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name="工会",
    )
    person_id = models.BigIntegerField("已有职工", null=True)
    name = models.CharField("姓名", max_length=50, blank=True)
    initials = models.CharField("首字母", max_length=50, blank=True)
    sort_key = models.CharField("拼音排序", max_length=120, blank=True)
    id_type = models.CharField("证件类型", max_length=2, blank=True)
    id_number = SealedField("证件号码", null=True)
    id_index = BlindIndexField("证件索引", null=True, of=("id_type", "id_number"), purpose=IDENTITY)
    phone = SealedField("手机号", null=True)
    phone_index = BlindIndexField("手机号索引", null=True, of=("phone",), purpose=PHONE)
    # What the file says of the person; null: the cell was empty, and whatever the register knows stays.
    sex = models.CharField("性别", max_length=1, null=True)
    birth = models.DateField("出生日期", null=True)
    ethnicity = models.CharField("民族", max_length=2, null=True)
    education = models.CharField("学历", max_length=2, null=True)
    political = models.CharField("政治面貌", max_length=2, null=True)
    household_type = models.CharField("户口类型", max_length=1, null=True)
    household_place = models.CharField("户口所在地", max_length=120, null=True)
    native_place = models.CharField("籍贯", max_length=60, null=True)
    migrant_worker = models.BooleanField("农民工", null=True)
    skill = models.CharField("技能等级", max_length=1, null=True)
    work_unit = models.CharField("工作单位", max_length=120, null=True)
    occupation = models.CharField("工种岗位", max_length=60, null=True)
    status = models.CharField("就业状况", max_length=1, null=True)
    form = models.CharField("用工形式", max_length=1, null=True)
    joined_on = models.DateField("入会日期", null=True)
    placed = models.BooleanField("写明了工会", default=False)
    before = models.JSONField("改动前", default=dict)
    before_phone = SealedField("改动前手机号", null=True)
    changed_columns = ArrayField(models.CharField(max_length=30), verbose_name="改动的列", default=list)

    #: `before` keeps the index of `before_phone` for taking back (foundation.reindexing).
    indexes_in_json: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("before", "phone_index", "before_phone", PHONE),
    )

    objects = ScopedQuerySet["RosterRow"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册行"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="roster_row_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["batch", "outcome", "number"], name="roster_row_outcome")
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 行"


class Export(ScopedModel):
    """A list being written to Excel for someone: asked with a purpose, journalled, kept seven days."""

    unscoped_because: ClassVar[str] = "只由提出导出的账号取用"
    owner_path = "requested_by_id"

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "生成中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    kind = models.CharField("内容", max_length=40)
    query = models.JSONField("筛选条件", default=dict)
    purpose = models.CharField("用途", max_length=200)
    requested_by_id = models.BigIntegerField("申请账号", db_index=True)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField("已写行数", default=0)
    rows = models.PositiveIntegerField("总行数", default=0)
    file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    message = models.CharField("说明", max_length=200, blank=True)
    created_at = models.DateTimeField("申请时间", default=timezone.now)

    objects = ScopedQuerySet["Export"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出"

    def __str__(self) -> str:
        return f"导出 {self.pk}"
