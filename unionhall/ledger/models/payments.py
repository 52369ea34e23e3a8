"""Commitments that hold budget, payees, payments, and sums to be recovered."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import BANK
from unionhall.kit.masking import mask_name
from unionhall.kit.money import yuan
from unionhall.members.models import Person
from unionhall.rulebook.models import Decision

from .accounts import Budget, money


class CommitmentQuerySet(ScopedQuerySet["Commitment"]):
    def in_line(self) -> Self:
        """Those that wait for money, first come first."""
        return self.filter(state=Commitment.State.WAITING).order_by("submitted_at", "pk")


class Commitment(ScopedModel):
    """A sum that a decision promises out of a budget: held at once, or waiting in the order of submission."""

    scope_path = ("path", "budget__organisation__path", "budget__organisation__second_path")
    view_permission = "ledger.view"
    owner_path = "person__account_id"

    class State(models.TextChoices):
        WAITING = "waiting", "排队等待"
        HELD = "held", "已占用"
        SPENT = "spent", "已转付款"
        RELEASED = "released", "已释放"

    key = models.CharField("业务编号", max_length=120, unique=True, db_collation="C")
    budget = models.ForeignKey(Budget, models.PROTECT, related_name="commitments", verbose_name="预算")
    purpose = models.CharField("用途", max_length=40, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name="职工"
    )
    household_key = models.CharField("家庭", max_length=40, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="决定"
    )
    path = PathField("所在组织路径", blank=True)
    amount = money("金额")
    submitted_at = models.DateTimeField("提交时间")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    held_at = models.DateTimeField("占用时间", null=True, blank=True)
    reason = models.CharField("释放原因", max_length=200, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "预算占用"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="commitment_amount")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["budget", "submitted_at", "id"], condition=Q(state="waiting"), name="commitment_line"
            ),
            models.Index(
                fields=["household_key"], condition=~Q(household_key=""), name="commitment_household"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {yuan(self.amount)}"

    @property
    def is_live(self) -> bool:
        """Still a claim on money that no payment has taken over."""
        return self.state in {self.State.WAITING, self.State.HELD}


class Payee(ScopedModel):
    """A bank account that payments go to. A changed one is a new row; the old one keeps what was paid to it."""

    unscoped_because: ClassVar[str] = "账号只由本人登记、只写进复核过的银行文件；页面只见末四位"
    owner_path = "person__account_id"

    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="payees", verbose_name="职工"
    )
    bank = models.CharField("开户银行", max_length=80)
    holder = models.CharField("户名", max_length=80)
    relation = models.CharField("与职工的关系", max_length=20, blank=True)
    number = SealedField("账号")
    number_index = BlindIndexField("账号索引", of=("number",), purpose=BANK, db_index=True)
    tail = models.CharField("末四位", max_length=4)
    since = models.DateTimeField("登记时间", default=timezone.now)
    until = models.DateTimeField("停用时间", null=True, blank=True)

    objects = ScopedQuerySet["Payee"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收款账户"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until=None, relation=""), name="payee_one_own"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.masked}"

    @property
    def masked(self) -> str:
        return f"**** {self.tail}"

    @property
    def masked_holder(self) -> str:
        return mask_name(self.holder) if self.person_id is not None else self.holder


class PaymentQuerySet(ScopedQuerySet["Payment"]):
    def live(self) -> Self:
        """Granted and not taken back: on its way, at the bank, paid, or returned and to be tried again."""
        return self.filter(state__in=Payment.LIVE)


class Payment(ScopedModel):
    """One sum for one person (or firm), once: its key is the domain's name of the thing that is paid."""

    scope_path = ("path", "budget__organisation__path", "budget__organisation__second_path")
    view_permission = "ledger.payments"
    owner_path = "person__account_id"

    class State(models.TextChoices):
        DUE = "due", "待付"
        BATCHED = "batched", "已编入批次"
        SENT = "sent", "银行处理中"
        PAID = "paid", "已付"
        RETURNED = "returned", "银行退回"
        REVERSED = "reversed", "已追回"
        CANCELLED = "cancelled", "已撤销"

    LIVE: ClassVar[tuple[str, ...]] = ("due", "batched", "sent", "paid", "returned")

    key = models.CharField("业务编号", max_length=120, unique=True, db_collation="C")
    budget = models.ForeignKey(
        Budget, models.PROTECT, related_name="payments", db_index=False, verbose_name="预算"
    )
    purpose = models.CharField("用途", max_length=40)
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, null=True, blank=True, related_name="payments", db_index=False,
        verbose_name="预算占用",
    )  # fmt: skip
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="决定"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="payments", db_index=False,
        verbose_name="职工",
    )  # fmt: skip
    household_key = models.CharField("家庭", max_length=40, blank=True)
    path = PathField("所在组织路径", blank=True)
    payee = models.ForeignKey(
        Payee, models.PROTECT, null=True, blank=True, related_name="payments", db_index=False,
        verbose_name="收款账户",
    )  # fmt: skip
    amount = money("金额")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DUE)
    attempt = models.PositiveSmallIntegerField("第几次付款", default=1)
    root = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supplements", db_index=False,
        verbose_name="补付的原付款",
    )  # fmt: skip
    batch = models.ForeignKey(
        "ledger.PaymentBatch", models.PROTECT, null=True, blank=True, related_name="payments",
        db_index=False, verbose_name="批次",
    )  # fmt: skip
    reason = models.CharField("原因", max_length=200, blank=True)
    due_at = models.DateTimeField("应付时间", default=timezone.now)
    settled_at = models.DateTimeField("银行结果时间", null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "付款"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(commitment__isnull=False), name="payment_commitment_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "budget"], name="payment_person"),
            models.Index(fields=["budget", "id"], condition=Q(state="due"), name="payment_due"),
            models.Index(fields=["batch", "id"], condition=Q(batch__isnull=False), name="payment_batch"),
            models.Index(fields=["root"], condition=Q(root__isnull=False), name="payment_root"),
            models.Index(fields=["household_key"], condition=~Q(household_key=""), name="payment_household"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {yuan(self.amount)}"

    @property
    def number(self) -> str:
        """What people and the bank call it: FK000000001234."""
        return number_of(self.pk)


def number_of(pk: int) -> str:
    return f"FK{pk:012d}"


class Recovery(ScopedModel):
    """What a payment gave too much and is to come back."""

    scope_path = (
        "payment__path",
        "payment__budget__organisation__path",
        "payment__budget__organisation__second_path",
    )
    view_permission = "ledger.payments"
    part_of = "payment"

    class State(models.TextChoices):
        OPEN = "open", "应收回"
        RECEIVED = "received", "已收回"
        WAIVED = "waived", "不再收回"
        CANCELLED = "cancelled", "已取消"

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="recoveries", verbose_name="付款")
    amount = money("金额")
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="决定"
    )
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.OPEN)
    reason = models.CharField("原因", max_length=200, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)

    objects = ScopedQuerySet["Recovery"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应收回款"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="recovery_amount")
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {yuan(self.amount)}"
