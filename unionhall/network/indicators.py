"""Figures of the network: how far it reaches over both chains and five levels, what was built, what the grid finds."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Aggregate, Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.indicators.registry import Dimension, all_indicators, indicator, subset
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Coverage, Organisation

from . import parameters
from .models import LEVELS, RECEIVING, GridCell, GridItem, GridUnit, GridWorker, Node, PlanTarget

FIGURES = "organisations.figures"
_WHY = "whether a place is served decides a figure over rows already scoped"
FOUR = [one.value for one in Node.Function]
#: Where no standard is in force, firms from so many staff count (domain.md §13).
_STAFF = 100


def _labels(choices: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices}


def _day(where: Any) -> Any:
    return where.day or timezone.localdate()


def _by(code: str, title: str, choices: Sequence[tuple[Any, Any]]) -> Dimension:
    return Dimension(code, title, lambda where: F(code), _labels(choices), code)


KINDS = _by("kind", "类别", Node.Kind.choices)
DIMENSIONS = (
    KINDS,
    _by("level", "层级", LEVELS),
    _by("mode", "模式", Node.Mode.choices),
    _by("build", "建设方式", Node.Build.choices),
    _by("state", "状态", Node.State.choices),
)


@indicator(
    "network.nodes",
    title="服务站点",
    unit="个",
    definition="正在运行、已升级或命名示范的职工服务中心、站、点；过去某日按启用日期算",
    list_name="desk_network",
    list_query={"receiving": "1"},
    dimensions=DIMENSIONS,
)
def nodes(where: Any) -> Any:
    rows = Node.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(state__in=RECEIVING, opened_on__lte=_day(where))


def _part(code: str, title: str, definition: str, **when: Any) -> None:
    """A figure over the nodes; its list filters by what the form knows, else by the figure's own condition."""
    plain = all(name in ("kind", "mode", "state", "build") for name in when)
    query = {name: str(value) for name, value in when.items()} if plain else {"figure": code}
    subset(
        code, of="network.nodes", title=title, definition=definition, when=lambda where: Q(**when),
        list_query={"receiving": "1", **query},
    )  # fmt: skip


def of_figure(code: str) -> Q | None:
    """The condition of a figure over the nodes, for the list behind it; None where there is no such figure."""
    found = next((one for one in all_indicators() if one.code == code and one.rows is nodes), None)
    return None if found is None or found.condition is None else found.condition(None)


_part("network.centres", "职工服务中心", "正在运行的中心", kind="centre")
_part(
    "network.full_centres", "四位一体的中心", "维权、服务、教育、活动四项功能齐全的中心",
    kind="centre", functions__contains=FOUR,
)  # fmt: skip
_part(
    "network.upper_centres", "县级以上中心升级", "县级以上已经升级的中心",
    kind="centre", level__lte=Level.COUNTY, upgraded_on__isnull=False,
)  # fmt: skip
_part("network.stations", "职工服务站", "正在运行的站", kind="station")
_part("network.points", "职工服务点", "正在运行的点", kind="point")
_part("network.halls", "会站合一", "工会机关与服务站合一", mode="hall")
_part("network.homes", "会家合一", "建在企业里的职工之家", mode="home")
_part("network.five", "五站合一", "商务楼宇里五家共建的站", mode="five")
_part("network.demonstrations", "示范点", "命名为示范点的站点", state="demonstration")
_part(
    "network.firm_demonstrations", "企业示范点", "建在用人单位里、命名为示范点的站点",
    state="demonstration", employer__isnull=False,
)  # fmt: skip
_part("network.self_built", "自建站点", "新建并已启用的站点", build="new")


def _served(**conditions: Any) -> Q:
    """Organisations that have a node of their own, or one of that kind in their division."""
    rows = Node.objects.everywhere(reason=_WHY).filter(state__in=RECEIVING, **conditions)
    return Q(Exists(rows.filter(organisation=OuterRef("pk")))) | Q(
        Exists(rows.filter(division=OuterRef("division")))
    )


@indicator(
    "network.streets",
    title="乡镇（街道）",
    unit="个",
    definition="现有的乡镇（街道）工会",
    list_name="desk_orgs",
    list_query={"kind": Kind.STREET.value},
    to="",
)
def streets(where: Any) -> Any:
    rows = Organisation.objects.visible_to(where.access, to=FIGURES).filter(where.q())
    return rows.existing_on(_day(where)).filter(kind=Kind.STREET)


