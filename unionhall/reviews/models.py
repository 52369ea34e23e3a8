"""Reviews: one table of cases and one of steps, so that there is one inbox and one traffic light."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.fields import PathField
from unionhall.foundation.permissions import ROLE_LABELS
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment


class ReviewQuerySet(ScopedQuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(state__in=[Review.State.PENDING, Review.State.RETURNED])

    def owned_by(self, access: Access) -> Self:
        """What the account submitted, and what concerns it though someone else submitted it."""
        me = access.account_id
        if me is None:
            return self._admit().none()
        return self._admit().filter(Q(submitted_by_id=me) | Q(concerns_id=me))


class NumberCounter(models.Model):
    """The last number given to a prefix on a day; its row is locked only while a number is taken."""

    unscoped_because: ClassVar[str] = "只有编号计数"

    prefix = models.CharField("前缀", max_length=4)
    day = models.DateField("日期")
    last = models.PositiveIntegerField("末号")

    class Meta:
        verbose_name = verbose_name_plural = "办件编号计数"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["prefix", "day"], name="counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.day:%Y%m%d}{self.last:05d}"


class Review(ScopedModel):
    """A matter under review: what it is about, where it stands, by when. The domain object points at it."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "reviews.view"
    owner_path = "submitted_by_id"

    class State(models.TextChoices):
        PENDING = "pending", "审核中"
        RETURNED = "returned", "待补正"
        APPROVED = "approved", "已通过"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("办件编号", max_length=24, unique=True)
    procedure = models.CharField("事项", max_length=40)
    title = models.CharField("标题", max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reviews", verbose_name="发生组织"
    )
    submitted_by_id = models.BigIntegerField("提交账号", null=True, db_index=True)
    submitted_by = models.CharField("提交人", max_length=80)
    concerns_id = models.BigIntegerField("当事人账号", null=True, blank=True, db_index=True)
    submitted_at = models.DateTimeField("提交时间", default=timezone.now)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.PENDING)
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    scheme = models.CharField("依据方案", max_length=60, blank=True)
    scheme_digest = models.CharField("方案版本摘要", max_length=64, blank=True)
    #: How often it was sent back to be completed: once is the rule (一次性告知), more is shown to superiors.
    returns = models.PositiveSmallIntegerField("退回次数", default=0, db_default=0)
    appealed_at = models.DateTimeField("申请复核时间", null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核办件"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "-id"], name="review_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        """Where the matter stands, and where one of its steps stands: a transfer is decided in two branches."""
        prefixes = tuple(prefixes)
        at_a_step = Q(pk__in=[])
        for prefix in prefixes:
            at_a_step |= Q(organisation__path__startswith=prefix)
            at_a_step |= Q(organisation__second_path__startswith=prefix)
        steps = ReviewStep.objects.everywhere(reason="a condition on the review's own steps")
        return super().scope_q(prefixes) | Q(
            models.Exists(steps.filter(at_a_step, review=models.OuterRef("pk")))
        )

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.PENDING, self.State.RETURNED}


class StepQuerySet(ScopedQuerySet["ReviewStep"]):
    def waiting(self) -> Self:
        return self.filter(outcome="", is_current=True, review__state=Review.State.PENDING)

    def for_deciders(self, holdings: Iterable[tuple[int, str]], own: Iterable[int]) -> Self:
        """Steps that one with these (union, role) holdings decides, matters of his `own` accounts left out."""
        mine = Q(pk__in=[])
        for organisation_id, role in holdings:
            mine |= Q(organisation_id=organisation_id, role=role)
        accounts = list(own)
        return self.filter(mine).exclude(
            Q(review__submitted_by_id__in=accounts) | Q(review__concerns_id__in=accounts)
        )


