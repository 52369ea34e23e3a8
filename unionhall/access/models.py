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
from unionhall.foundation.sealing import PHONE
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
    phone_index = BlindIndexField(
        "手机号索引", null=True, blank=True, unique=True, of=("phone",), purpose=PHONE
    )
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

    @property
    def words(self) -> str:
        """The account as the journal and pages name it: a desk's name; a worker's is nobody's to read."""
        return f"职工账号 {self.pk}" if self.phone_index is not None else f"账号 {self.username}"


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
    #: A known device's mark; empty for strangers, who have a budget of their own.
    device = models.CharField("设备摘要", max_length=64, blank=True, db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "登录验证码"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["address", "-sent_at"], name="code_address")
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%H:%M}"

    def usable(self, now: datetime) -> bool:
        return self.used_at is None and self.wrong < self.GUESSES and now - self.sent_at < self.LIFE


class SignInSession(models.Model):
    """One browser's session. Its key stands only as a digest: the table, or a thief of a backup, opens nothing with it.

    Holds no personal data: `device` are words about the browser, `address` is cut to its network.
    """

    unscoped_because: ClassVar[str] = "一个账号在一台设备上的登录：本人看自己的，管理员按账号的授权范围结束"

    key_digest = models.CharField("会话摘要", max_length=64, unique=True)
    data = models.TextField("内容")
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="sign_in_sessions", verbose_name="账号"
    )
    method = models.CharField("登录方式", max_length=10, blank=True)
    device = models.CharField("设备", max_length=60, blank=True)
    address = models.CharField("网络", max_length=45, blank=True)
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    seen_at = models.DateTimeField("最近活动", default=timezone.now)
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录会话"

    def __str__(self) -> str:
        return self.device or "会话"


class SentText(models.Model):
    """The demo outbox: text messages that the demo backend kept instead of sending."""

    unscoped_because: ClassVar[str] = "只在演示模式写入"

    phone = SealedField("手机号")
    phone_index = BlindIndexField("手机号索引", db_index=True, of=("phone",), purpose=PHONE)
    text = models.CharField("内容", max_length=300)
    sent_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "演示短信"

    def __str__(self) -> str:
        return f"{self.sent_at:%H:%M}"
