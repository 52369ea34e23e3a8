"""The grid: cells with the firms in them and who looks after each; what was found, and how far up it went."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Employer, Organisation

from .nodes import Node


class GridCell(ScopedModel):
    """A stretch of a street (or of an industry) with its firms. It belongs to a union, in either chain."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "network.grid"

    code = models.CharField("网格编号", max_length=24, unique=True)
    name = models.CharField("名称", max_length=60)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="grid_cells", verbose_name="所属工会"
    )
    division = models.CharField("行政区划", max_length=12, db_index=True)
    node = models.ForeignKey(
        Node, models.SET_NULL, null=True, blank=True, related_name="cells", verbose_name="依托站点"
    )
    is_active = models.BooleanField("在用", default=True)

    objects = ScopedQuerySet["GridCell"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格"

    def __str__(self) -> str:
        return self.name


class _OfCell(ScopedModel):
    """What belongs to a cell and is seen with it."""

    scope_path = ("cell__organisation__path", "cell__organisation__second_path")
    view_permission = "network.grid"
    part_of = "cell"

    class Meta:
        abstract = True


class GridUnit(_OfCell):
    """A firm in a cell; it stands in one cell at a time."""

    cell = models.ForeignKey(GridCell, models.CASCADE, related_name="units", verbose_name="网格")
    employer = models.ForeignKey(Employer, models.CASCADE, related_name="grid_units", verbose_name="用人单位")
    since = models.DateField("划入", default=timezone.localdate)
    until = models.DateField("划出", null=True, blank=True)

    objects = ScopedQuerySet["GridUnit"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["employer"], condition=Q(until=None), name="grid_unit_one_cell")
        ]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.employer_id}"


class GridWorker(_OfCell):
    """Who looks after a cell; one at a time. The account may be a worker's own phone or a desk's."""

    owner_path = "account_id"

    cell = models.ForeignKey(GridCell, models.CASCADE, related_name="workers", verbose_name="网格")
    account = models.ForeignKey(Account, models.PROTECT, related_name="grid_cells", verbose_name="账号")
    name = models.CharField("姓名", max_length=50)
    since = models.DateField("到岗", default=timezone.localdate)
    until = models.DateField("离岗", null=True, blank=True)

    objects = ScopedQuerySet["GridWorker"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cell"], condition=Q(until=None), name="grid_worker_one")
        ]

    def __str__(self) -> str:
        return self.name


class GridItemQuerySet(ScopedQuerySet["GridItem"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class GridItem(ScopedModel):
    """Something found in a cell or asked by a node: which union has it now, by when, and what came of it.

    `origin` is where it was raised, `organisation` who has it; both sides see it however far up or down it went.
    """

    scope_path = ("origin__path", "origin__second_path", "organisation__path", "organisation__second_path")
    view_permission = "network.grid"
    owner_path = "reported_by_id"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        TAKEN = "taken", "处理中"
        CLOSED = "closed", "已办结"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("编号", max_length=24, unique=True)
    cell = models.ForeignKey(
        GridCell, models.PROTECT, null=True, blank=True, related_name="items", verbose_name="网格"
    )
    node = models.ForeignKey(
        Node, models.PROTECT, null=True, blank=True, related_name="items", verbose_name="站点"
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="grid_items", verbose_name="用人单位"
    )
    kind = models.CharField("类别", max_length=16)
    found = models.CharField("情况", max_length=1000)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.OPEN)
    origin = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="提出工会")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="grid_items", verbose_name="处理工会"
    )
    #: How often it was passed upward.
    raised = models.PositiveSmallIntegerField("上报次数", default=0)
    due_on = models.DateField("期限")
    reported_by_id = models.BigIntegerField("提出账号", null=True, blank=True, db_index=True)
    reported_by = models.CharField("提出人", max_length=80)
    reported_at = models.DateTimeField("提出时间", default=timezone.now)
    outcome = models.CharField("处理结果", max_length=1000, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = GridItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网格事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(cell__isnull=False) | Q(node__isnull=False), name="grid_item_from_somewhere"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organisation", "due_on"], condition=Q(closed_at=None), name="grid_item_open"
            )
        ]

    def __str__(self) -> str:
        return self.number


class GridStep(ScopedModel):
    """What was done with an item, by whom, and where it went with it. Never altered."""

    scope_path = (
        "item__origin__path", "item__origin__second_path",
        "item__organisation__path", "item__organisation__second_path",
    )  # fmt: skip
    view_permission = "network.grid"
    part_of = "item"

    class Verb(models.TextChoices):
        REPORTED = "reported", "提出"
        TAKEN = "taken", "受理"
        RAISED = "raised", "上报"
        LOWERED = "lowered", "交办"
        REPLIED = "replied", "回复"
        HANDED = "handed", "转出"
        CLOSED = "closed", "办结"
        WITHDRAWN = "withdrawn", "撤回"

    item = models.ForeignKey(GridItem, models.CASCADE, related_name="steps", verbose_name="事项")
    verb = models.CharField("动作", max_length=9, choices=Verb.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="所到工会")
    opinion = models.CharField("说明", max_length=1000, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["GridStep"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事项流转"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.get_verb_display()}"
