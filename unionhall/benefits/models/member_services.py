"""The catalogue of 会员服务: who gives them under which agreement, where, and what they are."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.ledger.models import Payee
from unionhall.network.models import Node
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from ..rules.member_services import quota_words

OF_MERCHANT = ("merchant__organisation__path", "merchant__organisation__second_path")


class Merchant(ScopedModel):
    """An organisation that gives services under an agreement with a union."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.services"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="merchants", verbose_name="签约工会"
    )
    name = models.CharField("名称", max_length=100)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    telephone = models.CharField("联系电话", max_length=30, blank=True)
    agreement_number = models.CharField("协议编号", max_length=60, blank=True)
    agreement = DateRangeField("协议期间")
    suspended = models.BooleanField("暂停合作", default=False)
    payee = models.ForeignKey(
        Payee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收款账户"
    )

    objects = ScopedQuerySet["Merchant"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务商户"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="merchant_name")
        ]

    def __str__(self) -> str:
        return self.name

    def serves_on(self, day: date) -> bool:
        """Whether the agreement holds on a day and is not suspended."""
        begins, ends = self.agreement.lower, self.agreement.upper
        return not self.suspended and begins <= day and (ends is None or day < ends)


class Outlet(ScopedModel):
    """A place where services are given: a shop, a gymnasium, a counter in a union's station."""

    scope_path = OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="outlets", verbose_name="商户")
    name = models.CharField("名称", max_length=100)
    address = models.CharField("地址", max_length=200)
    division = models.CharField("行政区划", max_length=12, db_index=True)
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    opening = models.CharField("开放时间", max_length=100, blank=True)
    telephone = models.CharField("电话", max_length=30, blank=True)
    #: The union's station that it is in; where it stands is then the station's to say.
    node = models.ForeignKey(
        Node, models.PROTECT, null=True, blank=True, related_name="outlets", verbose_name="服务站点"
    )
    is_open = models.BooleanField("在用", default=True)

    objects = ScopedQuerySet["Outlet"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务网点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["merchant", "name"], name="outlet_name"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="outlet_on_earth",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A box around the reader: a stretch of latitude, its longitudes read from the index itself.
            models.Index(fields=["latitude", "longitude"], condition=Q(is_open=True), name="outlet_place")
        ]

    def __str__(self) -> str:
        return self.name


class Teller(ScopedModel):
    """An account that redeems for a merchant, at one of its outlets or at any."""

    scope_path = OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"
    owner_path = "account_id"

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="tellers", verbose_name="商户")
    account = models.ForeignKey(Account, models.PROTECT, related_name="tellers", verbose_name="账号")
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="tellers", verbose_name="网点"
    )
    since = models.DateTimeField("开始", default=timezone.now)
    until = models.DateTimeField("停用", null=True, blank=True)

    objects = ScopedQuerySet["Teller"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商户账号"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account"], condition=Q(until=None), name="teller_one_merchant")
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.account_id}"


class ServiceQuerySet(ScopedQuerySet["Service"]):
    def offered_on(self, day: date) -> Self:
        """What may be taken on a day: in the catalogue, in time, its merchant under agreement."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=day),
            state=Service.State.OFFERED,
            valid_from__lte=day,
            merchant__suspended=False,
            merchant__agreement__contains=day,
        )

    def for_member(self, path: str, second_path: str = "") -> Self:
        """Services of the unions above a member's own (and it); to everybody else those for all workers."""
        paths = [one for path in (path, second_path) if path for one in (*above(path), path)]
        return self.filter(Q(audience=Service.EVERYBODY) | Q(merchant__organisation__path__in=paths))


