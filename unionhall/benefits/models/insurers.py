"""保险承办机构: insurers that fetch the rolls of cover and bring settlement files themselves, and who works there."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.ledger.models import Payee
from unionhall.organisations.models import Organisation


class Insurer(ScopedModel):
    """An insurer under contract with a union.

    `programmes` are the covers whose monthly rolls it fetches: those that a scheme names it for. `settles`: it brings
    files of medical settlements. Suspended, its seats see nothing.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.insurers"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="insurers", verbose_name="签约工会"
    )
    name = models.CharField("名称", max_length=80)
    contact = models.CharField("联系人", max_length=50, blank=True)
    telephone = models.CharField("联系电话", max_length=30, blank=True)
    programmes = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name="承保方案"
    )
    settles = models.BooleanField("报送医保结算", default=False)
    suspended = models.BooleanField("暂停合作", default=False)
    #: Where premiums of units' plans are paid.
    payee = models.ForeignKey(
        Payee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收款账户"
    )

    objects = ScopedQuerySet["Insurer"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保险承办机构"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="insurer_name")
        ]

    def __str__(self) -> str:
        return self.name


class InsurerSeat(ScopedModel):
    """An account that works for an insurer; it sees that insurer's rolls and files."""

    scope_path = ("insurer__organisation__path", "insurer__organisation__second_path")
    view_permission = "benefits.insurers"
    part_of = "insurer"
    owner_path = "account_id"

    insurer = models.ForeignKey(Insurer, models.CASCADE, related_name="seats", verbose_name="保险承办机构")
    account = models.ForeignKey(Account, models.PROTECT, related_name="insurer_seats", verbose_name="账号")
    since = models.DateTimeField("开始", default=timezone.now)
    until = models.DateTimeField("停用", null=True, blank=True)
    given_by = models.CharField("开通人", max_length=80)

    objects = ScopedQuerySet["InsurerSeat"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办席位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account"], condition=Q(until=None), name="insurer_seat_once")
        ]

    def __str__(self) -> str:
        return f"{self.insurer_id} {self.account_id}"