class ReviewStep(ScopedModel):
    """One step: which union, which role, by which day. A return for completion pauses its clock."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "reviews.view"
    part_of = "review"

    class Outcome(models.TextChoices):
        APPROVED = "approved", "通过"
        REFUSED = "refused", "不通过"

    review = models.ForeignKey(Review, models.CASCADE, related_name="steps", verbose_name="办件")
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("环节", max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="审核组织")
    role = models.CharField("审核角色", max_length=20, choices=list(ROLE_LABELS.items()))
    working_days = models.PositiveSmallIntegerField("工作日")
    is_current = models.BooleanField("当前环节", default=False)
    opened_on = models.DateField("开始日期", null=True)
    due_on = models.DateField("截止日期", null=True)
    paused_on = models.DateField("暂停日期", null=True)
    #: Put in when a refusal is appealed; decided by others than those who decided before.
    is_appeal = models.BooleanField("复核环节", default=False, db_default=False)
    outcome = models.CharField("结论", max_length=9, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField("办理时间", null=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核环节"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["review", "order"], name="step_order_once"),
            models.UniqueConstraint(fields=["review"], condition=Q(is_current=True), name="step_one_current"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "due_on"], condition=Q(is_current=True), name="step_inbox")
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.name}"

    def is_overdue(self, today: date) -> bool:
        return (
            self.due_on is not None and self.outcome == "" and self.paused_on is None and today > self.due_on
        )


class ReviewEvent(ScopedModel):
    """What happened to a review, in order: submitted, approved, returned, supplemented, transferred, refused."""

    scope_path = ("review__organisation__path", "review__organisation__second_path")
    view_permission = "reviews.view"
    part_of = "review"

    class Verb(models.TextChoices):
        SUBMITTED = "submitted", "提交"
        APPROVED = "approved", "通过"
        RETURNED = "returned", "退回补正"
        SUPPLEMENTED = "supplemented", "补正后重新提交"
        TRANSFERRED = "transferred", "移交"
        REFUSED = "refused", "不通过"
        WITHDRAWN = "withdrawn", "撤回"
        URGED = "urged", "督办"
        APPEALED = "appealed", "申请复核"

    review = models.ForeignKey(Review, models.CASCADE, related_name="events", verbose_name="办件")
    step = models.ForeignKey(
        ReviewStep, models.CASCADE, null=True, related_name="events", verbose_name="环节"
    )
    verb = models.CharField("动作", max_length=12, choices=Verb.choices)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    #: The one in whose place a delegate acted.
    acted_for = models.CharField("代谁办理", max_length=80, blank=True, db_default="")
    opinion = models.CharField("意见", max_length=500, blank=True)
    #: Of a return: what was ticked to be completed, as [{code, text}].
    items = models.JSONField("一次性告知清单", default=list, db_default=[])
    #: Of a second return: why it was not told the first time.
    reason = models.CharField("再次退回的理由", max_length=300, blank=True, db_default="")
    at = models.DateTimeField("时间", default=timezone.now)
    path = PathField("办理组织路径", blank=True)
    attachment = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="附件"
    )

    objects = ScopedQuerySet["ReviewEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.get_verb_display()}"


class DelegationQuerySet(ScopedQuerySet["Delegation"]):
    def in_force(self, day: date) -> Self:
        """Running on the day, of a grant that is itself in force, to an account that is open."""
        return self.filter(
            revoked_at=None,
            period__contains=day,
            grant__period__contains=day,
            grant__account__is_active=True,
            to__is_active=True,
        )


class Delegation(ScopedModel):
    """Who decides in the place of one who is on leave, for some days. It lends the role of one grant, and no sight.

    Whoever acts for him must himself hold a role that decides there or above; he cannot pass the loan on.
    """

    scope_path = ("grant__organisation__path", "grant__organisation__second_path")
    view_permission = "reviews.decide"

    class Cause(models.TextChoices):
        LEAVE = "leave", "请假"
        TRAVEL = "travel", "出差"
        VACANCY = "vacancy", "岗位暂缺"
        OTHER = "other", "其他"

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="delegations", verbose_name="委托的角色")
    to = models.ForeignKey(Account, models.CASCADE, related_name="delegations", verbose_name="代办人")
    period = DateRangeField("代办期间")
    cause = models.CharField("原因", max_length=8, choices=Cause.choices)
    reason = models.CharField("说明", max_length=200, blank=True)
    made_by = models.CharField("安排人", max_length=80)
    made_at = models.DateTimeField("安排时间", default=timezone.now)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代办"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to"], condition=Q(revoked_at=None), name="delegation_to")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="delegation_one_at_a_time",
                expressions=[("grant", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(revoked_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.period}"
