"""Medical mutual aid: settlement files and their lines, cover that people took out, claims with papers."""

from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review
from unionhall.rulebook.models import Decision

from .insurers import Insurer


class SettlementFile(ScopedModel):
    """A file of settlements from the medical insurer on its way: checked, worked out, paid. Survives its worker."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.medical"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "等待核对"
        CHECKING = "checking", "核对中"
        CHECKED = "checked", "待理算"
        ADJUDICATING = "adjudicating", "理算中"
        ADJUDICATED = "adjudicated", "已理算，部分排队"
        PAID = "paid", "已全部列入付款"
        REFUSED = "refused", "整份退回"

    MOVING: ClassVar[tuple[str, ...]] = ("uploaded", "checking", "adjudicating")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="settlement_files", verbose_name="经办工会"
    )
    number = models.CharField("批次号", max_length=40)
    insurer = models.CharField("来源单位", max_length=80)
    #: The insurer that brought it itself; empty when an officer of the union did.
    sender = models.ForeignKey(
        Insurer, models.PROTECT, null=True, blank=True, related_name="files", verbose_name="报送机构"
    )
    year = models.PositiveSmallIntegerField("结算年度")
    file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    kind = models.CharField("格式", max_length=4)
    digest = models.CharField("内容摘要", max_length=64)
    stated_rows = models.PositiveIntegerField("应有笔数")
    stated_total = models.DecimalField("应有金额合计", max_digits=14, decimal_places=2)
    rows = models.PositiveIntegerField("笔数", default=0)
    total = models.DecimalField("自付金额合计", max_digits=14, decimal_places=2, default=0)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.UPLOADED)
    stage = models.CharField("进行到", max_length=60, blank=True)
    done = models.PositiveIntegerField("已处理", default=0)
    message = models.CharField("说明", max_length=300, blank=True)
    uploaded_by_id = models.BigIntegerField("上传账号", null=True)
    uploaded_by = models.CharField("上传人", max_length=80)
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    finished_at = models.DateTimeField("理算完成时间", null=True, blank=True)

    objects = ScopedQuerySet["SettlementFile"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "医保结算文件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "number"],
                condition=~Q(state="refused"),
                name="settlement_file_number",
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=~Q(state="refused"), name="settlement_file_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.insurer} {self.number}"

    @property
    def columns(self) -> dict[str, str]:
        """How members' intake knows an uploaded file (`keeping.Stored`)."""
        return {"kind": self.kind}

    @property
    def is_moving(self) -> bool:
        """A job is at work or queued; one that stopped says so in `message`."""
        return self.state in self.MOVING


class SettlementLineQuerySet(ScopedQuerySet["SettlementLine"]):
    def current(self) -> Self:
        """Without those that a later line has corrected."""
        return self.filter(corrected_by=None)

    def waiting(self) -> Self:
        """Matched, and not worked out yet."""
        return self.filter(state=SettlementLine.State.MATCHED, outcome="")

    def counted(self) -> Self:
        """Worked out, whatever the result, not corrected or given up since: what a year's sums are made of."""
        return self.current().filter(
            state=SettlementLine.State.MATCHED,
            outcome__in=[SettlementLine.Outcome.GRANTED, SettlementLine.Outcome.REFUSED],
        )

    def exceptions(self) -> Self:
        return self.filter(state=SettlementLine.State.EXCEPTION)


