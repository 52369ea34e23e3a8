"""劳动争议: what only a dispute knows, the agreement that ends it, who signed, and whether it is kept."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet

from .case import Case

OF_CASE = ("case__organisation__path", "case__organisation__second_path")
OF_AGREEMENT = ("agreement__case__organisation__path", "agreement__case__organisation__second_path")
VIEW = "cases.disputes"


class DisputeQuerySet(ScopedQuerySet["Dispute"]):
    def against(self, employer: int) -> Self:
        return self.filter(case__employer=employer)


class Dispute(ScopedModel):
    """A dispute between workers and one employer: what is asked, and until when the law hears it."""

    scope_path = OF_CASE
    view_permission = VIEW
    part_of = "case"

    case = models.OneToOneField(Case, models.CASCADE, related_name="dispute", verbose_name="案件")
    claim = models.CharField("请求事项", max_length=500)
    #: The day on which the worker knew, or should have known, that a right was infringed (调解仲裁法 art. 27).
    knew_on = models.DateField("知道权利被侵害的日期", null=True, blank=True)
    employment_ended_on = models.DateField("劳动关系终止日期", null=True, blank=True)
    #: The last day of the limitation; none while it does not run (arrears of wages during employment).
    limitation_on = models.DateField("仲裁时效截止", null=True, blank=True, db_index=True)
    limitation_article = models.CharField("时效依据", max_length=60, blank=True)
    one_claim = models.BooleanField("有共同请求", default=False)
    #: What the workers have got so far, kept equal to the paid instalments.
    recovered = models.DecimalField("已追回金额（元）", max_digits=14, decimal_places=2, default=0)

    #: 好差评 of the one who filed, when it has ended: five levels, five the best.
    rating = models.PositiveSmallIntegerField("评价", null=True, blank=True)
    rating_words = models.CharField("评价留言", max_length=200, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "劳动争议"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5), name="dispute_rating"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.claim[:30]}"


class Agreement(ScopedModel):
    """调解协议: terms and sums. It takes effect when both sides and the mediator have signed (调解仲裁法 art. 14)."""

    scope_path = OF_CASE
    view_permission = VIEW
    part_of = "case"

    class State(models.TextChoices):
        DRAFT = "draft", "待签字"
        EFFECTIVE = "effective", "已生效"
        KEPT = "kept", "已履行"
        VOID = "void", "已作废"

    case = models.ForeignKey(Case, models.CASCADE, related_name="agreements", verbose_name="案件")
    terms = models.TextField("协议内容")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2, default=0)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.DRAFT)
    #: SM3 of what is signed: a signature holds for these words and sums alone.
    digest = models.CharField("内容摘要", max_length=64)
    drafted_by = models.CharField("拟定人", max_length=80)
    drafted_at = models.DateTimeField("拟定时间", default=timezone.now)
    effective_on = models.DateField("生效日期", null=True, blank=True)
    #: A court's confirmation, an arbitration's review or a payment order: its number.
    force_number = models.CharField("确认文书号", max_length=60, blank=True)
    force_on = models.DateField("确认日期", null=True, blank=True)

    objects = ScopedQuerySet["Agreement"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调解协议"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case"], condition=~Q(state="void"), name="agreement_one"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="agreement_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_state_display()}"


class Signature(ScopedModel):
    """One side's yes to an agreement: on paper, or pressed by the signed-in worker on the phone."""

    scope_path = OF_AGREEMENT
    view_permission = VIEW
    part_of = "agreement"

    class Side(models.TextChoices):
        WORKER = "worker", "劳动者"
        EMPLOYER = "employer", "用人单位"
        MEDIATOR = "mediator", "调解员"

    class Way(models.TextChoices):
        PAPER = "paper", "纸质签字或盖章"
        PHONE = "phone", "手机确认"
        DESK = "desk", "登录确认"

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="signatures", verbose_name="调解协议"
    )
    side = models.CharField("一方", max_length=8, choices=Side.choices)
    way = models.CharField("方式", max_length=5, choices=Way.choices)
    name = models.CharField("签字人", max_length=80)
    digest = models.CharField("内容摘要", max_length=64)
    account_id = models.BigIntegerField("账号", null=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["Signature"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协议签字"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agreement", "side"], name="signature_once")
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.get_side_display()}"


class Instalment(ScopedModel):
    """A payment that an agreement promises: by when, how much, and when it came."""

    scope_path = OF_AGREEMENT
    view_permission = VIEW
    part_of = "agreement"

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="instalments", verbose_name="调解协议"
    )
    number = models.PositiveSmallIntegerField("期次")
    due_on = models.DateField("应付日期")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    paid_on = models.DateField("付款日期", null=True, blank=True)
    note = models.CharField("说明", max_length=100, blank=True)

    objects = ScopedQuerySet["Instalment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履行期次"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agreement", "number"], name="instalment_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_amount"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_on"], condition=Q(paid_on=None), name="instalment_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.number}"
