"""Figures of the tree: unions, the employers they cover, terms that have run out."""

from typing import Any

from django.db.models import Aggregate, Q, Sum
from django.utils import timezone

from unionhall.indicators.registry import indicator, subset

from . import clock
from .kinds import BASE_KINDS
from .models import Coverage, Organisation

FIGURES = "organisations.figures"


def _day(where: Any) -> Any:
    return where.day or timezone.localdate()


@indicator(
    "organisations.unions",
    title="工会组织",
    unit="个",
    definition="现有的各级工会组织，含联合会、分会和小组",
    list_name="desk_orgs",
    to="",
)
def unions(where: Any) -> Any:
    rows = Organisation.objects.visible_to(where.access, to=FIGURES).filter(where.q())
    return rows.existing_on(_day(where))


subset(
    "organisations.base_unions",
    of="organisations.unions",
    title="基层工会",
    definition="现有的独立基层工会和联合基层工会（不含分会、小组）",
    source="工会统计调查制度",
    when=lambda where: Q(kind__in=BASE_KINDS),
    list_query={"kind": "base"},
)
subset(
    "organisations.terms_ended",
    of="organisations.unions",
    title="届满未换届",
    definition="最近一届任期已经届满、还没有登记新一届的工会",
    source="《中国工会章程》第二十六条",
    when=lambda where: clock.ended(_day(where)),
    list_query={"term": "red"},
)


@indicator(
    "organisations.employers",
    title="覆盖单位",
    unit="个",
    definition="由工会覆盖的用人单位（法人单位和联合工会所覆盖的单位）",
    source="工会统计调查制度",
    list_name="desk_figures_employers",
)
def coverages(where: Any) -> Any:
    rows = Coverage.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    return rows.filter(period__contains=_day(where))


def _employees(condition: Q | None) -> Aggregate:
    return Sum("employer__employees", filter=condition, default=0)


subset(
    "organisations.employees",
    of="organisations.employers",
    title="覆盖职工",
    unit="人",
    definition="覆盖单位现登记的职工人数之和（职工人数不留历史）",
    source="工会统计调查制度",
    when=lambda where: Q(),
    measure=_employees,
)
