"""The electronic card (会员卡): one per person in force, following the person from union to union."""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet

from .memberships import through_person
from .persons import Person


class Card(ScopedModel):
    """A member's card. Whether it is valid now is asked of the card and the membership together."""

    view_permission = "members.view"
    owner_path = "person__account_id"
    part_of = "person"

    class Status(models.TextChoices):
        ACTIVE = "active", "有效"
        SUSPENDED = "suspended", "挂失"
        REVOKED = "revoked", "已注销"

    person = models.ForeignKey(Person, models.CASCADE, related_name="cards", verbose_name="持卡人")
    number = models.CharField("卡号", max_length=16, unique=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    issued_on = models.DateField("发卡日期")
    revoked_at = models.DateTimeField("注销时间", null=True, blank=True)
    paper_version = models.PositiveSmallIntegerField("纸质码版本", default=0)
    created_at = models.DateTimeField("建卡时间", default=timezone.now)

    objects = ScopedQuerySet["Card"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员卡"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person"], condition=~Q(status="revoked"), name="card_one_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"**** {self.number[-4:]}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        return through_person(prefixes)

    @property
    def spaced_number(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))
