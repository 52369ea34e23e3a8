"""Centres, stations and points: what they are for, where they stand, when they are open, who works there."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.kinds import Level
from unionhall.organisations.models import Employer, Organisation

#: The five levels of the network; branches and groups keep no node of their own.
LEVELS = [(one.value, str(one.label)) for one in Level if one <= Level.GRASSROOTS]
#: States in which people are received.
RECEIVING = ("operating", "upgraded", "demonstration")


class NodeQuerySet(ScopedQuerySet["Node"]):
    def receiving(self) -> Self:
        """Those that receive people: open to the public."""
        return self.filter(state__in=RECEIVING)


class Node(ScopedModel):
    """A place of the service network (domain.md §13). It belongs to a union, and through it to one or both chains."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "network.view"

    class Kind(models.TextChoices):
        CENTRE = "centre", "职工服务中心"
        STATION = "station", "职工服务站"
        POINT = "point", "职工服务点"

    class Mode(models.TextChoices):
        ORDINARY = "ordinary", "普通"
        HALL = "hall", "会站合一"
        HOME = "home", "会家合一"
        FIVE = "five", "五站合一"

    class Function(models.TextChoices):
        RIGHTS = "rights", "维权"
        SERVICE = "service", "服务"
        LEARNING = "learning", "教育"
        ACTIVITY = "activity", "活动"

    class Build(models.TextChoices):
        UPGRADE = "upgrade", "升级"
        NEW = "new", "新建"
        JOINT = "joint", "联建"

    class State(models.TextChoices):
        PLANNED = "planned", "规划"
        BUILDING = "building", "建设中"
        ACCEPTED = "accepted", "已验收"
        OPERATING = "operating", "运行"
        UPGRADED = "upgraded", "已升级"
        DEMONSTRATION = "demonstration", "示范点"
        SUSPENDED = "suspended", "停用"

    code = models.CharField("站点编号", max_length=24, unique=True)
    name = models.CharField("名称", max_length=100)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="nodes", verbose_name="所属工会"
    )
    level = models.PositiveSmallIntegerField("层级", choices=LEVELS)
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    mode = models.CharField("模式", max_length=8, choices=Mode.choices, default=Mode.ORDINARY)
    functions = ArrayField(
        models.CharField(max_length=8, choices=Function.choices), verbose_name="功能", default=list
    )
    build = models.CharField("建设方式", max_length=8, choices=Build.choices, default=Build.NEW)
    state = models.CharField("状态", max_length=14, choices=State.choices, default=State.PLANNED)
    state_since = models.DateField("状态起始", default=timezone.localdate)
    #: The firm whose house it is: 会家合一; or which lends the room.
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="nodes", verbose_name="所在单位"
    )
    partners = models.CharField("共建单位", max_length=200, blank=True)
    address = models.CharField("地址", max_length=200)
    division = models.CharField("行政区划", max_length=12)
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    area = models.DecimalField("面积（平方米）", max_digits=8, decimal_places=1, null=True, blank=True)
    telephone = models.CharField("电话", max_length=30, blank=True)
    about = models.CharField("服务说明", max_length=500, blank=True)
    #: False: shut on public holidays, and on make-up working days open like on a Monday.
    open_on_holidays = models.BooleanField("节假日照常开放", default=False)
    opened_on = models.DateField("启用日期", null=True, blank=True)
    upgraded_on = models.DateField("升级日期", null=True, blank=True)
    demonstration_on = models.DateField("命名示范日期", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = NodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务站点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="node_name"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="node_level"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="node_on_earth",
            ),
            # 会家合一 is a firm's house: without the firm it is none.
            models.CheckConstraint(
                condition=~Q(mode="home") | Q(employer__isnull=False), name="node_home_of_firm"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A box around the reader: a stretch of latitude, its longitudes read from the index itself.
            models.Index(
                fields=["latitude", "longitude"], condition=Q(state__in=RECEIVING), name="node_place"
            ),
            models.Index(fields=["division", "id"], name="node_division"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_receiving(self) -> bool:
        return self.state in RECEIVING

    @property
    def function_words(self) -> str:
        """维权、服务, in the order of the four."""
        return "、".join(str(one.label) for one in self.Function if one.value in self.functions)


class _Part(ScopedModel):
    """What belongs to a node and is seen with it."""

    scope_path = ("node__organisation__path", "node__organisation__second_path")
    view_permission = "network.view"
    part_of = "node"

    class Meta:
        abstract = True


class NodeHours(_Part):
    """A stretch of a weekday in which the node is open; a lunch break makes two of a day."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "周一"
        TUESDAY = 1, "周二"
        WEDNESDAY = 2, "周三"
        THURSDAY = 3, "周四"
        FRIDAY = 4, "周五"
        SATURDAY = 5, "周六"
        SUNDAY = 6, "周日"

    node = models.ForeignKey(Node, models.CASCADE, related_name="hours", verbose_name="站点")
    weekday = models.PositiveSmallIntegerField("星期", choices=Weekday.choices)
    opens = models.TimeField("开门")
    closes = models.TimeField("关门")

    objects = ScopedQuerySet["NodeHours"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "开放时间"
        ordering: ClassVar[list[str]] = ["weekday", "opens"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["node", "weekday", "opens"], name="node_hours_once"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="node_hours_forward"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="node_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class NodeException(_Part):
    """A day unlike its weekday: shut, or open at other hours. It goes before the week and the holiday table."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="exceptions", verbose_name="站点")
    on = models.DateField("日期")
    opens = models.TimeField("开门", null=True, blank=True)
    closes = models.TimeField("关门", null=True, blank=True)
    reason = models.CharField("原因", max_length=60, blank=True)

    objects = ScopedQuerySet["NodeException"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "开放例外"
        ordering: ClassVar[list[str]] = ["on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["node", "on"], name="node_exception_once"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(opens__lt=F("closes")),
                name="node_exception_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


class NodeStaff(_Part):
    """Who works at a node, as what, since and until when. A clerk's account opens the window of its node."""

    class Role(models.TextChoices):
        MANAGER = "manager", "站长"
        CLERK = "clerk", "窗口人员"
        GRID = "grid", "网格员"

    node = models.ForeignKey(Node, models.CASCADE, related_name="staff", verbose_name="站点")
    name = models.CharField("姓名", max_length=50)
    role = models.CharField("岗位", max_length=8, choices=Role.choices)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="posts_at_nodes", verbose_name="账号"
    )
    since = models.DateField("到岗", default=timezone.localdate)
    until = models.DateField("离岗", null=True, blank=True)

    objects = ScopedQuerySet["NodeStaff"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点人员"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # One window at a time: what a clerk takes in belongs to one place.
            models.UniqueConstraint(
                fields=["account"], condition=Q(until=None, role="clerk"), name="node_clerk_once"
            ),
            models.UniqueConstraint(
                fields=["node", "account", "role"], condition=Q(until=None), name="node_staff_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.name}"


class NodeEvent(_Part):
    """A change of a node's state or of what it is, in order. Never altered."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="events", verbose_name="站点")
    verb = models.CharField("动作", max_length=16)
    label = models.CharField("动作名称", max_length=30)
    before = models.CharField("原状态", max_length=14, blank=True)
    after = models.CharField("现状态", max_length=14, blank=True)
    opinion = models.CharField("说明", max_length=500, blank=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    path = PathField("办理组织路径", blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["NodeEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点变动"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.node_id} {self.label}"


class NodeAcceptance(_Part):
    """A superior's look at a built node against the checklist in force: each item met or not, and what follows.

    `items`: [{"code", "label", "met", "found"}] as they stood then; `scheme` the version that asked for them.
    """

    node = models.ForeignKey(Node, models.CASCADE, related_name="acceptances", verbose_name="站点")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="验收工会")
    on = models.DateField("验收日期", default=timezone.localdate)
    passed = models.BooleanField("通过")
    items = models.JSONField("验收项目", default=list)
    scheme = models.CharField("方案版本", max_length=120, blank=True)
    opinion = models.CharField("验收意见", max_length=500, blank=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("验收人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["NodeAcceptance"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点验收"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.node_id} {self.on:%Y-%m-%d}"
