"""What changed in the figures of members: appended by the actions, folded into the rollups by the room above.

Rows are only ever added by `members.tallying`; whoever folds them takes them away. Empty values stand for "unknown",
so that rows compare equal: birth year 0, form, status and education "".
"""

from typing import ClassVar

from django.db import models

from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.kinds import Chain


class Tally(ScopedModel):
    """Numbers of members at a place in a chain, seen by whoever may see the figures there."""

    scope_path = "path"
    view_permission = "organisations.figures"

    chain = models.CharField("隶属链", max_length=8, choices=Chain.choices)
    path = PathField("路径")

    class Meta:
        abstract = True


class MemberSums(models.Model):
    """The five numbers that tiles, flows and comparisons show: how many members, and of them how many are …"""

    members = models.BigIntegerField("会员")
    women = models.BigIntegerField("女会员")
    migrant = models.BigIntegerField("农民工")
    new_form = models.BigIntegerField("新就业形态")
    retained = models.BigIntegerField("保留会籍")

    class Meta:
        abstract = True


class CellDelta(Tally):
    """By how many a cell of today's members of one union changed: open memberships and the open employment.

    The face says which facts the cell is made of: `work` has all but the education, `learning` sex and education.
    """

    class Face(models.TextChoices):
        WORK = "work", "年龄和用工"
        LEARNING = "learning", "学历"

    face = models.CharField("分面", max_length=8, choices=Face.choices)
    sex = models.CharField("性别", max_length=1, blank=True)
    birth_year = models.SmallIntegerField("出生年份")
    form = models.CharField("用工形式", max_length=1, blank=True)
    status = models.CharField("就业状况", max_length=1, blank=True)
    migrant = models.BooleanField("农民工")
    retained = models.BooleanField("保留会籍")
    education = models.CharField("学历", max_length=2, blank=True)
    n = models.BigIntegerField("增减人数")

    objects = ScopedQuerySet["CellDelta"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员分格增减"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["path"], name="cell_delta_path")]

    def __str__(self) -> str:
        return f"{self.face} {self.path} {self.n:+d}"


class FlowDelta(MemberSums, Tally):
    """By how much a union's members changed with effect from a day: as of a day is the sum of all days up to it."""

    day = models.DateField("生效日")

    objects = ScopedQuerySet["FlowDelta"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员按日增减"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["path"], name="flow_delta_path")]

    def __str__(self) -> str:
        return f"{self.path} {self.day} {self.members:+d}"
