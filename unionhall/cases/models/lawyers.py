"""法律援助机构和律师: who is on duty where, the roster, whom a lawyer may not act against, which firms he serves."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.ledger.models import Payee
from unionhall.organisations.models import Employer, Organisation

OF_UNION = ("organisation__path", "organisation__second_path")
OF_LAWYER = ("lawyer__organisation__path", "lawyer__organisation__second_path")


class AidBodyQuerySet(ScopedQuerySet["LegalAidBody"]):
    def open_on(self, day: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


class LegalAidBody(ScopedModel):
    """法律援助机构 of a union: takes applications of its area, with lawyers on duty at its window."""

    scope_path = OF_UNION
    view_permission = "cases.lawyers"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="aid_bodies", verbose_name="设立工会"
    )
    name = models.CharField("名称", max_length=100)
    #: The area it serves: a division code and all below it.
    division = models.CharField("服务区域", max_length=12, db_index=True)
    address = models.CharField("地址", max_length=200, blank=True)
    telephone = models.CharField("电话", max_length=30, blank=True)
    hours = models.CharField("接待时间", max_length=60, default="工作日 9:00–12:00、13:30–17:00")
    #: Weekdays on which it is open: 1 is Monday.
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name="接待日", default=list)
    since = models.DateField("设立日期")
    until = models.DateField("停止服务日期", null=True, blank=True)
    closed_because = models.CharField("停止服务原因", max_length=200, blank=True)

    objects = AidBodyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法律援助机构"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="aid_body_name")
        ]

    def __str__(self) -> str:
        return self.name

    def is_open_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)


class LawyerQuerySet(ScopedQuerySet["Lawyer"]):
    def serving_on(self, day: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)

    def of_account(self, access: Access) -> Self:
        """The reader himself, while he is on a roster."""
        if access.account_id is None:
            return self._admit().none()
        return self._admit().filter(account=access.account_id, until=None)


class Lawyer(ScopedModel):
    """律师 on a union's roster; with an account he works in what he was assigned, and sees nothing else."""

    scope_path = OF_UNION
    view_permission = "cases.lawyers"
    owner_path = "account_id"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="lawyers", verbose_name="聘任工会"
    )
    body = models.ForeignKey(
        LegalAidBody,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lawyers",
        verbose_name="法律援助机构",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="lawyers", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=50)
    licence = models.CharField("执业证号", max_length=20)
    firm = models.CharField("律师事务所", max_length=100)
    telephone = models.CharField("执业电话", max_length=30, blank=True)
    divisions = ArrayField(models.CharField(max_length=12), verbose_name="服务区域", default=list)
    languages = ArrayField(models.CharField(max_length=10), verbose_name="语言", default=list, blank=True)
    #: Causes of aid in which he is at home.
    skills = ArrayField(models.CharField(max_length=24), verbose_name="擅长", default=list, blank=True)
    most = models.PositiveSmallIntegerField("同时承办上限", default=5)
    most_firms = models.PositiveSmallIntegerField("服务企业上限", default=10)
    payee = models.ForeignKey(
        Payee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="补贴收款账户"
    )
    since = models.DateField("聘任日期")
    until = models.DateField("解聘日期", null=True, blank=True)

    objects = LawyerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["licence"], condition=Q(until=None), name="lawyer_licence_once"),
            models.UniqueConstraint(fields=["account"], condition=Q(until=None), name="lawyer_account_once"),
            models.CheckConstraint(condition=Q(most__gte=1), name="lawyer_most"),
        ]

    def __str__(self) -> str:
        return self.name


class _OfLawyer(ScopedModel):
    """Kept with a lawyer, seen by whoever keeps the roster."""

    scope_path = OF_LAWYER
    view_permission = "cases.lawyers"
    part_of = "lawyer"

    class Meta:
        abstract = True