class Service(ScopedModel):
    """One line of the catalogue: what is given, to whom, how often to the same person, how many in all."""

    scope_path = OF_MERCHANT
    view_permission = "benefits.services"
    part_of = "merchant"
    #: The audience (of the scheme) that asks for no membership.
    EVERYBODY: ClassVar[str] = "worker"

    class Category(models.TextChoices):
        CULTURE = "culture", "文体"
        TRAINING = "training", "培训"
        HEALTH = "health", "健康"
        LEGAL = "legal", "法律"
        LIFE = "life", "生活"
        TRAVEL = "travel", "出行"
        FAMILY = "family", "亲子"
        OTHER = "other", "其他"

    class Kind(models.TextChoices):
        FREE = "free", "免费"
        DISCOUNT = "discount", "优惠"

    class Period(models.TextChoices):
        MONTH = "month", "每月"
        YEAR = "year", "每年"
        ONCE = "once", "共"

    class State(models.TextChoices):
        DRAFT = "draft", "未上架"
        OFFERED = "offered", "在架"
        PAUSED = "paused", "暂停"
        ENDED = "ended", "已下架"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="services", verbose_name="商户")
    code = models.CharField("服务编号", max_length=20)
    category = models.CharField("类别", max_length=10, choices=Category.choices)
    title = models.CharField("名称", max_length=60)
    summary = models.CharField("说明", max_length=500, blank=True)
    kind = models.CharField("免费或优惠", max_length=8, choices=Kind.choices)
    price_words = models.CharField("价格说明", max_length=60)
    reimbursed = models.DecimalField("工会承担（元/次）", max_digits=10, decimal_places=2, default=0)
    audience = models.CharField("对象", max_length=20, default="member")
    quota = models.PositiveSmallIntegerField("每人次数", default=1)
    period = models.CharField("次数周期", max_length=5, choices=Period.choices, default=Period.MONTH)
    stock = models.PositiveIntegerField("总量", null=True, blank=True)
    #: Vouchers that somebody holds or used, whether there is a stock or not.
    taken = models.PositiveIntegerField("已领", default=0)
    valid_from = models.DateField("开始日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.DRAFT)
    rating_count = models.PositiveIntegerField("评价数", default=0)
    rating_sum = models.PositiveIntegerField("评分合计", default=0)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员服务"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["merchant", "code"], name="service_code"),
            models.CheckConstraint(condition=Q(quota__gte=1), name="service_quota"),
            models.CheckConstraint(condition=Q(reimbursed__gte=0), name="service_reimbursed"),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(taken__lte=F("stock")), name="service_stock_holds"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["category", "id"], condition=Q(state="offered"), name="service_category")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def quota_words(self) -> str:
        return quota_words(self.period, self.quota)

    @property
    def left(self) -> int | None:
        """How many are left of the stock; None without a limit."""
        return None if self.stock is None else max(0, self.stock - self.taken)

    @property
    def rating(self) -> str:
        """Mean of the ratings with one decimal; "" when fewer than three people rated."""
        return f"{self.rating_sum / self.rating_count:.1f}" if self.rating_count >= 3 else ""


class ServiceOutlet(ScopedModel):
    """A service is given at an outlet of its merchant."""

    scope_path = ("service__merchant__organisation__path", "service__merchant__organisation__second_path")
    view_permission = "benefits.services"
    part_of = "service"

    service = models.ForeignKey(Service, models.CASCADE, related_name="places", verbose_name="会员服务")
    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="offers", verbose_name="网点")

    objects = ScopedQuerySet["ServiceOutlet"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务地点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["service", "outlet"], name="service_outlet_once")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.outlet_id}"


class CatalogueImport(ScopedModel):
    """A catalogue file that was read: what its rows would change, which are wrong; taken over or not yet."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.services"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="catalogue_imports", verbose_name="工会"
    )
    name = models.CharField("文件名", max_length=200)
    rows = models.JSONField("服务行", default=list)
    faults = models.JSONField("错误行", default=list)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("修改", default=0)
    same = models.PositiveIntegerField("没有变化", default=0)
    uploaded_by = models.CharField("上传人", max_length=80)
    at = models.DateTimeField("上传时间", default=timezone.now)
    committed_at = models.DateTimeField("入库时间", null=True, blank=True)

    objects = ScopedQuerySet["CatalogueImport"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目录导入"

    def __str__(self) -> str:
        return self.name
