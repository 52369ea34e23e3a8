"""Memberships, employment and posts: all periods, so that any figure can be asked as of a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left
from django.db.models.lookups import Lookup

from unionhall.foundation.compiled import Compiled
from unionhall.foundation.fields import PathField
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.kit.codes import EMPLOYMENT_FORM, EMPLOYMENT_STATUS
from unionhall.organisations.kinds import Chain
from unionhall.organisations.models import Employer, Organisation

from .names import Words
from .persons import Person
from .spells import Spell, one_at_a_time

#: Lengths of the paths of cities, counties and streets: each has an index that answers a page of it in order.
LEVELS = (8, 12, 16)
OPEN = Q(period__upper_inf=True)
#: What the list's filters by scope and name read of a row: the larger indexes of the list carry it.
READ_FROM_INDEX = ["path", "second_path", "name", "initials"]


@PathField.register_lookup
class InSubtree(Lookup):
    """`path__in_subtree=prefix`: the same rows as `startswith`, in the words of the indexes of the levels."""

    lookup_name = "in_subtree"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"LEFT({column}, {len(self.rhs)}) = %s", (*params, self.rhs)


def below(field: str, prefix: str) -> Q:
    """The condition of standing in a subtree, such that an index answers it."""
    if field == "path":
        return Q(path__in_subtree=prefix) if len(prefix) in LEVELS else Q(path__startswith=prefix)
    return Q(**{f"{field}__startswith": prefix}) & ~Q(**{field: ""})


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(period__upper_inf=True)

    def as_of(self, day: date | None) -> Self:
        """Those in force on a day; None is today."""
        return self.current() if day is None else self.filter(period__contains=day)

    def under(self, organisation: Organisation, day: date | None = None, chain: str = Chain.REGION) -> Self:
        """In a union's subtree, today or as the tree stood on a day."""
        if day is None:
            field = "path" if chain == Chain.REGION or not organisation.second_path else "second_path"
            return self.filter(below(field, organisation.path_in(chain)))
        prefix = organisation.path_on(day, chain)
        if prefix is None:
            return self.none()
        return self.filter(
            organisation__placements__chain=chain,
            organisation__placements__period__contains=day,
            organisation__placements__path__startswith=prefix,
        )

    def visible_by_filter(self, access: Access, *, to: str) -> Self:
        """The rows of `visible_to`, for a search whose own index is to find them: scope is only a filter."""
        prefixes = access.prefixes(to)
        if not prefixes or "" in prefixes:
            return self.visible_to(access, to=to)
        condition = Q(pk__in=[])
        for prefix in prefixes:
            condition |= Q(path__begins=prefix) | Q(second_path__begins=prefix)
        return self._admit().filter(condition)

    def narrowed(self, level: str) -> Self:
        """Today's rows of a scope that `narrowing` found to be one level's, said once more so that its index finds
        them in order. Changes no answer."""
        return self.filter(below("path", level)) if level else self

    def narrowing(self, prefixes: Sequence[str]) -> str:
        """The level's path under which all of a scope stands in the regional chain; empty when there is none, or where
        the industry chain brings in unions from elsewhere."""
        if len(prefixes) != 1 or len(prefixes[0]) not in LEVELS:
            return ""
        (prefix,) = prefixes
        return "" if _elsewhere(prefix)() else prefix


@lru_cache(maxsize=500)
def _elsewhere(prefix: str) -> Compiled[int]:
    """A union that the industry chain brings under the prefix from elsewhere, if there is one."""
    unions = Organisation.objects.everywhere(reason="whether a subtree has members elsewhere")
    rows = unions.filter(second_path__startswith=prefix).exclude(path__startswith=prefix)
    return Compiled(lambda: rows.values_list("pk", flat=True)[:1])


