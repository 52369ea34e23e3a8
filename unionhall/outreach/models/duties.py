"""必访任务: an injury, a hardship or a trouble that a union has to visit within hours."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation

from .visits import Visit


class Trouble(models.TextChoices):
    """What asks for a visit."""

    INJURY = "injury", "逢伤必探"
    HARDSHIP = "hardship", "逢困必访"
    TROUBLE = "trouble", "逢难必帮"


class DutyQuerySet(ScopedQuerySet["VisitDuty"]):
    def open(self) -> Self:
        return self.filter(done_at=None, void_at=None)

    def late(self, now: datetime) -> Self:
        return self.open().filter(due_at__lt=now)

    def met(self) -> Self:
        return self.filter(done_at__lte=F("due_at"))


class VisitDuty(ScopedModel):
    """必访任务: `organisation` has to visit until `due_at`; an event makes one duty however often it is reported."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="visit_duties", verbose_name="责任工会"
    )
    trouble = models.CharField("情形", max_length=8, choices=Trouble.choices)
    #: The event that asked for it, such as "relief:12"; once.
    event_key = models.CharField("事件", max_length=60, unique=True)
    source = models.CharField("来源", max_length=30)
    #: Why, in words that name no illness and no sum.
    because = models.CharField("事由", max_length=300)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="visit_duties", verbose_name="职工"
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="visit_duties", verbose_name="单位"
    )
    who = models.CharField("走访谁", max_length=80, blank=True)
    owner = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="visit_duties", verbose_name="责任人"
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name="走访"
    )
    opened_at = models.DateTimeField("发生时间")
    due_at = models.DateTimeField("截止时间")
    done_at = models.DateTimeField("走访时间", null=True, blank=True)
    void_at = models.DateTimeField("撤销时间", null=True, blank=True)
    void_because = models.CharField("撤销原因", max_length=200, blank=True)
    escalated_at = models.DateTimeField("报上级时间", null=True, blank=True)
    urged_at = models.DateTimeField("督办时间", null=True, blank=True)
    urged_by = models.CharField("督办人", max_length=80, blank=True)
    urge_note = models.CharField("督办意见", max_length=300, blank=True)
    explained_at = models.DateTimeField("回复时间", null=True, blank=True)
    explanation = models.CharField("回复", max_length=500, blank=True)
    made_by = models.CharField("登记人", max_length=80)
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "必访任务"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(visit__isnull=False), name="duty_done_by_a_visit"
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(void_at=None), name="duty_one_end"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organisation", "due_at"], condition=Q(done_at=None, void_at=None), name="duty_open"
            ),
            models.Index(fields=["due_at"], condition=Q(done_at=None, void_at=None), name="duty_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_trouble_display()}"

    @property
    def number(self) -> str:
        return f"BF{self.pk:07d}"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.void_at is None

    @property
    def state(self) -> str:
        """open, met, late or void."""
        if self.void_at is not None:
            return "void"
        if self.done_at is None:
            return "open"
        return "met" if self.done_at <= self.due_at else "late"
