"""Kinds and levels of unions: Python declarations, because code depends on them (house.md, Schemes).

Code values of level, form and base type follow two vendors' copies of the federation's registry (domain.md §1, D2);
03 联合会, 04 分会 and 05 小组 are ours.
"""

from dataclasses import dataclass

from django.db import models


class Level(models.IntegerChoices):
    """Where in the five levels a union stands; 6 and 7 are parts of a grassroots union."""

    PROVINCE = 1, "省级"
    CITY = 2, "市级"
    COUNTY = 3, "县级"
    STREET = 4, "乡镇街道级"
    GRASSROOTS = 5, "基层"
    BRANCH = 6, "分会"
    GROUP = 7, "小组"


class Kind(models.TextChoices):
    FEDERATION = "federation", "地方总工会"
    INDUSTRY = "industry", "产业工会"
    STREET = "street", "乡镇（街道）工会"
    AREA_FEDERATION = "area", "区域性工会联合会"
    SECTOR_FEDERATION = "sector", "行业性工会联合会"
    GRASSROOTS = "grassroots", "基层工会"
    JOINT = "joint", "联合基层工会"
    BRANCH = "branch", "分会"
    GROUP = "group", "工会小组"


class Form(models.TextChoices):
    """组织形式 (D2)."""

    COMMITTEE = "110", "委员会"
    WORKING_COMMITTEE = "120", "工作委员会"
    SUB_UNION = "130", "支会"


class Chain(models.TextChoices):
    """双重领导: every union stands in the regional chain; some stand in an industry chain too."""

    REGION = "region", "地方"
    INDUSTRY = "industry", "产业"


class Status(models.TextChoices):
    PREPARING = "preparing", "筹建中"
    ACTIVE = "active", "正常"
    SUSPENDED = "suspended", "停止活动"
    DISSOLVED = "dissolved", "已撤销"
    MERGED = "merged", "已合并"


@dataclass(frozen=True)
class Shape:
    """What a kind may be: its levels, the kinds it may stand under, and its base-type code for statistics."""

    levels: frozenset[int]
    parents: frozenset[str]
    base_type: str = ""

    @property
    def has_members(self) -> bool:
        """Whether members belong to it directly (a federation's members belong to unions below it)."""
        return bool(self.base_type)


_LOCAL = frozenset({Kind.FEDERATION, Kind.INDUSTRY, Kind.STREET})
_HOSTS = _LOCAL | {Kind.AREA_FEDERATION, Kind.SECTOR_FEDERATION}
SHAPES: dict[str, Shape] = {
    Kind.FEDERATION: Shape(frozenset({1, 2, 3}), frozenset({Kind.FEDERATION})),
    Kind.INDUSTRY: Shape(frozenset({1, 2, 3}), frozenset({Kind.FEDERATION, Kind.INDUSTRY})),
    # A street union takes in workers whose employer has no union yet (domain.md §2, C3).
    Kind.STREET: Shape(frozenset({4}), frozenset({Kind.FEDERATION}), "03"),
    Kind.AREA_FEDERATION: Shape(frozenset({4, 5}), _LOCAL, "03"),
    Kind.SECTOR_FEDERATION: Shape(frozenset({4, 5}), _LOCAL, "03"),
    Kind.GRASSROOTS: Shape(frozenset({5}), _HOSTS, "01"),
    Kind.JOINT: Shape(frozenset({5}), _HOSTS, "02"),
    Kind.BRANCH: Shape(frozenset({6}), frozenset({Kind.GRASSROOTS, Kind.JOINT}), "04"),
    Kind.GROUP: Shape(frozenset({7}), frozenset({Kind.GRASSROOTS, Kind.JOINT, Kind.BRANCH}), "05"),
}
#: Unions of one or several employers that count as 基层工会 in figures: no branches, no groups, no federations.
BASE_KINDS = (Kind.GRASSROOTS, Kind.JOINT)
