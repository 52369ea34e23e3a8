"""Figures over one or several federations: one Ibis expression each, the same on DuckDB and on Spark.

A figure yields cells (federation, area, key, n, of): `area` is the union directly below the federation, `key` the value
of what it is broken down by, `of` the whole that `n` is a part of, where it is one. Cells that another federation gave
in exchange carry the same columns; `n` is null where they are too small to tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from unionhall.foundation.errors import Refused
from unionhall.kit.codes import EDUCATION
from unionhall.members.indicators import AGE_BANDS, PLATFORM
from unionhall.organisations.kinds import Level

from ..figures import month_ends

CELL = ("federation", "area", "key", "n", "of")
ALL, FEDERATION, AREA = "all", "federation", "area"
LEVELS: Mapping[str, tuple[str, ...]] = {ALL: (), FEDERATION: (FEDERATION,), AREA: (FEDERATION, AREA)}
MONTHS = 13


@dataclass(frozen=True)
class Lake:
    """Ibis tables over the exports (None: no export has it) and the day that all of them are of."""

    members: Any
    unions: Any
    flows: Any
    cells: Any
    day: date


@dataclass(frozen=True)
class Figure:
    """A figure over the lake. `labels` are the words of its keys; empty where it isn't broken down."""

    code: str
    title: str
    unit: str
    cells: Callable[[Lake], Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = "members"


def _summed(rows: Any, n: Any, key: Any = "", of: Any = None) -> Any:
    import ibis

    keyed = rows.mutate(
        key=ibis.literal(key) if isinstance(key, str) else key,
        part=n.cast("int64"),
        whole=ibis.null("int64") if of is None else of.cast("int64"),
    )
    cells = keyed.group_by("federation", "area", "key").agg(n=keyed.part.sum(), of=keyed.whole.sum())
    return cells.select(*CELL)


def _of_members(condition: Callable[[Any], Any]) -> Callable[[Lake], Any]:
    def cells(lake: Lake) -> Any:
        rows = lake.members
        return _summed(rows, condition(rows).ifelse(rows.n, 0), of=rows.n)

    return cells


def _known(value: Any, labels: Mapping[str, str]) -> Any:
    """A code that has a label, else "": as the figures of one federation show it."""
    return value.isin(list(labels)).ifelse(value, "")


def _age(lake: Lake) -> Any:
    """The band of the age reached in the year of the day; "" for an unknown birth."""
    import ibis

    rows = lake.members
    age = lake.day.year - rows.birth_year
    bands = [
        (age >= low if high is None else (age >= low) & (age < high), code)
        for code, _, low, high in AGE_BANDS
    ]
    return _summed(rows, rows.n, ibis.cases(*bands, else_=""))


def _growth(lake: Lake) -> Any:
    """Members at the end of each of the last months; the last is the day itself."""
    import ibis

    months = [f"{end:%Y-%m}" for end in month_ends(lake.day, MONTHS)]
    until = [lake.flows.filter(lake.flows.month <= month) for month in months]
    return ibis.union(
        *[_summed(rows, rows.members, month) for rows, month in zip(until, months, strict=True)]
    )


def _unions(condition: Callable[[Any, date], Any] | None = None) -> Callable[[Lake], Any]:
    def cells(lake: Lake) -> Any:
        import ibis

        rows = lake.unions
        one = ibis.literal(1)
        if condition is None:
            return _summed(rows, one)
        return _summed(rows, condition(rows, lake.day).fill_null(False).ifelse(1, 0), of=one)

    return cells


_FIGURES = (
    Figure("members.count", "会员", "人", lambda lake: _summed(lake.members, lake.members.n)),
    Figure("members.women", "女会员", "人", _of_members(lambda rows: rows.sex == "2")),
    Figure("members.migrant", "农民工会员", "人", _of_members(lambda rows: rows.migrant)),
    Figure("members.new_form", "新就业形态会员", "人", _of_members(lambda rows: rows.form == PLATFORM)),
    Figure("members.retained", "保留会籍", "人", _of_members(lambda rows: rows.retained)),
    Figure(
        "members.level", "按所在工会层级", "人",
        lambda lake: _summed(lake.members, lake.members.n, lake.members.level.cast("string")),
        {str(level.value): str(level.label) for level in Level},
    ),
    Figure("members.age", "按年龄", "人", _age, {code: label for code, label, *_ in AGE_BANDS}),
    Figure(
        "members.education", "按学历", "人",
        lambda lake: _summed(lake.members, lake.members.n, _known(lake.members.education, EDUCATION.labels)),
        EDUCATION.labels,
    ),
    Figure("members.growth", "月末会员", "人", _growth, source="flows"),
    Figure("unions.count", "工会组织", "个", _unions(), source="unions"),
    Figure("unions.base", "基层工会", "个", _unions(lambda rows, day: rows.base), source="unions"),
    Figure(
        "unions.terms_ended", "届满未换届", "个", _unions(lambda rows, day: rows.term_end <= day), source="unions"
    ),
)  # fmt: skip
FIGURES: Mapping[str, Figure] = {one.code: one for one in _FIGURES}


def cells(lake: Lake, code: str) -> Any:
    """The cells of a figure: those worked out from facts, and those that other federations gave."""
    one = FIGURES.get(code)
    if one is None:
        raise Refused(f"没有“{code}”这个统计项；可以用：{'、'.join(FIGURES)}。")
    found = one.cells(lake) if getattr(lake, one.source) is not None else None
    if lake.cells is None:
        return found
    given = lake.cells.filter(lake.cells.figure == code).select(*CELL)
    return given if found is None else found.union(given)


def figure(lake: Lake, code: str, by: str = FEDERATION) -> Any:
    """A figure as one expression: columns of `by`, key, n, of, and how many cells were `hidden`, in a fixed order."""
    if by not in LEVELS:
        raise Refused(f"不能按“{by}”统计；可以用：{'、'.join(LEVELS)}。")
    rows, keys = cells(lake, code), [*LEVELS[by], "key"]
    hidden = rows.n.isnull().cast("int64").sum()
    return rows.group_by(*keys).agg(n=rows.n.sum(), of=rows.of.sum(), hidden=hidden).order_by(*keys)


def rows(lake: Lake, code: str, by: str = FEDERATION) -> list[dict[str, Any]]:
    """The figure worked out, as plain rows. A share is n/of; null n: every cell of it is hidden."""
    found: list[dict[str, Any]] = figure(lake, code, by).to_pyarrow().to_pylist()
    return found