class SettlementLine(ScopedModel):
    """One settlement of one person: what he paid himself, and what became of it.

    The self-paid sum and what is known of the illness are sealed. The document's number is kept only while nobody
    was found for it. `first` is the line that `replaces` leads back to: payments carry its number. `state` says how the
    line came in and stays; `outcome` is what the plan says. No index names what working out a line writes, so that a
    million of them are written in place (the table leaves room on its pages).
    """

    scope_path = "path"
    view_permission = "benefits.medical"
    owner_path = "person__account_id"
    part_of = "file"

    class State(models.TextChoices):
        MATCHED = "matched", "已匹配"
        EXCEPTION = "exception", "待人工处理"
        DISMISSED = "dismissed", "已剔除"
        SEEN = "seen", "以前已处理"

    class Outcome(models.TextChoices):
        GRANTED = "granted", "已理赔"
        REFUSED = "refused", "不予支付"
        #: Granted, until finance gave the payment up.
        REVOKED = "revoked", "付款已撤销"

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", "内容有误"
        NEGATIVE = "negative", "金额为负数"
        UNKNOWN = "unknown", "查无此人"
        NAME = "name", "姓名不符"
        OUTSIDE = "outside", "不属于本级工会"
        OTHER_YEAR = "other_year", "不是本年度"
        DUPLICATE = "duplicate", "文件内重复"
        NO_SCHEME = "no_scheme", "当地没有适用的方案"
        NO_BUDGET = "no_budget", "没有可用的预算"
        STUCK = "stuck", "原付款正在银行处理"
        NOT_COVERED = "not_covered", "不在保障之内"
        IN_WAITING = "in_waiting", "在免责期内"
        TOO_LITTLE = "too_little", "未超过起付线"
        AT_CAP = "at_cap", "已达封顶线"

    file = models.ForeignKey(
        SettlementFile, models.PROTECT, null=True, related_name="lines", db_index=False, verbose_name="文件"
    )
    row = models.PositiveIntegerField("行", default=0)
    number = models.CharField("结算号", max_length=40, db_collation="C")
    settled_on = models.DateField("结算日期", null=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="settlements", db_index=False,
        verbose_name="职工",
    )  # fmt: skip
    path = PathField("所在组织路径")
    division = models.CharField("地区", max_length=12, blank=True)
    selfpay = SealedField("个人自付金额", null=True)
    details = SealedField("姓名和病种", null=True)
    id_type = models.CharField("证件类型", max_length=2, blank=True)
    id_number = SealedField("证件号码", null=True)
    id_index = BlindIndexField(
        "证件索引", null=True, of=("id_type", "id_number"), purpose=IDENTITY
    )  # fmt: skip
    covered = models.BooleanField("在保障之内", default=False)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.MATCHED)
    outcome = models.CharField("结果", max_length=7, choices=Outcome.choices, blank=True)
    reason = models.CharField("原因", max_length=12, choices=Reason.choices, blank=True)
    amount = models.DecimalField("互助金", max_digits=14, decimal_places=2, default=0)
    # Written by a join with the decisions themselves; no verb takes a decision away.
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="决定",
    )  # fmt: skip
    decided_at = models.DateTimeField("理算时间", null=True, blank=True)
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="更正的原结算",
    )
    corrected_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="更正它的结算",
    )
    first = models.BigIntegerField("最初的结算", null=True, blank=True)
    taken_by_id = models.BigIntegerField("认领账号", null=True, blank=True)
    taken_by = models.CharField("认领人", max_length=80, blank=True)
    resolution = models.CharField("处理说明", max_length=200, blank=True)

    objects = SettlementLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "医保结算"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # A settlement counts once for a person; a correction takes the place of the line before it.
            models.UniqueConstraint(
                fields=["person", "number"],
                condition=Q(state="matched", replaces=None),
                name="settlement_once",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(state="matched", replaces__isnull=False),
                name="settlement_corrected_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["file", "person", "id"], name="settlement_file"),
            models.Index(fields=["person", "settled_on"], name="settlement_person"),
            models.Index(fields=["path", "id"], condition=Q(state="exception"), name="settlement_exception"),
        ]

    def __str__(self) -> str:
        return f"结算 {self.number}"

    @property
    def status(self) -> str:
        """What people read: the result once there is one, else how the line came in."""
        if self.state == self.State.MATCHED:
            return self.get_outcome_display() if self.outcome else "待理算"
        return self.get_state_display()

    @property
    def root(self) -> int:
        """The number under which this settlement is paid."""
        return self.first or self.pk

    @property
    def payment_key(self) -> str:
        return payment_key(self.root)


def payment_key(root: int) -> str:
    """The business key of a settlement's payment, by its first line."""
    return f"medical:{root:012d}"


class MedicalCover(ScopedModel):
    """参加: units of a plan that a member took out himself for a period. Plans that cover everyone have no rows."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.medical"
    owner_path = "person__account_id"

    person = models.ForeignKey(Person, models.PROTECT, related_name="medical_covers", verbose_name="职工")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="medical_covers", verbose_name="经办工会"
    )
    units = models.PositiveSmallIntegerField("份数", default=1)
    period = DateRangeField("保障期间")
    premium = models.DecimalField("互助费", max_digits=14, decimal_places=2)
    version = models.CharField("方案版本摘要", max_length=64)
    enrolled_by = models.CharField("经办人", max_length=80)
    enrolled_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ScopedQuerySet["MedicalCover"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "医疗互助参加记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="medical_cover_one_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(units__gte=1), name="medical_cover_units"),
        ]

    def __str__(self) -> str:
        return f"{self.units} 份 {self.period}"


class MedicalClaim(ScopedModel):
    """手工申请: a settlement outside the insurer's files, claimed with papers; when approved it becomes a line."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.medical_claims"
    owner_path = "person__account_id"

    person = models.ForeignKey(Person, models.PROTECT, related_name="medical_claims", verbose_name="职工")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="medical_claims", verbose_name="所在工会"
    )
    review = models.OneToOneField(Review, models.PROTECT, related_name="medical_claim", verbose_name="办件")
    number = models.CharField("结算号", max_length=40, db_collation="C")
    settled_on = models.DateField("结算日期")
    selfpay = SealedField("个人自付金额")
    details = SealedField("医院和病种", null=True)
    line = models.OneToOneField(
        SettlementLine, models.PROTECT, null=True, blank=True, related_name="claim", verbose_name="结算"
    )
    consented_at = models.DateTimeField("同意处理健康信息的时间")
    created_at = models.DateTimeField("提交时间", default=timezone.now)

    objects = ScopedQuerySet["MedicalClaim"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "医疗互助申请"

    def __str__(self) -> str:
        return f"医疗互助申请 {self.pk}"


class MedicalPaper(ScopedModel):
    """A paper handed in with a claim."""

    scope_path = ("claim__organisation__path", "claim__organisation__second_path")
    view_permission = "benefits.medical_claims"
    owner_path = "claim__person__account_id"
    part_of = "claim"

    claim = models.ForeignKey(MedicalClaim, models.CASCADE, related_name="papers", verbose_name="申请")
    code = models.CharField("材料", max_length=40)
    label = models.CharField("材料名称", max_length=80)
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="文件")

    objects = ScopedQuerySet["MedicalPaper"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "医疗互助材料"

    def __str__(self) -> str:
        return self.label
