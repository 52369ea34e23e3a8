"""Which versions of schemes have been used: a used version is immutable, and its text is kept for replay."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class SchemeUse(models.Model):
    """The first use of a version: its canonical content stays here even if the file is lost."""

    unscoped_because: ClassVar[str] = "方案是公开文件，不含任何人的信息"

    digest = models.CharField("摘要", max_length=64, primary_key=True)
    programme = models.CharField("方案", max_length=40)
    jurisdiction = models.CharField("适用地区", max_length=12, blank=True)
    starts = models.DateField("生效日期")
    issuer = models.CharField("发布机关", max_length=120)
    content = models.TextField("内容")
    first_used_at = models.DateTimeField("首次使用", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "方案使用记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["programme", "jurisdiction", "starts"], name="scheme_use_version")
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.starts} {self.digest[:12]}"
