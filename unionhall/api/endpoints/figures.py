"""figures:read — figures of a union's subtree. What a reader may not see is withheld as on the pages (disclosure)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field, WithJsonSchema

from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.insights.disclosure import Disclosure, OnTheWall

from ..authentication import Bearer, Call
from ..fields import Code, Day
from ..problems import Problem
from ..scopes import Scope
from . import answers
from .organisations import find

router = Router(tags=["统计数据"])
READ = "organisations.figures"
GATE = Bearer(Scope.FIGURES_READ)
MOST_MONTHS = 37
#: For one statement of live counting.
LONGEST = "15s"


def _codes() -> list[str]:
    """Read when the application is put together: every room has published its figures by then."""
    return [one.code for one in registry.all_indicators()]


def _known(code: str) -> str:
    if code not in _codes():
        raise ValueError("没有这个指标，见 /api/v1/figures/definitions。")
    return code


Figure = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": _codes()})]


class DimensionOut(Schema):
    code: str
    title: str
    values: dict[str, str] = Field(description="取值代码 → 中文")


class Definition(Schema):
    """What a figure counts."""

    code: str
    title: str
    unit: str
    definition: str
    source: str
    rounded: bool = Field(
        description="涉及职工个人的事项：数字取整到统计公布的下限，金额取两位有效数字，太少的不公布"
    )
    dimensions: list[DimensionOut]


class FigureOut(Schema):
    code: str
    value: int | None = Field(description="withheld 为 true 时为空")
    withheld: bool = Field(description="数字太小，为保护个人而不公布")


class FiguresOut(Schema):
    organisation: str
    on: date
    figures: list[FigureOut]


class RowOut(Schema):
    key: str = Field(description="取值代码；空为未填")
    label: str
    value: int | None
    withheld: bool


class BreakdownOut(Schema):
    organisation: str
    on: date
    code: str
    by: str
    rows: list[RowOut]


class PointOut(Schema):
    on: date
    figures: list[FigureOut]


class TrendOut(Schema):
    organisation: str
    points: list[PointOut]


class ChildOut(Schema):
    organisation: str
    name: str
    beside: bool = Field(description="产业工会：它的数字同时计入所在地区，不能再相加")
    figures: list[FigureOut]


class ChildrenOut(Schema):
    organisation: str
    on: date
    children: list[ChildOut]


class Asked(Schema):
    organisation: Code
    codes: list[Figure] = Field(min_length=1, max_length=20, description="指标代码，可写多个")
    on: Day | None = None


class AskedTrend(Asked):
    months: int = Field(13, ge=1, le=MOST_MONTHS, description="多少个月末")


class AskedBreakdown(Schema):
    organisation: Code
    code: Figure
    by: str = Field(description="分组：definitions 里的 dimensions", pattern="^[a-z_]{1,30}$")
    on: Day | None = None


@router.get(
    "/definitions", auth=GATE, operation_id="figure_definitions", response=answers({200: list[Definition]}),
    summary="指标目录",
)  # fmt: skip
def figure_definitions(request: Call) -> Any:
    """全部指标的代码、单位、统计口径，和可以按什么分组。"""
    return [
        {
            "code": one.code,
            "title": one.title,
            "unit": one.unit,
            "definition": one.definition,
            "source": one.source,
            "rounded": bool(one.private),
            "dimensions": [
                {"code": each.code, "title": each.title, "values": dict(each.labels)}
                for each in one.dimensions
            ],
        }
        for one in registry.all_indicators()
    ]


@router.get(
    "", auth=GATE, operation_id="figures", response=answers({200: FiguresOut}, 404, 503), summary="统计数据"
)
def figures_of(request: Call, asked: Query[Asked]) -> Any:
    """一个工会连同全部下级的数字，今天的或某一天的。"""
    where = _where(request, asked.organisation, asked.on)
    with _in_time():
        found = Disclosure(where).values(asked.codes)
    return {"organisation": asked.organisation, "on": _day(asked.on), "figures": _told(found)}


@router.get(
    "/children", auth=GATE, operation_id="figures_by_child", response=answers({200: ChildrenOut}, 404, 503),
    summary="各直接下级的数字",
)  # fmt: skip
def figures_by_child(request: Call, asked: Query[Asked]) -> Any:
    """每个直接下级连同它的全部下级。"""
    where = _where(request, asked.organisation, asked.on)
    with _in_time():
        rows = Disclosure(where).by_child(asked.codes)
    children = [
        {
            "organisation": row.below.organisation.code,
            "name": row.below.name,
            "beside": row.below.beside,
            "figures": _told({code: row.figures[code] for code in asked.codes}),
        }
        for row in rows
    ]
    return {"organisation": asked.organisation, "on": _day(asked.on), "children": children}


@router.get(
    "/breakdown", auth=GATE, operation_id="figure_breakdown", response=answers({200: BreakdownOut}, 404, 503),
    summary="分组数字",
)  # fmt: skip
def figure_breakdown(request: Call, asked: Query[AskedBreakdown]) -> Any:
    """一个指标按性别、年龄、学历等分组。"""
    one = registry.get(asked.code)
    dimension = next((each for each in one.dimensions if each.code == asked.by), None)
    if dimension is None:
        fault = {
            "parameter": "by",
            "detail": f"“{one.title}”不能按这个分组，见 /api/v1/figures/definitions。",
        }
        raise Problem("invalid", errors=[fault])
    where = _where(request, asked.organisation, asked.on)
    with _in_time():
        found = Disclosure(where).breakdown(asked.code, asked.by)
    rows = [
        {
            "key": key,
            "label": dimension.labels.get(key, dimension.unknown),
            "value": value,
            "withheld": value is None,
        }
        for key, value in found
    ]
    return {
        "organisation": asked.organisation, "on": _day(asked.on), "code": asked.code, "by": asked.by, "rows": rows
    }  # fmt: skip


@router.get(
    "/trend",
    auth=GATE,
    operation_id="figure_trend",
    response=answers({200: TrendOut}, 404, 503),
    summary="逐月数字",
)
def figure_trend(request: Call, asked: Query[AskedTrend]) -> Any:
    """各月末的数字，最后一个点是 on（不填即今天）。"""
    where = _where(request, asked.organisation, asked.on)
    with _in_time():
        points = Disclosure(where).trend(list(dict.fromkeys(asked.codes)), asked.months)
    return {
        "organisation": asked.organisation,
        "points": [{"on": day, "figures": _told(found)} for day, found in points],
    }


@contextmanager
def _in_time() -> Iterator[None]:
    """What isn't counted ahead is counted live: one caller's wide question must not hold the database for long."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST])
            yield
    except OperationalError as failure:
        raise Problem(
            "unavailable", "这些数字现在统计不出来（时间太长或数据库忙）。请减少指标或月份，稍后重试。"
        ) from failure


def _where(request: Call, code: str, on: date | None) -> drilling.Place:
    # Who asks about one person at a time still can't list persons: no scope opens small cells.
    return drilling.place(find(request, code, READ), OnTheWall(request.access), on)


def _day(on: date | None) -> date:
    return on or timezone.localdate()


def _told(found: dict[str, int | None]) -> list[dict[str, Any]]:
    return [{"code": code, "value": value, "withheld": value is None} for code, value in found.items()]