subset(
    "network.streets_served",
    of="network.streets",
    title="有站点的乡镇（街道）",
    definition="本级或辖区内有正在运行的职工服务中心或站",
    when=lambda where: _served(kind__in=["centre", "station"]),
    list_name="",
)


@indicator(
    "network.counties",
    title="县（市、区）",
    unit="个",
    definition="现有的县级地方总工会",
    list_name="desk_orgs",
    to="",
)
def counties(where: Any) -> Any:
    rows = Organisation.objects.visible_to(where.access, to=FIGURES).filter(where.q())
    return rows.existing_on(_day(where)).filter(kind=Kind.FEDERATION, level=Level.COUNTY)


subset(
    "network.counties_served",
    of="network.counties",
    title="有四位一体中心的县（市、区）",
    definition="有一个维权、服务、教育、活动四项功能齐全的职工服务中心",
    when=lambda where: _served(kind="centre", functions__contains=FOUR),
    list_name="",
)


def _staff(where: Any) -> int:
    union = getattr(where, "organisation", None)
    try:
        return parameters.standards(_day(where), union.division if union else "").home_from_staff
    except Refused:
        return _STAFF


@indicator(
    "network.large_firms",
    title="应建家的单位",
    unit="个",
    definition="工会覆盖、职工人数达到会家合一规模（方案规定，一般一百人）的单位",
    source="会家合一",
)
def large_firms(where: Any) -> Any:
    rows = Coverage.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(period__contains=_day(where), employer__employees__gte=_staff(where))


def _has_home(where: Any) -> Q:
    rows = Node.objects.everywhere(reason=_WHY).filter(state__in=RECEIVING, mode=Node.Mode.HOME)
    return Q(Exists(rows.filter(employer=OuterRef("employer"))))


subset(
    "network.firms_with_home",
    of="network.large_firms",
    title="已建家的单位",
    definition="其中有正在运行的会家合一站点的",
    when=_has_home,
)


def _number(condition: Q | None) -> Aggregate:
    return Sum("number", filter=condition, default=0)


@indicator(
    "network.planned",
    title="规划任务",
    unit="个",
    definition="规划中到当年为止要升级、新建、联建、命名示范的站点数",
    measure=_number,
    to="plan__organisation",
    dimensions=(KINDS, _by("measure", "措施", PlanTarget.Measure.choices)),
)
def planned(where: Any) -> Any:
    rows = PlanTarget.objects.visible_to(where.access, to=FIGURES).filter(where.q("plan__organisation"))
    return rows.filter(year__lte=_day(where).year)


# The grid -------------------------------------------------------------------------------------------------------------


@indicator("network.cells", title="网格", unit="个", definition="在用的网格", list_name="desk_grid")
def cells(where: Any) -> Any:
    rows = GridCell.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(is_active=True)


subset(
    "network.cells_staffed",
    of="network.cells",
    title="有网格员的网格",
    definition="现在有网格员的在用网格",
    when=lambda where: Q(
        Exists(GridWorker.objects.everywhere(reason=_WHY).filter(cell=OuterRef("pk"), until=None))
    ),
)


@indicator(
    "network.grid_units",
    title="网格内单位",
    unit="个",
    definition="现在划入网格的用人单位",
    to="cell__organisation",
)
def grid_units(where: Any) -> Any:
    rows = GridUnit.objects.visible_to(where.access, to=FIGURES).filter(where.q("cell__organisation"))
    return rows.filter(until=None, cell__is_active=True)


@indicator(
    "network.items",
    title="网格事项",
    unit="件",
    definition="网格和站点提出的事项，不含撤回的；到当日为止累计",
    list_name="desk_grid_items",
    to="origin",
)
def items(where: Any) -> Any:
    rows = GridItem.objects.visible_to(where.access, to=FIGURES).filter(where.q("origin"))
    return rows.filter(reported_at__date__lte=_day(where)).exclude(state=GridItem.State.WITHDRAWN)


subset(
    "network.items_closed",
    of="network.items",
    title="已办结的网格事项",
    definition="其中已经办结的",
    when=lambda where: Q(state=GridItem.State.CLOSED),
    list_query={"state": "closed"},
)
subset(
    "network.items_raised",
    of="network.items",
    title="上报过的网格事项",
    definition="其中报到上级工会处理的",
    when=lambda where: Q(raised__gt=0),
    list_query={"raised": "1"},
)
subset(
    "network.items_late",
    of="network.items",
    title="超期的网格事项",
    definition="其中没有办结、已过期限的",
    when=lambda where: Q(closed_at=None, due_on__lt=_day(where)),
    list_query={"late": "1"},
)
