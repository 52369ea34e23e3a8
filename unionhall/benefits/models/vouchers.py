"""What becomes of the catalogue: vouchers, their one redemption, ratings, and what is settled with a merchant."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.kit.vouchers import new_short, spaced
from unionhall.ledger.models import Payment
from unionhall.members.models import Person

from .member_services import Merchant, Outlet, Service, Teller

_OF_SERVICE = ("service__merchant__organisation__path", "service__merchant__organisation__second_path")
_OF_MERCHANT = ("merchant__organisation__path", "merchant__organisation__second_path")


class Voucher(ScopedModel):
    """A person's right to one use of a service. `slot` is its place in the quota of `period_key`: two vouchers never
    hold the same one, so a quota cannot be exceeded, even at the same instant."""

    scope_path = _OF_SERVICE
    view_permission = "benefits.services"
    owner_path = "person__account_id"

    class State(models.TextChoices):
        ISSUED = "issued", "可使用"
        REDEEMED = "redeemed", "已使用"
        EXPIRED = "expired", "已过期"
        CANCELLED = "cancelled", "已退"

    LIVE: ClassVar[tuple[str, ...]] = ("issued", "redeemed")

    service = models.ForeignKey(Service, models.PROTECT, related_name="vouchers", verbose_name="会员服务")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="vouchers", db_index=False, verbose_name="职工"
    )
    code = models.CharField("券码", max_length=10, default=new_short, db_collation="C")
    period_key = models.CharField("次数所属期间", max_length=7)
    slot = models.PositiveSmallIntegerField("第几次")
    #: What the union pays the merchant for this use, as it stood when the voucher was taken; in yuan.
    reimbursed = models.DecimalField("工会承担", max_digits=10, decimal_places=2, null=True, blank=True)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.ISSUED)
    issued_at = models.DateTimeField("领取时间", default=timezone.now)
    expires_on = models.DateField("有效至")
    redeemed_at = models.DateTimeField("核销时间", null=True, blank=True)
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name="核销网点",
    )  # fmt: skip
    ended_at = models.DateTimeField("退券或过期时间", null=True, blank=True)

    objects = ScopedQuerySet["Voucher"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务券"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code"], name="voucher_code"),
            models.UniqueConstraint(
                fields=["person", "service", "period_key", "slot"],
                condition=Q(state__in=("issued", "redeemed")),
                name="voucher_quota",
            ),
            models.CheckConstraint(
                condition=Q(state="redeemed", redeemed_at__isnull=False)
                | (~Q(state="redeemed") & Q(redeemed_at=None)),
                name="voucher_redeemed_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-id"], name="voucher_person"),
            models.Index(fields=["expires_on"], condition=Q(state="issued"), name="voucher_expiring"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.code[-3:]}"

    @property
    def spaced_code(self) -> str:
        return spaced(self.code)

    def usable_on(self, day: date) -> bool:
        return self.state == self.State.ISSUED and day <= self.expires_on


class Reconciliation(ScopedModel):
    """What a merchant redeemed up to the end of a month and had not been settled: counted, confirmed by both sides."""

    scope_path = _OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"

    class State(models.TextChoices):
        OPEN = "open", "等商户确认"
        DISPUTED = "disputed", "商户有异议"
        AGREED = "agreed", "等工会确认"
        CONFIRMED = "confirmed", "已确认"

    merchant = models.ForeignKey(
        Merchant, models.PROTECT, related_name="reconciliations", verbose_name="商户"
    )
    month = models.DateField("月份")
    count = models.PositiveIntegerField("核销次数", default=0)
    free = models.PositiveIntegerField("其中免费", default=0)
    late = models.PositiveIntegerField("其中以前月份补传", default=0)
    amount = models.DecimalField("工会应付", max_digits=14, decimal_places=2, default=0)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.OPEN)
    words = models.CharField("异议说明", max_length=300, blank=True)
    answer = models.CharField("答复", max_length=300, blank=True)
    made_at = models.DateTimeField("生成时间", default=timezone.now)
    agreed_at = models.DateTimeField("商户确认时间", null=True, blank=True)
    agreed_by = models.CharField("商户确认人", max_length=80, blank=True)
    confirmed_at = models.DateTimeField("工会确认时间", null=True, blank=True)
    confirmed_by = models.CharField("工会确认人", max_length=80, blank=True)
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付款"
    )

    objects = ScopedQuerySet["Reconciliation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商户对账单"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["merchant", "month"], name="reconciliation_month")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Redemption(ScopedModel):
    """One use of a voucher, entered once: who, when, where. Later it is only marked as journalled and as settled.

    The row itself is the trail of the counter; the journal takes them by the bundle, with their digest, every few
    minutes (actions.redeeming.note_redemptions): an entry each would cost more than the redemption.
    """

    scope_path = _OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"

    class Channel(models.TextChoices):
        ONLINE = "online", "当场核销"
        OFFLINE = "offline", "离线补传"

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="redemption", verbose_name="服务券")
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="redemptions", db_index=False, verbose_name="会员服务"
    )
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, related_name="redemptions", db_index=False, verbose_name="商户"
    )
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="网点"
    )
    teller = models.ForeignKey(
        Teller, models.PROTECT, related_name="+", db_index=False, verbose_name="商户账号"
    )
    at = models.DateTimeField("核销时间")
    recorded_at = models.DateTimeField("记录时间", default=timezone.now)
    channel = models.CharField("方式", max_length=7, choices=Channel.choices)
    reimbursed = models.DecimalField("工会承担", max_digits=10, decimal_places=2)
    reconciliation = models.ForeignKey(
        Reconciliation, models.PROTECT, null=True, blank=True, related_name="redemptions",
        db_index=False, verbose_name="对账单",
    )  # fmt: skip

    noted = models.BooleanField("已入日志", default=False)

    objects = ScopedQuerySet["Redemption"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核销记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(noted=False), name="redemption_unnoted"),
            models.Index(fields=["merchant", "-id"], name="redemption_merchant"),
            models.Index(
                fields=["merchant", "at"], condition=Q(reconciliation=None), name="redemption_unsettled"
            ),
            models.Index(
                fields=["reconciliation", "id"], condition=Q(reconciliation__isnull=False),
                name="redemption_settled",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class OfflineUpload(ScopedModel):
    """Codes that a merchant took without a network and handed in later; each row was answered by itself."""

    scope_path = _OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="uploads", verbose_name="商户")
    teller = models.ForeignKey(Teller, models.PROTECT, related_name="+", verbose_name="商户账号")
    digest = models.CharField("内容摘要", max_length=64)
    rows = models.PositiveIntegerField("行数")
    accepted = models.PositiveIntegerField("核销成功")
    refused = models.PositiveIntegerField("没有核销")
    answers = models.JSONField("逐行结果", default=list)
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ScopedQuerySet["OfflineUpload"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "离线补传"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["merchant", "digest"], name="upload_once")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Rating(ScopedModel):
    """好差评: what a person says of a service after using it, once per voucher."""

    scope_path = _OF_SERVICE
    view_permission = "benefits.services"
    owner_path = "voucher__person__account_id"

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="rating", verbose_name="服务券")
    service = models.ForeignKey(Service, models.PROTECT, related_name="ratings", verbose_name="会员服务")
    grade = models.PositiveSmallIntegerField("评分")
    words = models.CharField("评价", max_length=200, blank=True)
    at = models.DateTimeField("评价时间", default=timezone.now)

    objects = ScopedQuerySet["Rating"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务评价"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(grade__range=(1, 5)), name="rating_grade")
        ]

    def __str__(self) -> str:
        return f"{self.grade}"
