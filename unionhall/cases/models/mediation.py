"""调解组织和调解员: bodies at every level, their roster, leave, who mediates which case, the sessions."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Employer, Organisation

from .case import Case, CaseFile, CaseText

OF_BODY = ("body__organisation__path", "body__organisation__second_path")
OF_MEDIATOR = ("mediator__body__organisation__path", "mediator__body__organisation__second_path")
OF_CASE = ("case__organisation__path", "case__organisation__second_path")


class MediationBody(ScopedModel):
    """调解组织: an enterprise's committee, or one of a street, county, city or industry, convened by a union."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "cases.mediation"

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "企业劳动争议调解委员会"
        STREET = "street", "街道、乡镇调解组织"
        COUNTY = "county", "区、县调解组织"
        CITY = "city", "市级调解组织"
        INDUSTRY = "industry", "行业调解组织"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="mediation_bodies", verbose_name="牵头工会"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    name = models.CharField("名称", max_length=100)
    #: The area it serves: a division code and all below it.
    division = models.CharField("服务区域", max_length=12, db_index=True)
    #: An enterprise's committee mediates its own employer's disputes alone.
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="用人单位"
    )
    address = models.CharField("地址", max_length=200, blank=True)
    telephone = models.CharField("电话", max_length=30, blank=True)
    since = models.DateField("成立日期")
    until = models.DateField("撤销日期", null=True, blank=True)

    objects = ScopedQuerySet["MediationBody"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解组织"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="mediation_body_name")
        ]

    def __str__(self) -> str:
        return self.name


def stands_on(day: date, of: str = "") -> Q:
    """That a body or a mediator has not ended by a day; `of`: the path that leads there."""
    return Q((f"{of}until", None)) | Q((f"{of}until__gt", day))


def in_office_on(day: date, of: str = "") -> Q:
    """That a mediator has not left by a day and his body stands; `of`: the path to the mediator."""
    return stands_on(day, of) & stands_on(day, f"{of}body__")


class Mediator(ScopedModel):
    """调解员: one of a body's roster; with an account he works in his own cases, and sees nothing else."""

    scope_path = OF_BODY
    view_permission = "cases.mediation"
    part_of = "body"
    owner_path = "account_id"

    body = models.ForeignKey(MediationBody, models.PROTECT, related_name="mediators", verbose_name="调解组织")
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="mediators", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=50)
    occupation = models.CharField("身份", max_length=60, blank=True)
    divisions = ArrayField(models.CharField(max_length=12), verbose_name="服务区域", default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), verbose_name="语言", default=list, blank=True)
    #: Causes of disputes in which he is at home.
    skills = ArrayField(models.CharField(max_length=24), verbose_name="擅长", default=list, blank=True)
    most = models.PositiveSmallIntegerField("同时办理上限", default=5)
    since = models.DateField("聘任日期")
    until = models.DateField("解聘日期", null=True, blank=True)

    objects = ScopedQuerySet["Mediator"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(until=None), name="mediator_account_once"
            ),
            models.CheckConstraint(condition=Q(most__gte=1), name="mediator_most"),
        ]

    def __str__(self) -> str:
        return self.name


class MediatorLeave(ScopedModel):
    """Days on which a mediator takes no case; those he has are given to others when it begins."""

    scope_path = OF_MEDIATOR
    view_permission = "cases.mediation"
    part_of = "mediator"

    mediator = models.ForeignKey(Mediator, models.CASCADE, related_name="leaves", verbose_name="调解员")
    period = DateRangeField("期间")
    reason = models.CharField("原因", max_length=100, blank=True)

    objects = ScopedQuerySet["MediatorLeave"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解员请假"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="mediator_leave_once",
                expressions=[("mediator", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.mediator_id}"


class MediationQuerySet(ScopedQuerySet["Mediation"]):
    def of_mediator(self, access: Access) -> Self:
        """The reader's own assignments while they last and he is in office: of an open case, not given to another."""
        if access.account_id is None:
            return self._admit().none()
        return self._admit().filter(
            in_office_on(timezone.localdate(), of="mediator__"), mediator__account=access.account_id,
            ended_at=None, case__closed_at=None,
        )  # fmt: skip


class Mediation(ScopedModel):
    """A case in the hands of a body and one of its mediators; `because` says why this one."""

    scope_path = OF_CASE
    view_permission = "cases.disputes"
    part_of = "case"

    case = models.ForeignKey(Case, models.CASCADE, related_name="mediations", verbose_name="案件")
    body = models.ForeignKey(
        MediationBody, models.PROTECT, related_name="mediations", verbose_name="调解组织"
    )
    mediator = models.ForeignKey(Mediator, models.PROTECT, related_name="mediations", verbose_name="调解员")
    because = models.CharField("分派理由", max_length=300)
    assigned_by = models.CharField("分派人", max_length=80)
    assigned_at = models.DateTimeField("分派时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_because = models.CharField("结束原因", max_length=100, blank=True)

    objects = MediationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解指派"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="mediation_one")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mediator"], condition=Q(ended_at=None), name="mediation_load")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.mediator_id}"


class MediationSession(ScopedModel):
    """A sitting: when, where, who came; its record stands with the case's texts, sound or photo with its files."""

    scope_path = OF_CASE
    view_permission = "cases.disputes"
    part_of = "case"

    class Outcome(models.TextChoices):
        CONTINUE = "continue", "继续调解"
        NEAR = "near", "基本达成一致"
        NONE = "none", "没有达成一致"
        ABSENT = "absent", "一方没有到场"

    case = models.ForeignKey(Case, models.CASCADE, related_name="sessions", verbose_name="案件")
    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="sessions", verbose_name="调解指派")
    number = models.PositiveSmallIntegerField("次数")
    at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=100)
    present = models.CharField("到场人员", max_length=200)
    outcome = models.CharField("结果", max_length=8, choices=Outcome.choices)
    record = models.ForeignKey(CaseText, models.PROTECT, related_name="+", verbose_name="笔录")
    file = models.ForeignKey(
        CaseFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="录音或照片"
    )
    written_by = models.CharField("记录人", max_length=80)

    objects = ScopedQuerySet["MediationSession"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解会"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "number"], name="session_number")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"
