"""The tree of unions as it is and as it was: what moves, is renamed, merged or dissolved leaves a period behind."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet

from .kinds import SHAPES, Chain, Form, Kind, Level, Status
from .paths import above


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    def active(self) -> Self:
        return self.filter(status__in=[Status.ACTIVE, Status.SUSPENDED])

    def existing_on(self, day: date) -> Self:
        return self.filter(existence__contains=day)

    def under(self, organisation: "Organisation", day: date | None = None, chain: str = Chain.REGION) -> Self:
        """The subtree (the union itself included), today or as it stood on a day."""
        if day is None:
            field = "path" if chain == Chain.REGION else "second_path"
            return self.filter(**{f"{field}__startswith": organisation.path_in(chain)})
        prefix = organisation.path_on(day, chain)
        if prefix is None:
            return self.none()
        return self.filter(
            placements__chain=chain, placements__period__contains=day, placements__path__startswith=prefix
        )

    def named(self, text: str) -> Self:
        """Search by name, code or credit code; one character is enough."""
        return self.filter(Q(name__contains=text) | Q(code=text) | Q(uscc=text.upper()))

    def in_tree_order(self) -> Self:
        return self.order_by("path")


class Organisation(ScopedModel):
    """A union: from the provincial federation down to a group in a workshop. `path` is where it stands now."""

    scope_path = ("path", "second_path")
    view_permission = "organisations.view"

    code = models.CharField("组织代码", max_length=24, unique=True)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=60, blank=True)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    level = models.PositiveSmallIntegerField("层级", choices=Level.choices)
    form = models.CharField("组织形式", max_length=3, choices=Form.choices, default=Form.COMMITTEE)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    division = models.CharField("行政区划代码", max_length=12, db_index=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    existence = DateRangeField("存续期间")
    path = PathField("路径", unique=True)
    second_path = PathField("产业路径", blank=True, default="", db_index=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级工会"
    )
    industry_parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="industry_children",
        verbose_name="上级产业工会",
    )
    legal_certificate = models.CharField("法人资格证号", max_length=40, blank=True)
    legal_certificate_until = models.DateField("法人资格有效期至", null=True, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    telephone = models.CharField("办公电话", max_length=30, blank=True)
    accepts_individuals = models.BooleanField("接收单位未建会的职工", default=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工会组织"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["parent", "path"], name="organisation_children"),
            GinIndex(fields=["name"], name="organisation_name_trgm", opclasses=["gin_trgm_ops"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=7), name="organisation_level"),
            models.CheckConstraint(condition=~Q(path=""), name="organisation_path_set"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_members(self) -> bool:
        return SHAPES[self.kind].has_members

    @property
    def paths(self) -> tuple[str, ...]:
        """Both paths, for policy questions."""
        return tuple(path for path in (self.path, self.second_path) if path)

    def path_in(self, chain: str) -> str:
        """The prefix under which this union's subtree stands in a chain."""
        if chain == Chain.REGION or not self.second_path:
            return str(self.path)
        return str(self.second_path)

    def path_on(self, day: date, chain: str = Chain.REGION) -> str | None:
        """The path on a day, or None where it did not stand in the chain then."""
        found = self.placements.everywhere(reason="a union's own history").filter(
            chain=chain, period__contains=day
        )
        return found.values_list("path", flat=True).first()

    def ancestor_paths(self) -> list[str]:
        """Paths of the unions above, nearest last, itself excluded."""
        return above(self.path)


class _Part(ScopedModel):
    """A part of an organisation's history, seen by whoever may see the organisation."""

    scope_path: ClassVar[str | tuple[str, ...]] = ("organisation__path", "organisation__second_path")
    view_permission = "organisations.view"
    part_of = "organisation"

    class Meta:
        abstract = True


def _one_at_a_time(name: str, *same: str) -> ExclusionConstraint:
    """Periods of the same thing never overlap."""
    return ExclusionConstraint(
        name=name,
        expressions=[*((field, RangeOperators.EQUAL) for field in same), ("period", RangeOperators.OVERLAPS)],
    )


