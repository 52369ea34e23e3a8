"""A hall where people are served, the kinds of queue in it, its counters, and the numbers of a day."""

import secrets
from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.network.models import Node
from unionhall.organisations.models import Organisation


def new_key() -> str:
    return secrets.token_urlsafe(18)


class HallQuerySet(ScopedQuerySet["Hall"]):
    def open(self) -> Self:
        return self.filter(is_open=True)


class Hall(ScopedModel):
    """服务大厅: where people draw a number and are called. `key` opens its kiosk and its board without signing in."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "window.view"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="halls", verbose_name="所属组织"
    )
    #: The node of the service network that it is the hall of; none for a union's own window.
    node = models.OneToOneField(
        Node, models.PROTECT, null=True, blank=True, related_name="hall", verbose_name="服务站点"
    )
    name = models.CharField("名称", max_length=60)
    place = models.CharField("地址", max_length=120, blank=True)
    key = models.CharField("取号屏密钥", max_length=32, unique=True, default=new_key)
    is_open = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("开设时间", default=timezone.now)

    objects = HallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务大厅"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="hall_name")
        ]

    def __str__(self) -> str:
        return self.name


class _InHall(ScopedModel):
    scope_path = ("hall__organisation__path", "hall__organisation__second_path")
    view_permission = "window.view"
    part_of = "hall"

    class Meta:
        abstract = True


class QueueKind(_InHall):
    """排队类别: a letter, what it is for, and the matters that are taken there (codes; empty: any)."""

    hall = models.ForeignKey(Hall, models.CASCADE, related_name="kinds", verbose_name="大厅")
    letter = models.CharField("字母", max_length=1)
    title = models.CharField("类别", max_length=20)
    note = models.CharField("说明", max_length=60, blank=True)
    is_open = models.BooleanField("取号", default=True)

    objects = ScopedQuerySet["QueueKind"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排队类别"
        ordering: ClassVar[list[str]] = ["letter"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hall", "letter"], name="queue_kind_letter")
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.title}"


class Counter(_InHall):
    """窗口: a numbered place in the hall; the account that sits there now, and which letters it calls (empty: all)."""

    hall = models.ForeignKey(Hall, models.CASCADE, related_name="counters", verbose_name="大厅")
    number = models.PositiveSmallIntegerField("窗口号")
    letters = ArrayField(
        models.CharField(max_length=1), verbose_name="叫号类别", default=list, blank=True, db_default=[]
    )
    account = models.OneToOneField(
        Account,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="window_counter",
        verbose_name="在岗人员",
    )
    since = models.DateTimeField("上岗时间", null=True, blank=True)

    objects = ScopedQuerySet["Counter"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "窗口"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hall", "number"], name="counter_number")
        ]

    def __str__(self) -> str:
        return f"{self.number} 号窗口"


class TicketQuerySet(ScopedQuerySet["Ticket"]):
    def of_day(self, day: date) -> Self:
        return self.filter(day=day)

    def waiting(self) -> Self:
        return self.filter(state=Ticket.State.WAITING)


class Ticket(_InHall):
    """排队号: drawn on a day under a letter, called to a counter by one clerk. Numbers begin anew each day."""

    class State(models.TextChoices):
        WAITING = "waiting", "等候"
        CALLED = "called", "办理中"
        DONE = "done", "已办理"
        MISSED = "missed", "过号"

    hall = models.ForeignKey(Hall, models.CASCADE, related_name="tickets", verbose_name="大厅")
    day = models.DateField("日期")
    letter = models.CharField("字母", max_length=1)
    number = models.PositiveSmallIntegerField("号")
    #: The queue it stands in now: another than its letter's after a transfer.
    queue = models.CharField("所在队列", max_length=1)
    is_priority = models.BooleanField("优先", default=False)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.WAITING)
    taken_at = models.DateTimeField("取号时间", default=timezone.now)
    called_at = models.DateTimeField("叫号时间", null=True, blank=True)
    #: The board shows the latest first; being called again does not change how long he waited.
    last_called_at = models.DateTimeField("最近叫号时间", null=True, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    calls = models.PositiveSmallIntegerField("叫号次数", default=0, db_default=0)
    counter = models.ForeignKey(
        Counter, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name="窗口"
    )
    account_id = models.BigIntegerField("叫号账号", null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排队号"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hall", "day", "letter", "number"], name="ticket_once"),
            # A counter serves one number at a time.
            models.UniqueConstraint(
                fields=["counter"], condition=Q(state="called"), name="ticket_at_counter"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["hall", "day", "queue", "-is_priority", "taken_at"],
                condition=Q(state="waiting"),
                name="ticket_queue",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"{self.letter}{self.number:03d}"
