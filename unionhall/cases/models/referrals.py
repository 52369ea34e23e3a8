"""部门联动: partner bodies, who sits there, what was referred to them and what they see of it."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation
from unionhall.rulebook.models import SchemeUse

from .case import Case, CaseFile, CaseText

OF_BODY = ("body__organisation__path", "body__organisation__second_path")
OF_CASE = ("case__organisation__path", "case__organisation__second_path")


class PartnerBody(ScopedModel):
    """联动单位: an agency with which a union works; its kind and what it may be asked stand in `case_partners`."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "cases.partners"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="partner_bodies", verbose_name="召集工会"
    )
    kind = models.CharField("单位类别", max_length=24)
    kind_label = models.CharField("类别名称", max_length=40)
    name = models.CharField("名称", max_length=100)
    division = models.CharField("辖区", max_length=12, db_index=True)
    contact = models.CharField("联络员", max_length=50, blank=True)
    telephone = models.CharField("联系电话", max_length=30, blank=True)
    suspended = models.BooleanField("暂停联动", default=False)

    objects = ScopedQuerySet["PartnerBody"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联动单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="partner_body_name")
        ]

    def __str__(self) -> str:
        return self.name


class PartnerSeat(ScopedModel):
    """An account that works for a partner: it sees what was referred to this body."""

    scope_path = OF_BODY
    view_permission = "cases.partners"
    part_of = "body"
    owner_path = "account_id"

    body = models.ForeignKey(PartnerBody, models.CASCADE, related_name="seats", verbose_name="联动单位")
    account = models.ForeignKey(Account, models.PROTECT, related_name="partner_seats", verbose_name="账号")
    since = models.DateTimeField("开始", default=timezone.now)
    until = models.DateTimeField("停用", null=True, blank=True)

    objects = ScopedQuerySet["PartnerSeat"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联动席位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account"], condition=Q(until=None), name="partner_seat_once")
        ]

    def __str__(self) -> str:
        return f"{self.body_id} {self.account_id}"


class ReferralQuerySet(ScopedQuerySet["Referral"]):
    def of_seat(self, access: Access) -> Self:
        """What was referred to the reader's body, for as long as it lasts: then it does not exist for him."""
        if access.account_id is None:
            return self._admit().none()
        seats = PartnerSeat.objects.everywhere(reason="which body the reader sits for")
        bodies = seats.filter(account=access.account_id, until=None).values("body")
        return self._admit().filter(body__in=bodies, ended_at=None, case__closed_at=None)

    def waiting(self) -> Self:
        """The partner owes something: to accept, or to reply."""
        return self.filter(state__in=["sent", "accepted"])


class Referral(ScopedModel):
    """One case before one partner: what it is asked, what of the case it sees, its clock, its answer.

    `facts` are codes of what is shown (`referring.facts`). Ended: returned, withdrawn, or taken note of.
    """

    scope_path = OF_CASE
    view_permission = "cases.view"
    part_of = "case"

    class State(models.TextChoices):
        SENT = "sent", "等待接收"
        ACCEPTED = "accepted", "办理中"
        RETURNED = "returned", "已退回"
        REPLIED = "replied", "已答复"
        WITHDRAWN = "withdrawn", "已撤回"

    case = models.ForeignKey(Case, models.CASCADE, related_name="referrals", verbose_name="案件")
    body = models.ForeignKey(PartnerBody, models.PROTECT, related_name="referrals", verbose_name="联动单位")
    act = models.CharField("事项", max_length=24)
    act_label = models.CharField("事项名称", max_length=40)
    asked = models.CharField("请求", max_length=500)
    #: The partner takes the whole case over; else it helps beside the union.
    whole = models.BooleanField("由对方主办", default=False)
    facts = ArrayField(models.CharField(max_length=24), verbose_name="移送的事实", default=list)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.SENT)
    due_at = models.DateTimeField("时限", null=True, blank=True)
    due_article = models.CharField("时限依据", max_length=120, blank=True)
    #: How the clock that runs is counted, to count it again when holidays change.
    due_unit = models.CharField("时限单位", max_length=12)
    due_amount = models.PositiveSmallIntegerField("时限长度")
    due_from = models.DateTimeField("计时起点", default=timezone.now)
    sent_by = models.CharField("移送人", max_length=80)
    sent_by_id = models.BigIntegerField("移送账号", null=True)
    sent_at = models.DateTimeField("移送时间", default=timezone.now)
    accepted_at = models.DateTimeField("接收时间", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    #: Kept when the answer came: whether every limit was met.
    in_time = models.BooleanField("按时", null=True, blank=True)
    result = models.CharField("结果", max_length=1000, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    scheme = models.ForeignKey(
        SchemeUse, models.PROTECT, related_name="+", db_index=False, verbose_name="方案版本"
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联动转办"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "body", "act"], condition=Q(ended_at=None), name="referral_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["body", "due_at"], condition=Q(ended_at=None), name="referral_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act_label}"


class ReferralItem(ScopedModel):
    """A text or a file of the case that was put into the partner's folder, or that the partner put there."""

    scope_path = ("referral__case__organisation__path", "referral__case__organisation__second_path")
    view_permission = "cases.view"
    part_of = "referral"

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="items", verbose_name="转办")
    text = models.ForeignKey(
        CaseText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文字"
    )
    file = models.ForeignKey(
        CaseFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料"
    )
    by_partner = models.BooleanField("对方提供", default=False)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["ReferralItem"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转办材料"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(text=None, file__isnull=False) | Q(text__isnull=False, file=None),
                name="referral_item_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}"
