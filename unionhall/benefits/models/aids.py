"""Hardship relief: aids that were granted, and the exchange of files with civil affairs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.kit.money import yuan
from unionhall.ledger.models import Commitment, Payment
from unionhall.members.models import HouseholdMember, Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment
from unionhall.rulebook.models import Decision

from .relief import CivilStatus, HardshipFile


class Aid(ScopedModel):
    """帮扶: one sum under one programme, decided by the rule, held in a budget, paid. With or without a file."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.relief"
    owner_path = "person__account_id"

    class Schooling(models.TextChoices):
        NONE = "", "—"
        HIGH = "high_school", "高中（中职）"
        UNIVERSITY = "university", "大学"

    file = models.ForeignKey(
        HardshipFile, models.PROTECT, null=True, blank=True, related_name="aids", verbose_name="困难职工档案"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="aids", verbose_name="职工")
    household_key = models.CharField("家庭", max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="aids", verbose_name="所在工会"
    )
    programme = models.CharField("方案", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    #: For whom in the household; the worker himself when empty.
    beneficiary = models.ForeignKey(
        HouseholdMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受助人"
    )
    schooling = models.CharField("就学阶段", max_length=12, choices=Schooling.choices, blank=True)
    own_cost = SealedField("自付费用", null=True, blank=True)
    amount = models.DecimalField("金额", max_digits=14, decimal_places=2)
    note = models.CharField("说明", max_length=200, blank=True)
    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, related_name="aid", verbose_name="决定"
    )
    commitment = models.OneToOneField(
        Commitment, models.PROTECT, null=True, related_name="aid", verbose_name="预算占用"
    )
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="aid", verbose_name="付款"
    )
    granted_by = models.CharField("经办人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = ScopedQuerySet["Aid"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶金"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="aid_amount")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["household_key", "year"], name="aid_household")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {yuan(self.amount)}"


class CivilCheck(ScopedModel):
    """民政核对: those of some files who are to be checked, handed out as a file; the answers come back as one."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.relief_check"

    number = models.CharField("批次编号", max_length=24, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="civil_checks", verbose_name="送核工会"
    )
    made_by = models.CharField("导出人", max_length=80)
    made_at = models.DateTimeField("导出时间", default=timezone.now)
    file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="核对名单"
    )
    answered_at = models.DateTimeField("最近导入时间", null=True, blank=True)
    #: What the last result file held that could not be taken: [[line, what is wrong], …]
    faults = models.JSONField("未导入的行", default=list)

    objects = ScopedQuerySet["CivilCheck"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民政核对批次"

    def __str__(self) -> str:
        return self.number


class CivilCheckRow(ScopedModel):
    """One person of a household in such a file, under a key that tells nothing."""

    scope_path = ("check_of__organisation__path", "check_of__organisation__second_path")
    view_permission = "benefits.relief_check"
    part_of = "check_of"

    class Result(models.TextChoices):
        WAITING = "", "等待结果"
        MATCH = "match", "一致"
        MISMATCH = "mismatch", "不一致"
        UNKNOWN = "unknown", "查无此人"

    check_of = models.ForeignKey(CivilCheck, models.CASCADE, related_name="rows", verbose_name="民政核对批次")
    key = models.CharField("核对编号", max_length=20, unique=True)
    file = models.ForeignKey(HardshipFile, models.CASCADE, related_name="checks", verbose_name="困难职工档案")
    member = models.ForeignKey(HouseholdMember, models.PROTECT, related_name="+", verbose_name="家庭成员")
    result = models.CharField("结果", max_length=8, choices=Result.choices, blank=True)
    civil_status = models.CharField("民政认定", max_length=8, choices=CivilStatus.choices, blank=True)
    income = SealedField("核定年收入", null=True, blank=True)
    remark = SealedField("说明", null=True, blank=True)
    answered_at = models.DateTimeField("结果时间", null=True, blank=True)

    objects = ScopedQuerySet["CivilCheckRow"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民政核对名单"

    def __str__(self) -> str:
        return self.key
