"""What was changed in a person's particulars: old and new value sealed, the field and the hand in clear."""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet

from .memberships import through_person
from .persons import Person


class Amendment(ScopedModel):
    """One field of a person changed once: by whom, why, from what to what."""

    view_permission = "members.view"
    owner_path = "person__account_id"
    part_of = "person"

    person = models.ForeignKey(Person, models.CASCADE, related_name="amendments", verbose_name="职工")
    field = models.CharField("项目", max_length=30)
    before = SealedField("原值", null=True)
    after = SealedField("新值", null=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    changed_by_id = models.BigIntegerField("账号编号", null=True)
    changed_by = models.CharField("修改人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["Amendment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资料变更"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-id"], name="amendment_person")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        return through_person(prefixes)
