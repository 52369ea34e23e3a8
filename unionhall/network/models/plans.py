"""What a union has set itself to build within some years, and nodes read from a file."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation

from .nodes import Node


class NetworkPlan(ScopedModel):
    """A union's plan for its part of the network, mostly of five years."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "network.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="network_plans", verbose_name="工会"
    )
    title = models.CharField("名称", max_length=80)
    first_year = models.PositiveSmallIntegerField("起始年份")
    last_year = models.PositiveSmallIntegerField("结束年份")
    document = models.CharField("依据", max_length=120, blank=True)

    objects = ScopedQuerySet["NetworkPlan"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点建设规划"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "first_year"], name="network_plan_once"),
            models.CheckConstraint(
                condition=Q(first_year__gte=1949, last_year__gte=F("first_year")), name="network_plan_years"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanTarget(ScopedModel):
    """How many nodes of a kind are to be upgraded, built, joined or named a demonstration in a year."""

    scope_path = ("plan__organisation__path", "plan__organisation__second_path")
    view_permission = "network.view"
    part_of = "plan"

    class Measure(models.TextChoices):
        UPGRADE = "upgrade", "升级"
        NEW = "new", "新建"
        JOINT = "joint", "联建"
        DEMONSTRATION = "demonstration", "示范"

    plan = models.ForeignKey(NetworkPlan, models.CASCADE, related_name="targets", verbose_name="规划")
    year = models.PositiveSmallIntegerField("年份")
    kind = models.CharField("类别", max_length=8, choices=Node.Kind.choices)
    measure = models.CharField("措施", max_length=13, choices=Measure.choices)
    number = models.PositiveIntegerField("数量")

    objects = ScopedQuerySet["PlanTarget"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规划任务"
        ordering: ClassVar[list[str]] = ["year", "kind", "measure"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "year", "kind", "measure"], name="plan_target_once")
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_measure_display()} {self.number}"


class NodeImport(ScopedModel):
    """A file of nodes that was read: what its rows would change, which are wrong; taken over or not yet."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "network.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="node_imports", verbose_name="工会"
    )
    name = models.CharField("文件名", max_length=200)
    rows = models.JSONField("站点行", default=list)
    faults = models.JSONField("错误行", default=list)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("修改", default=0)
    same = models.PositiveIntegerField("没有变化", default=0)
    uploaded_by = models.CharField("上传人", max_length=80)
    at = models.DateTimeField("上传时间", default=timezone.now)
    committed_at = models.DateTimeField("入库时间", null=True, blank=True)

    objects = ScopedQuerySet["NodeImport"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点导入"

    def __str__(self) -> str:
        return self.name
