"""Visits: who went when, to which firms, families and unions, and what was written down."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import CODE
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.models import Attachment


class VisitQuerySet(ScopedQuerySet["Visit"]):
    def made(self) -> Self:
        """Done, whether written up or not: what figures count."""
        return self.filter(state__in=Visit.MADE)


class Visit(ScopedModel):
    """走访: cadres of a union on one day at many firms and families. One that lasts several days is several visits."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"

    class Kind(models.TextChoices):
        WORKING = "working", "进企业 当工人 同劳动"
        CALL = "call", "走访"
        COMFORT = "comfort", "慰问"
        RESEARCH = "research", "调研"

    class State(models.TextChoices):
        PLANNED = "planned", "已计划"
        DONE = "done", "待填写情况"
        WRITTEN = "written", "已完成"
        CANCELLED = "cancelled", "已取消"

    MADE: ClassVar[tuple[str, ...]] = ("done", "written")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="visits", verbose_name="走访工会"
    )
    kind = models.CharField("方式", max_length=8, choices=Kind.choices)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.PLANNED)
    on = models.DateField("日期")
    venue = models.CharField("地点", max_length=120, blank=True)
    summary = models.CharField("走访情况", max_length=2000, blank=True)
    #: Only what a cadre gave of his own accord, rounded to about a hundred metres.
    latitude = models.DecimalField("纬度", max_digits=6, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=6, decimal_places=3, null=True, blank=True)
    done_at = models.DateTimeField("走访时间", null=True, blank=True)
    written_at = models.DateTimeField("填写时间", null=True, blank=True)
    made_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    cancelled_because = models.CharField("取消原因", max_length=200, blank=True)
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "written"]) | Q(done_at__isnull=False),
                name="visit_done_when",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "on"], name="visit_union_day"),
            models.Index(fields=["on"], name="visit_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"

    @property
    def number(self) -> str:
        return f"ZF{self.pk:07d}"

    @property
    def is_open(self) -> bool:
        return self.state in {"planned", "done"}


class _OfVisit(ScopedModel):
    """Parts of a visit are seen where the visit is."""

    scope_path: ClassVar[str | tuple[str, ...]] = (
        "visit__organisation__path",
        "visit__organisation__second_path",
    )
    view_permission = "outreach.view"
    part_of = "visit"

    class Meta:
        abstract = True


class Visitor(_OfVisit):
    """One cadre who took part: three cadres on one visit are three person-visits (人次)."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="visitors", verbose_name="走访")
    account = models.ForeignKey(Account, models.PROTECT, related_name="visits", verbose_name="走访人")
    leads = models.BooleanField("带队", default=False)

    objects = ScopedQuerySet["Visitor"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访人员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "account"], name="visitor_once"),
            models.UniqueConstraint(fields=["visit"], condition=Q(leads=True), name="visitor_one_leads"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.account_id}"


class StopQuerySet(ScopedQuerySet["VisitStop"]):
    def owned_by(self, access: Access) -> Self:
        """Families' own: stops at the reader himself, of visits that were made."""
        return super().owned_by(access).filter(visit__state__in=Visit.MADE)


class VisitStop(_OfVisit):
    """走访对象: a firm, family or union on the way of a visit; it rates with the slip's `code`, no account asked."""

    owner_path = "person__account_id"

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="stops", verbose_name="走访")
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="visit_stops", verbose_name="单位"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="visit_stops", verbose_name="职工家庭"
    )
    union = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="工会"
    )
    workers_met = models.PositiveIntegerField("见到职工", default=0)
    note = models.CharField("情况", max_length=500, blank=True)
    code = SealedField("评价码")
    code_index = BlindIndexField("评价码索引", unique=True, of=("code",), purpose=CODE)

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访对象"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="stop_one_target",
                condition=(
                    Q(union__isnull=False, employer__isnull=True, person__isnull=True)
                    | Q(union__isnull=True, employer__isnull=False, person__isnull=True)
                    | Q(union__isnull=True, employer__isnull=True, person__isnull=False)
                ),
            ),
            *(
                models.UniqueConstraint(fields=["visit", one], name=f"stop_{one}_once")
                for one in ("employer", "person", "union")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["employer"], name="stop_employer"),
            models.Index(fields=["person"], name="stop_person"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.kind}"

    @property
    def kind(self) -> str:
        return "employer" if self.employer_id else "person" if self.person_id else "union"


class VisitPhoto(_OfVisit):
    """A picture of a visit; places and names inside the file are removed when it is stored."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos", verbose_name="走访")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="照片")
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ScopedQuerySet["VisitPhoto"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"

    def __str__(self) -> str:
        return f"{self.visit_id}"
