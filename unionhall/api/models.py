"""Clients of the interface, their tokens and quotas, and what is pushed to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import RosterBatch
from unionhall.organisations.models import Organisation
from unionhall.records.models import OutboxEvent

from .scopes import Scope


class Client(ScopedModel):
    """A partner's program (a bank, a platform): which subtree it may see, for what, how often, until when."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "api.view"

    name = models.CharField("名称", max_length=40, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="api_clients", verbose_name="数据范围"
    )
    scopes = ArrayField(models.CharField(max_length=24), verbose_name="可用接口")
    per_minute = models.PositiveIntegerField("每分钟次数", default=120)
    purpose = models.CharField("用途", max_length=200)
    reference_key = SealedField("会员代号密钥")
    valid_from = models.DateField("生效日期", default=timezone.localdate)
    valid_until = models.DateField("失效日期", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    revoked_reason = models.CharField("停用原因", max_length=200, blank=True)
    created_by_id = models.BigIntegerField("开通账号", null=True)
    created_by = models.CharField("开通人", max_length=80)
    created_at = models.DateTimeField("开通时间", default=timezone.now)

    objects = ScopedQuerySet["Client"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接入方"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(per_minute__gte=1), name="client_rate_positive")
        ]

    def __str__(self) -> str:
        return self.name

    def works_on(self, day: date) -> bool:
        """Whether its tokens are accepted on a day (the day of `valid_until` is the first without)."""
        return (
            self.revoked_at is None
            and self.valid_from <= day
            and (self.valid_until is None or day < self.valid_until)
        )

    def has(self, scope: Scope) -> bool:
        return scope.value in self.scopes


class _OfClient(ScopedModel):
    """What belongs to a client is seen by whoever may see the client."""

    scope_path: ClassVar[str | tuple[str, ...]] = (
        "client__organisation__path",
        "client__organisation__second_path",
    )
    view_permission = "api.view"
    part_of = "client"

    class Meta:
        abstract = True


class ClientToken(_OfClient):
    """A bearer token: shown once, kept only as a keyed SM3. Two overlap while a client changes over."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="tokens", verbose_name="接入方")
    prefix = models.CharField("令牌前缀", max_length=16, unique=True)
    key = SealedField("摘要密钥")
    digest = models.CharField("令牌摘要", max_length=64)
    issued_at = models.DateTimeField("签发时间", default=timezone.now)
    issued_by = models.CharField("签发人", max_length=80)
    expires_at = models.DateTimeField("失效时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)

    objects = ScopedQuerySet["ClientToken"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"

    def __str__(self) -> str:
        return f"{self.prefix}…"

    def works_at(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


class Quota(models.Model):
    """How many calls a client has left: one row, one statement per call (api.limits)."""

    unscoped_because: ClassVar[str] = "只有调用次数，没有任何业务内容"

    client = models.OneToOneField(Client, models.CASCADE, primary_key=True, verbose_name="接入方")
    tokens = models.FloatField("剩余次数")
    allowed = models.BooleanField("最近一次是否放行", default=True)
    at = models.DateTimeField("最近调用", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "调用配额"

    def __str__(self) -> str:
        return f"{self.client_id} {self.tokens:.0f}"


class Answered(models.Model):
    """The answer to a request that carried an idempotency key; the same request again gets the same answer."""

    unscoped_because: ClassVar[str] = "只按接入方自己的请求键查找，保存一天"

    client = models.ForeignKey(Client, models.CASCADE, related_name="+", verbose_name="接入方")
    key = models.CharField("请求键", max_length=80)
    fingerprint = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码", default=0)
    body = models.JSONField("答复", default=dict)
    location = models.CharField("前往", max_length=200, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "已答复的请求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["client", "key"], name="answered_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="answered_age")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.status}"


class RosterUpload(_OfClient):
    """A roster that a client sent: it may follow and undo its own batches, not those of the desk."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="rosters", verbose_name="接入方")
    batch = models.OneToOneField(RosterBatch, models.CASCADE, related_name="+", verbose_name="批次")

    objects = ScopedQuerySet["RosterUpload"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口名册"

    def __str__(self) -> str:
        return f"{self.client_id} {self.batch_id}"


class Endpoint(_OfClient):
    """Where events are pushed to for a client, which types, signed with a secret that is shown once."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="endpoints", verbose_name="接入方")
    url = models.CharField("网址", max_length=300)
    secret = SealedField("签名密钥")
    events = ArrayField(models.CharField(max_length=40), verbose_name="事件")
    created_at = models.DateTimeField("登记时间", default=timezone.now)
    failing_since = models.DateTimeField("开始失败", null=True, blank=True)
    disabled_at = models.DateTimeField("停止时间", null=True, blank=True)
    disabled_because = models.CharField("停止原因", max_length=200, blank=True)

    objects = ScopedQuerySet["Endpoint"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送地址"

    def __str__(self) -> str:
        return self.url


class Delivery(ScopedModel):
    """One event on its way to one endpoint: tried until it is taken, or given up after about a day."""

    scope_path = ("endpoint__client__organisation__path", "endpoint__client__organisation__second_path")
    view_permission = "api.view"
    part_of = "endpoint"

    class State(models.TextChoices):
        WAITING = "waiting", "等待推送"
        DELIVERED = "delivered", "已送达"
        GIVEN_UP = "given_up", "未送达"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", verbose_name="推送地址")
    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="+", verbose_name="事件")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    next_at = models.DateTimeField("下次推送", default=timezone.now)
    status = models.PositiveSmallIntegerField("对方状态码", null=True, blank=True)
    fault = models.CharField("失败原因", max_length=120, blank=True)
    tried_at = models.DateTimeField("最近尝试", null=True, blank=True)
    created_at = models.DateTimeField("生成时间", default=timezone.now)

    objects = ScopedQuerySet["Delivery"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["endpoint", "next_at"], condition=models.Q(state="waiting"), name="delivery_due"
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.get_state_display()}"
