"""Persons: anyone the union serves, member or not, known by real name."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.fields import BlindIndexField, Characters, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.foundation.sealing import IDENTITY, PHONE, identity_index, phone_index
from unionhall.kit.codes import EDUCATION, ETHNICITY, HUKOU_TYPE, POLITICAL_STATUS, SKILL_LEVEL, Sex
from unionhall.kit.masking import mask_id, mask_name, mask_phone

from .names import initials_q


class PersonQuerySet(ScopedQuerySet["Person"]):
    def with_identity(self, id_type: str, number: str) -> Self:
        """Exact look-up by document, through the keyed index. The number must be normalised."""
        return self.filter(id_index=identity_index(id_type, number))

    def with_phone(self, phone: str) -> Self:
        return self.filter(phone_index=phone_index(phone))

    def named(self, text: str) -> Self:
        """By characters of the name (one is enough, in order) or by pinyin initials."""
        return self.filter(name_q(text))


def name_q(text: str, prefix: str = "") -> Q:
    """The condition behind a name search: Chinese characters, or the initials of their readings (zhl → 张海林).

    `prefix` is the look-up to the person, such as "person__".
    """
    text = text.strip()
    if text and text.isascii():
        return initials_q(text, prefix)
    condition = Q(**{f"{prefix}name__has_characters": text})
    # One character is found by the index alone; saying it twice would make the planner expect too few.
    return condition if len(text) == 1 else condition & Q(**{f"{prefix}name__contains": text})


class Person(ScopedModel):
    """A worker by real name. Becomes a member through a Membership; without one can still log in and ask."""

    view_permission = "members.view"
    owner_path = "account_id"

    account = models.OneToOneField(
        Account, models.SET_NULL, null=True, blank=True, related_name="person", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("姓名首字母", max_length=50, db_collation="C", blank=True)
    sort_key = models.CharField("拼音排序", max_length=120, db_collation="C", blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices(), default=Sex.UNSPECIFIED)
    birth = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=2, default="01")
    id_number = SealedField("证件号码")
    id_index = BlindIndexField("证件索引", unique=True, of=("id_type", "id_number"), purpose=IDENTITY)
    phone = SealedField("手机号", null=True, blank=True)
    phone_index = BlindIndexField(
        "手机号索引", null=True, blank=True, db_index=True, of=("phone",), purpose=PHONE
    )
    ethnicity = models.CharField("民族", max_length=2, choices=ETHNICITY.choices(), blank=True)
    education = models.CharField("学历", max_length=2, choices=EDUCATION.choices(), blank=True)
    political = models.CharField("政治面貌", max_length=2, choices=POLITICAL_STATUS.choices(), blank=True)
    skill = models.CharField("技能等级", max_length=1, choices=SKILL_LEVEL.choices(), blank=True)
    native_place = models.CharField("籍贯", max_length=60, blank=True)
    household_type = models.CharField("户口类型", max_length=1, choices=HUKOU_TYPE.choices(), blank=True)
    household_place = models.CharField("户口所在地", max_length=120, blank=True)
    migrant_worker = models.BooleanField("农民工", default=False)
    member_number = models.CharField("会员号", max_length=12, unique=True, null=True, blank=True)
    created_at = models.DateTimeField("登记时间", default=timezone.now)
    updated_at = models.DateTimeField("更新时间", default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职工"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["initials"], name="person_initials"),
            GinIndex(Characters(F("name")), name="person_name_characters"),
        ]

    def __str__(self) -> str:
        return self.masked_name

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        """A person is seen through an open membership in the subtree."""
        from .memberships import Membership

        rows = Membership.objects.everywhere(reason="a sub-select of the scope condition itself")
        return Q(
            Exists(rows.filter(Membership.scope_q(prefixes), person=OuterRef("pk"), period__upper_inf=True))
        )

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number.reveal())

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone.reveal()) if self.phone else "未登记"


class Consent(ScopedModel):
    """What a person agreed to, in which wording, and when it was withdrawn (PIPL §14–15, §29)."""

    unscoped_because: ClassVar[str] = "只由本人查看和撤回；工会干部不能查看"
    owner_path = "person__account_id"

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents", verbose_name="职工")
    purpose = models.CharField("用途", max_length=40)
    version = models.CharField("文本版本", max_length=20)
    given_at = models.DateTimeField("同意时间", default=timezone.now)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    objects = ScopedQuerySet["Consent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人信息同意"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at=None), name="consent_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"