class LawyerLeave(_OfLawyer):
    """Days on which a lawyer is given nothing new."""

    lawyer = models.ForeignKey(Lawyer, models.CASCADE, related_name="leaves", verbose_name="律师")
    period = DateRangeField("期间")
    reason = models.CharField("原因", max_length=100, blank=True)

    objects = ScopedQuerySet["LawyerLeave"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师休假"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="lawyer_leave_once",
                expressions=[("lawyer", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.lawyer_id}"


class LawyerConflict(_OfLawyer):
    """利害关系: an employer whom the lawyer serves or served, so that he does not act against it."""

    lawyer = models.ForeignKey(Lawyer, models.CASCADE, related_name="conflicts", verbose_name="律师")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", verbose_name="用人单位")
    reason = models.CharField("关系", max_length=100)
    since = models.DateField("登记日期", default=timezone.localdate)
    until = models.DateField("解除日期", null=True, blank=True)

    objects = ScopedQuerySet["LawyerConflict"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师利害关系"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["lawyer", "employer"], condition=Q(until=None), name="lawyer_conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lawyer_id} {self.employer_id}"


class AidDuty(ScopedModel):
    """值班: a lawyer sits at a body's window on a weekday."""

    scope_path = ("body__organisation__path", "body__organisation__second_path")
    view_permission = "cases.lawyers"
    part_of = "body"

    body = models.ForeignKey(LegalAidBody, models.CASCADE, related_name="duties", verbose_name="法律援助机构")
    lawyer = models.ForeignKey(Lawyer, models.PROTECT, related_name="duties", verbose_name="律师")
    weekday = models.PositiveSmallIntegerField("星期")
    since = models.DateField("开始日期", default=timezone.localdate)
    until = models.DateField("结束日期", null=True, blank=True)

    objects = ScopedQuerySet["AidDuty"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师值班"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["body", "lawyer", "weekday"], condition=Q(until=None), name="aid_duty_once"
            ),
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="aid_duty_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.body_id} {self.lawyer_id} {self.weekday}"


class CounselBatch(ScopedModel):
    """One assignment of lawyers to all firms of an area that had none; may be undone as a whole."""

    scope_path = OF_UNION
    view_permission = "cases.lawyers"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="工会")
    period = DateRangeField("服务期间")
    most = models.PositiveSmallIntegerField("每名律师上限")
    placed = models.PositiveIntegerField("已分配")
    uncovered = models.PositiveIntegerField("没有律师")
    made_by = models.CharField("分配人", max_length=80)
    at = models.DateTimeField("分配时间", default=timezone.now)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.CharField("撤销人", max_length=80, blank=True)

    objects = ScopedQuerySet["CounselBatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师批量分配"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.placed}"


class FirmCounselQuerySet(ScopedQuerySet["FirmCounsel"]):
    def in_force(self, day: date) -> Self:
        return self.filter(period__contains=day)

    def of_lawyer(self, access: Access, day: date) -> Self:
        """The firms that the reader serves, for as long as he does."""
        if access.account_id is None:
            return self._admit().none()
        return self._admit().filter(
            lawyer__account=access.account_id, lawyer__until=None, period__contains=day
        )


class FirmCounsel(ScopedModel):
    """企业服务律师: the lawyer who serves an enterprise for a period, free of charge, by the union's arrangement."""

    scope_path = OF_UNION
    view_permission = "cases.lawyers"

    lawyer = models.ForeignKey(Lawyer, models.PROTECT, related_name="counsels", verbose_name="律师")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="counsels", verbose_name="服务企业")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="counsels", verbose_name="安排工会"
    )
    period = DateRangeField("服务期间")
    because = models.CharField("分配理由", max_length=200, blank=True)
    batch = models.ForeignKey(
        CounselBatch, models.PROTECT, null=True, blank=True, related_name="counsels", verbose_name="批量分配"
    )

    objects = FirmCounselQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业服务律师"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="counsel_one_lawyer",
                expressions=[("employer", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.lawyer_id} {self.employer_id}"


class CounselVisit(ScopedModel):
    """律师进企业: one visit or consultation of the lawyer at a firm that he serves."""

    scope_path = ("counsel__organisation__path", "counsel__organisation__second_path")
    view_permission = "cases.lawyers"
    part_of = "counsel"

    class Kind(models.TextChoices):
        CHECK = "check", "法治体检"
        TALK = "talk", "普法宣讲"
        ADVICE = "advice", "法律咨询"
        PAPERS = "papers", "合同、规章审查"
        OTHER = "other", "其他"

    counsel = models.ForeignKey(
        FirmCounsel, models.CASCADE, related_name="visits", verbose_name="企业服务律师"
    )
    on = models.DateField("日期")
    kind = models.CharField("服务内容", max_length=6, choices=Kind.choices)
    headcount = models.PositiveIntegerField("服务职工人数", default=0)
    hours = models.DecimalField("时长（小时）", max_digits=4, decimal_places=1, default=1)
    note = models.CharField("情况", max_length=500)
    written_by = models.CharField("记录人", max_length=80)
    at = models.DateTimeField("记录时间", default=timezone.now)

    objects = ScopedQuerySet["CounselVisit"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "律师进企业记录"

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"