class Membership(Spell, ScopedModel):
    """会籍: a period in which a person stands in one union, active or retained. A change closes one and opens the next.

    `path` and `second_path` are copied from the union (see `copies_path_from`), so that counting needs no join.
    """

    scope_path = ("path", "second_path")
    view_permission = "members.view"
    owner_path = "person__account_id"
    copies_path_from: ClassVar[str] = "organisation"

    class Standing(models.TextChoices):
        ACTIVE = "active", "在册"
        RETAINED = "retained", "保留会籍"

    class Entry(models.TextChoices):
        ADMISSION = "admission", "入会"
        INTAKE = "intake", "名册登记"
        TRANSFER = "transfer", "转入"
        RETENTION = "retention", "转为保留"
        RESUMPTION = "resumption", "恢复"
        REORGANISATION = "reorganisation", "组织调整"

    class Exit(models.TextChoices):
        TRANSFER = "transfer", "转出"
        RETENTION = "retention", "转为保留"
        RESUMPTION = "resumption", "恢复"
        WITHDRAWAL = "withdrawal", "退会"
        DEEMED = "deemed", "视为自动退会"
        EXPULSION = "expulsion", "除名"
        DEATH = "death", "死亡"
        REORGANISATION = "reorganisation", "组织调整"

    # Without an index of its own: membership_one_at_a_time_end begins with it.
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="memberships", verbose_name="职工", db_index=False
    )
    # Without an index of its own: membership_organisation begins with it.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="所在工会", db_index=False
    )
    path = PathField("路径")
    second_path = PathField("产业路径", blank=True, default="")
    # Copied from the person, for the indexes of names.
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("姓名首字母", max_length=50, db_collation="C", blank=True)
    standing = models.CharField("会籍状态", max_length=8, choices=Standing.choices, default=Standing.ACTIVE)
    joined_on = models.DateField("入会日期")
    entry = models.CharField("进入方式", max_length=14, choices=Entry.choices)
    exit = models.CharField("离开方式", max_length=14, choices=Exit.choices, blank=True)
    exit_reason = models.CharField("离开原因", max_length=200, blank=True)
    batch = models.ForeignKey(
        "members.RosterBatch",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="来源批次",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会籍"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Whoever forgets to copy it hears of it at once.
            models.CheckConstraint(condition=~Q(name=""), name="membership_named"),
            # One active membership per person at any moment (domain.md §2).
            *one_at_a_time("membership"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["path", "id"], condition=Q(period__upper_inf=True), name="membership_path_current"
            ),
            models.Index(
                fields=["second_path", "id"], condition=~Q(second_path=""), name="membership_second_path"
            ),
            models.Index(fields=["organisation", "person"], name="membership_organisation"),
            # The register, a city's and a county's, in the order of its list, without touching a row: searches by name
            # ask for thousands of persons, and read as far as a page of a frequent name needs.
            models.Index(
                fields=["person"], include=READ_FROM_INDEX, condition=OPEN, name="membership_current"
            ),
            models.Index(
                Left("path", 8), "person", include=READ_FROM_INDEX, condition=OPEN, name="membership_of_city"
            ),
            models.Index(
                Left("path", 12),
                "person",
                include=READ_FROM_INDEX,
                condition=OPEN,
                name="membership_of_county",
            ),
            models.Index(Left("path", 16), "person", condition=OPEN, name="membership_street"),
            GinIndex(Words(F("name"), F("path")), condition=OPEN, name="membership_words"),
            models.Index(
                fields=["initials", "person"],
                include=["path", "second_path"],
                condition=OPEN,
                name="membership_initials",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.organisation_id} {self.period}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        """As everywhere, and saying that an empty second path is none, which the index over it has to hear."""
        condition = Q(pk__in=[])
        for prefix in prefixes:
            condition |= Q(path__startswith=prefix) | below("second_path", prefix)
        return condition

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.path, self.second_path) if path)

    @property
    def is_current(self) -> bool:
        return bool(self.period.upper is None)


class Employment(Spell, ScopedModel):
    """Where and how someone works during a period. The work unit may be unknown to the register (plain text)."""

    view_permission = "members.view"
    owner_path = "person__account_id"
    part_of = "person"

    # Without an index of its own: employment_one_at_a_time_end begins with it.
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="employments", verbose_name="职工", db_index=False
    )
    employer = models.ForeignKey(
        Employer, models.SET_NULL, null=True, blank=True, related_name="employments", verbose_name="用人单位"
    )
    work_unit = models.CharField("工作单位", max_length=120, blank=True)
    occupation = models.CharField("工种岗位", max_length=60, blank=True)
    status = models.CharField("就业状况", max_length=1, choices=EMPLOYMENT_STATUS.choices(), default="1")
    form = models.CharField("用工形式", max_length=1, choices=EMPLOYMENT_FORM.choices(), default="1")

    objects = ScopedQuerySet["Employment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "就业情况"
        constraints: ClassVar[list[models.BaseConstraint]] = one_at_a_time("employment")

    def __str__(self) -> str:
        return f"{self.person_id} {self.work_unit}"

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        return through_person(prefixes)


class Post(ScopedModel):
    """任职: a person holds a post in a union for a period."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "organisations.view"
    owner_path = "person__account_id"
    part_of = "organisation"

    class Title(models.TextChoices):
        CHAIR = "chair", "主席"
        VICE_CHAIR = "vice_chair", "副主席"
        COMMITTEE = "committee", "委员"
        AUDIT_CHAIR = "audit_chair", "经审委主任"
        AUDIT = "audit", "经审委员"
        WOMEN_CHAIR = "women_chair", "女职委主任"
        WOMEN = "women", "女职委员"
        ORGANISER = "organiser", "组织员"
        GROUP_LEADER = "group_leader", "小组长"
        PREPARATORY = "preparatory", "筹备组成员"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts", verbose_name="工会")
    person = models.ForeignKey(Person, models.PROTECT, related_name="posts", verbose_name="任职人")
    title = models.CharField("职务", max_length=12, choices=Title.choices)
    full_time = models.BooleanField("专职", default=False)
    period = DateRangeField("任期")
    document = models.CharField("批复文号", max_length=60, blank=True)

    objects = ScopedQuerySet["Post"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="post_once",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("title", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="post_one_chair",
                expressions=[("organisation", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(title="chair"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.get_title_display()}"


def through_person(prefixes: Iterable[str]) -> Q:
    """Rows of a person who is seen through an open membership in the subtree."""
    rows = Membership.objects.everywhere(reason="a sub-select of the scope condition itself")
    return Q(
        Exists(
            rows.filter(Membership.scope_q(prefixes), person=OuterRef("person_id"), period__upper_inf=True)
        )
    )
