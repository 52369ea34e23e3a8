"""Accounts, what they were granted, and how they prove who they are."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import BlindIndexField, SealedField
from unionhall.foundation.permissions import LINE_LABELS, ROLE_LABELS, Line, Role
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation


class AccountCreation(BaseUserManager["Account"]):
    """Creates accounts. Named by Django's convention; look-ups by name are exact."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        """Django asks for it; there are no superusers here: an operator is an account with a grant."""
        return self.create_user(username, password, **fields)


class Account(AbstractBaseUser):
    """Someone who can sign in. A worker's account is known by the phone; a desk account by its name."""

    unscoped_because: ClassVar[str] = "账号本身不属于某个工会；管理页面按授权范围列出"

    username = models.CharField("账号", max_length=60, unique=True)
    display_name = models.CharField("显示名", max_length=60)
    phone = SealedField("手机号", null=True, blank=True)
    phone_index = BlindIndexField("手机号索引", null=True, blank=True, unique=True)
    is_active = models.BooleanField("启用", default=True)
    is_superuser: ClassVar[bool] = False
    is_staff: ClassVar[bool] = False
    created_at = models.DateTimeField("开通时间", default=timezone.now)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)

    objects = AccountCreation()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.display_name


class GrantQuerySet(ScopedQuerySet["Grant"]):
    def in_force(self, day: date) -> Self:
        return self.filter(period__contains=day, account__is_active=True)


class Grant(ScopedModel):
    """A role held over one union's subtree, in a line of work, for a period."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "access.view"

    account = models.ForeignKey(Account, models.CASCADE, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=20, choices=list(ROLE_LABELS.items()))
    line = models.CharField("条线", max_length=12, choices=list(LINE_LABELS.items()), default=Line.GENERAL)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="grants", verbose_name="组织")
    period = DateRangeField("授权期间")
    granted_by = models.CharField("授权人", max_length=60)
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account"], name="grant_account"),
            models.Index(fields=["organisation", "role"], name="grant_organisation_role"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {Role(self.role).label}"


class SignInCode(models.Model):
    """A six-digit code sent to a phone. Only its hash is kept; five wrong guesses or five minutes end it."""

    unscoped_because: ClassVar[str] = "登录前的一次性验证码，尚不知道是谁"
    LIFE = timedelta(minutes=5)
    GUESSES = 5

    phone_index = BlindIndexField("手机号索引", db_index=True)
    code_digest = models.CharField("验证码摘要", max_length=64)
    sent_at = models.DateTimeField("发送时间", default=timezone.now)
    wrong = models.PositiveSmallIntegerField("错误次数", default=0)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    address = models.CharField("来源摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录验证码"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["address", "-sent_at"], name="code_address")
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%H:%M}"

    def usable(self, now: datetime) -> bool:
        return self.used_at is None and self.wrong < self.GUESSES and now - self.sent_at < self.LIFE


class SignInFailure(models.Model):
    """A failed desk sign-in, for throttling by name and address together."""

    unscoped_because: ClassVar[str] = "登录前的失败记录，尚不知道是谁"

    username = models.CharField("账号", max_length=60)
    address = models.CharField("来源摘要", max_length=64)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["username", "address", "-at"], name="failure_who")
        ]

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"


class SentText(models.Model):
    """The demo outbox: text messages that the demo backend kept instead of sending."""

    unscoped_because: ClassVar[str] = "只在演示模式写入"

    phone = SealedField("手机号")
    phone_index = BlindIndexField("手机号索引", db_index=True)
    text = models.CharField("内容", max_length=300)
    sent_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "演示短信"

    def __str__(self) -> str:
        return f"{self.sent_at:%H:%M}"
