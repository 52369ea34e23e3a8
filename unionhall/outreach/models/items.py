"""What visits find: a problem with an owner and a deadline, what happened to it, how the answer was rated."""

from datetime import date
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation

from .visits import Visit, VisitStop


class ItemQuerySet(ScopedQuerySet["VisitItem"]):
    def open(self) -> Self:
        return self.filter(state__in=VisitItem.OPEN)

    def late(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)


class VisitItem(ScopedModel):
    """走访问题: found on a visit, owed by `owner` of `organisation` until `due_on`; answered, then rated.

    `handed_to` says to which matter elsewhere it was handed; the owner still answers here when that one is decided.
    """

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "outreach.view"
    owner_path = "person__account_id"

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        REOPENED = "reopened", "重新办理"
        SETTLED = "settled", "已答复"

    OPEN: ClassVar[tuple[str, ...]] = ("open", "reopened")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="items", verbose_name="走访")
    stop = models.ForeignKey(
        VisitStop, models.PROTECT, null=True, blank=True, related_name="items", verbose_name="走访对象"
    )
    #: Who raised it, if it was a worker of the register: he reads the answer on his phone and rates it.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="visit_items", verbose_name="反映人"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="visit_items", verbose_name="办理工会"
    )
    owner = models.ForeignKey(Account, models.PROTECT, related_name="visit_items", verbose_name="责任人")
    category = models.CharField("类别", max_length=16)
    category_label = models.CharField("类别名称", max_length=20)
    title = models.CharField("问题", max_length=80)
    detail = models.CharField("具体情况", max_length=1000, blank=True)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField("计时起点")
    working_days = models.PositiveSmallIntegerField("办理时限（工作日）")
    due_on = models.DateField("办理期限")
    reply = models.CharField("答复", max_length=1000, blank=True)
    settled_on = models.DateField("答复日期", null=True, blank=True)
    #: Whether the last answer came in time; kept when the calendar changes afterwards.
    on_time = models.BooleanField("按期", null=True, blank=True)
    reopened = models.PositiveSmallIntegerField("重办次数", default=0)
    escalated_at = models.DateTimeField("报上级时间", null=True, blank=True)
    handed_to = models.CharField("转办", max_length=120, blank=True)
    made_by = models.CharField("登记人", max_length=80)
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访问题"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["owner", "due_on"], condition=Q(state__in=["open", "reopened"]), name="item_mine"
            ),
            models.Index(
                fields=["organisation", "due_on"],
                condition=Q(state__in=["open", "reopened"]),
                name="item_union_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return f"WT{self.pk:07d}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class _OfItem(ScopedModel):
    """Seen with the problem."""

    scope_path: ClassVar[str | tuple[str, ...]] = (
        "item__organisation__path",
        "item__organisation__second_path",
    )
    view_permission = "outreach.view"
    owner_path = "item__person__account_id"
    part_of = "item"

    class Meta:
        abstract = True


class ItemEvent(_OfItem):
    """What happened to a problem, in order. `shown`: whoever raised it reads it."""

    item = models.ForeignKey(VisitItem, models.CASCADE, related_name="events", verbose_name="走访问题")
    what = models.CharField("事项", max_length=40)
    note = models.CharField("说明", max_length=1000, blank=True)
    tone = models.CharField("语气", max_length=4, blank=True)
    shown = models.BooleanField("反映人可见", default=False)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["ItemEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访问题记录"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.what}"


class VisitRating(_OfItem):
    """好差评 of an answer, five grades, once per answer; by the worker's account or by the code on the slip."""

    class Source(models.TextChoices):
        PHONE = "phone", "手机"
        SLIP = "slip", "走访回执"

    item = models.ForeignKey(VisitItem, models.CASCADE, related_name="ratings", verbose_name="走访问题")
    #: The first answer is rated in round 0, each later one in the next.
    round = models.PositiveSmallIntegerField("第几次答复", default=0)
    stars = models.PositiveSmallIntegerField("评价", validators=[MinValueValidator(1), MaxValueValidator(5)])
    words = models.CharField("意见", max_length=300, blank=True)
    source = models.CharField("来源", max_length=5, choices=Source.choices)
    #: Whoever was visited says that it isn't his: figures leave it out.
    set_aside = models.BooleanField("不作数", default=False, db_default=False)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["VisitRating"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访评价"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "round"], name="rating_once_per_answer"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="visit_rating_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.stars}"


class RatingCheck(ScopedModel):
    """评价回访: a random share of ratings by slip is asked about, by telephone or in person, by nobody with a part."""

    scope_path: ClassVar[tuple[str, ...]] = (
        "rating__item__organisation__path",
        "rating__item__organisation__second_path",
    )
    view_permission = "outreach.supervise"
    part_of = "rating"

    class State(models.TextChoices):
        WAITING = "waiting", "待回访"
        CONFIRMED = "confirmed", "属实"
        DENIED = "denied", "不是本人评价"
        UNREACHED = "unreached", "没有联系上"

    rating = models.OneToOneField(
        VisitRating, models.CASCADE, related_name="check_back", verbose_name="走访评价"
    )
    state = models.CharField("结果", max_length=9, choices=State.choices, default=State.WAITING)
    due_on = models.DateField("回访期限")
    note = models.CharField("回访情况", max_length=300, blank=True)
    checked_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回访人"
    )
    checked_at = models.DateTimeField("回访时间", null=True, blank=True)

    objects = ScopedQuerySet["RatingCheck"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价回访"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="waiting", checked_at=None)
                | ~Q(state="waiting") & Q(checked_at__isnull=False),
                name="rating_check_when",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_on"], condition=Q(state="waiting"), name="rating_check_open")
        ]

    def __str__(self) -> str:
        return f"{self.rating_id} {self.state}"
