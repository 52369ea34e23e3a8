"""Who sits behind a desk account: so that nobody decides with one account on what concerns him under another."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from unionhall.access.models import Account

from .persons import Person


class DeskIdentity(models.Model):
    """The person to whom a desk account belongs, named by whoever keeps the account. It forbids; it opens nothing."""

    unscoped_because: ClassVar[str] = "只用来判断办件是否涉及本人；不给任何人看到更多"

    account = models.OneToOneField(
        Account, models.CASCADE, related_name="desk_identity", verbose_name="工作账号"
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="desk_identities", verbose_name="职工")
    named_by = models.CharField("登记人", max_length=60)
    named_at = models.DateTimeField("登记时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "工作账号本人"

    def __str__(self) -> str:
        return f"{self.account_id}"
