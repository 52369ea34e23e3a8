"""Households: who lives and reckons together, so that nobody decides on his own and nothing is paid twice."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY
from unionhall.kit.masking import mask_id, mask_name

from .memberships import through_person
from .persons import Person


class Relation(models.TextChoices):
    """To the person on whose behalf the household was first written down (GB/T 4761, its first digit)."""

    SELF = "0", "本人"
    SPOUSE = "1", "配偶"
    SON = "2", "儿子"
    DAUGHTER = "3", "女儿"
    GRANDCHILD = "4", "孙子女、外孙子女"
    PARENT = "5", "父母、公婆、岳父母"
    GRANDPARENT = "6", "祖父母、外祖父母"
    SIBLING = "7", "兄弟姐妹"
    OTHER = "8", "其他"


class Household(ScopedModel):
    """家庭: people who share income and spending. Its key, which tells nothing, is what money is counted by."""

    view_permission = "members.view"

    key = models.CharField("家庭编号", max_length=20, unique=True)
    created_at = models.DateTimeField("建立时间", default=timezone.now)

    objects = ScopedQuerySet["Household"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭"

    def __str__(self) -> str:
        return self.key

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        """A household is seen where one of its people is."""
        rows = HouseholdMember.objects.everywhere(reason="a sub-select of the scope condition itself")
        rows = rows.current().filter(through_person(prefixes), household=OuterRef("pk"))
        return Q(Exists(rows))


class HouseholdMemberQuerySet(ScopedQuerySet["HouseholdMember"]):
    def current(self) -> Self:
        return self.filter(period__upper_inf=True)


class HouseholdMember(ScopedModel):
    """Somebody in a household for a period; known by document, in the register or not. In one household at a time."""

    view_permission = "members.view"
    part_of = "household"

    household = models.ForeignKey(Household, models.CASCADE, related_name="members", verbose_name="家庭")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="household_places",
        verbose_name="职工",
    )
    name = models.CharField("姓名", max_length=50)
    relation = models.CharField("关系", max_length=1, choices=Relation.choices, default=Relation.OTHER)
    id_type = models.CharField("证件类型", max_length=2, default="01")
    id_number = SealedField("证件号码")
    id_index = BlindIndexField("证件索引", of=("id_type", "id_number"), purpose=IDENTITY)
    period = DateRangeField("期间")

    objects = HouseholdMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="household_one_at_a_time",
                expressions=[("id_index", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="household_person_one_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(person__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id_index"], name="household_member_document")
        ]

    def __str__(self) -> str:
        return self.masked_name

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        rows = Household.objects.everywhere(reason="a sub-select of the scope condition itself")
        return Q(household__in=rows.filter(Household.scope_q(prefixes)))

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number.reveal())