class Placement(_Part):
    """Where a union stood in a chain during a period."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="placements", verbose_name="工会"
    )
    chain = models.CharField("隶属链", max_length=8, choices=Chain.choices, default=Chain.REGION)
    parent = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="上级")
    path = PathField("路径")
    period = DateRangeField("期间")

    objects = ScopedQuerySet["Placement"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隶属关系"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_at_a_time("placement_one_at_a_time", "organisation", "chain")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["chain", "path"], name="placement_path")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.chain} {self.path}"


class Naming(_Part):
    """What a union was called during a period."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="namings", verbose_name="工会"
    )
    name = models.CharField("名称", max_length=120)
    period = DateRangeField("期间")

    objects = ScopedQuerySet["Naming"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用名称"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_at_a_time("naming_one_at_a_time", "organisation")
        ]

    def __str__(self) -> str:
        return self.name


class Term(_Part):
    """A committee's term of office (届). The clock runs to the end of the period; a change needs superior approval."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="terms", verbose_name="工会")
    number = models.PositiveSmallIntegerField("届次")
    period = DateRangeField("任期")
    elected_on = models.DateField("选举日期", null=True, blank=True)
    committee_size = models.PositiveSmallIntegerField("委员人数", null=True, blank=True)
    document = models.CharField("批复文号", max_length=60, blank=True)

    objects = ScopedQuerySet["Term"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届次任期"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "number"], name="term_number_once"),
            _one_at_a_time("term_one_at_a_time", "organisation"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}届"


class Succession(_Part):
    """What became of a union: merged into, or split off to, another on a day."""

    class Cause(models.TextChoices):
        MERGE = "merge", "合并"
        SPLIT = "split", "分立"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="successions", verbose_name="原工会"
    )
    successor = models.ForeignKey(
        Organisation, models.PROTECT, related_name="predecessions", verbose_name="承继工会"
    )
    cause = models.CharField("方式", max_length=6, choices=Cause.choices)
    on = models.DateField("日期")
    document = models.CharField("批复文号", max_length=60, blank=True)

    objects = ScopedQuerySet["Succession"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "合并分立"

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.on}"


class EmployerQuerySet(models.QuerySet["Employer"]):
    def named(self, text: str) -> Self:
        return self.filter(Q(name__contains=text) | Q(uscc=text.upper()))


class Employer(models.Model):
    """A unit that employs workers (用人单位). A union covers one employer, or several (joint unions)."""

    unscoped_because: ClassVar[str] = "单位名称和信用代码是公开登记信息，职工入会时要能找到任何单位"

    class EconomicType(models.TextChoices):
        """登记注册类型 (D3)."""

        STATE = "110", "国有"
        COLLECTIVE = "120", "集体"
        COMPANY = "150", "有限责任公司"
        SHARES = "160", "股份有限公司"
        PRIVATE = "170", "私营"
        HMT = "200", "港澳台商投资"
        FOREIGN = "300", "外商投资"
        INSTITUTION = "400", "事业单位"
        GOVERNMENT = "500", "机关"
        INDIVIDUAL = "600", "个体经营"
        NON_PROFIT = "700", "民办非企业"

    name = models.CharField("单位名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    division = models.CharField("行政区划代码", max_length=12, db_index=True)
    economic_type = models.CharField(
        "经济类型", max_length=3, choices=EconomicType.choices, default=EconomicType.PRIVATE
    )
    industry = models.CharField("行业门类", max_length=1, blank=True)
    employees = models.PositiveIntegerField("职工人数", default=0)
    women = models.PositiveIntegerField("女职工人数", default=0)
    address = models.CharField("地址", max_length=200, blank=True)

    objects = EmployerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用人单位"
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["name"], name="employer_name_trgm", opclasses=["gin_trgm_ops"])
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(women__lte=models.F("employees")), name="employer_women_within"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Coverage(_Part):
    """Which union covers which employer, and since when."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="coverages", verbose_name="工会"
    )
    employer = models.ForeignKey(Employer, models.CASCADE, related_name="coverages", verbose_name="用人单位")
    period = DateRangeField("期间")

    objects = ScopedQuerySet["Coverage"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "覆盖单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_at_a_time("coverage_one_union", "employer")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.employer_id}"


class Division(models.Model):
    """An administrative division by its GB/T 2260 code (county and above) or street code; loaded from a package."""

    unscoped_because: ClassVar[str] = "公开的行政区划"

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    parent_code = models.CharField("上级代码", max_length=12, blank=True, db_index=True)
    level = models.PositiveSmallIntegerField("层级")

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"

    def __str__(self) -> str:
        return self.name
