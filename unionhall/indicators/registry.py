"""Named figures. A room publishes one with `@indicator`; rooms above ask for its value, breakdown, or the records.

An indicator is a queryset of the records behind it, so a figure and the list it stands for cannot differ. Several
figures over the same records are counted in one query; a breakdown is one GROUP BY.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from unionhall.foundation.scope import Access


class Where(Protocol):
    """For which part of the tree, as of which day (None: today), through whose eyes."""

    @property
    def day(self) -> Any: ...

    @property
    def access(self) -> Access: ...

    def q(self, to: str = "", *, copied: bool = False) -> Q: ...


Rows = Callable[[Any], QuerySet[Any]]
Condition = Callable[[Any], Q]
#: Joins what a condition or an expression needs and the plain records lack; applied once however often asked for.
Prepare = Callable[[QuerySet[Any], Any], QuerySet[Any]]


@dataclass(frozen=True)
class Dimension:
    """A way to break records down: an expression to group by and the words of its values.

    `prepare` adds to the queryset what the expression needs; `parameter` is the filter of the list of records.
    """

    code: str
    title: str
    expression: Callable[[Any], Any]
    labels: Mapping[str, str]
    parameter: str
    prepare: Prepare | None = None
    unknown: str = "未填"


@dataclass(frozen=True)
class Indicator:
    """A figure: what it counts (`definition`), its unit and source, and the page that lists its records."""

    code: str
    title: str
    unit: str
    definition: str
    rows: Rows
    condition: Condition | None = None
    measure: Callable[[Q | None], Aggregate] = lambda condition: Count("pk", filter=condition)
    to: str = "organisation"
    source: str = ""
    list_name: str = ""
    list_query: Mapping[str, str] = field(default_factory=dict)
    dimensions: Sequence[Dimension] = ()
    prepare: Prepare | None = None
    #: The permission that opens the records, where even their number tells of people: others see it coarsely.
    private: str = ""
    #: Why everybody may know the exact number though the records belong to persons.
    public_because: str = ""
    #: Of a sum of money: the figure that counts the records it adds up. Where few are counted, the sum tells of them.
    counted_by: str = ""

    def records(self, where: Where) -> QuerySet[Any]:
        """The records behind the figure."""
        rows = self.rows(where)
        if self.prepare is not None:
            rows = self.prepare(rows, where)
        return rows.filter(self.condition(where)) if self.condition is not None else rows

    def aggregate(self, where: Where) -> Aggregate:
        return self.measure(self.condition(where) if self.condition is not None else None)


class WholeYuan(Sum):
    """A sum of yuan, rounded to whole ones: figures are whole numbers."""

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        statement, values = super().as_sql(*args, **kwargs)
        return f"ROUND({statement})::bigint", values


def yuan(column: str) -> Callable[[Q | None], Aggregate]:
    """The measure of a figure in yuan: what a column of its records comes to."""
    return lambda condition: WholeYuan(column, filter=condition)


class UnknownIndicator(LookupError):
    """A figure was asked for that no room publishes: a spelling mistake."""


_registry: dict[str, Indicator] = {}


def publish(found: Indicator) -> Indicator:
    """Enter an indicator; a code is published once, and money is not broken down."""
    if found.code in _registry:
        raise ValueError(f"indicator {found.code} is published twice")
    if found.counted_by and found.dimensions:
        raise ValueError(f"{found.code} is money: it could not be told by {found.dimensions[0].code} safely")
    _registry[found.code] = found
    return found


def indicator(code: str, **facts: Any) -> Callable[[Rows], Rows]:
    """Decorate `rows(where) -> QuerySet`, already narrowed to `where` and scoped to `where.access`."""

    def register(rows: Rows) -> Rows:
        publish(Indicator(code=code, rows=rows, **facts))
        return rows

    return register


def subset(code: str, *, of: str, when: Condition, **facts: Any) -> None:
    """A figure over those records of another that meet a condition; both are counted in one query."""
    whole = get(of)
    inherited: dict[str, Any] = {
        "unit": whole.unit,
        "list_name": whole.list_name,
        "to": whole.to,
        "measure": whole.measure,
        "private": whole.private,
        "public_because": whole.public_because,
    }
    publish(Indicator(code=code, rows=whole.rows, condition=when, **inherited | facts))


def get(code: str) -> Indicator:
    try:
        return _registry[code]
    except KeyError:
        raise UnknownIndicator(code) from None


def all_indicators() -> list[Indicator]:
    return sorted(_registry.values(), key=lambda one: one.code)


def value(code: str, where: Where) -> int:
    """One figure."""
    return values([code], where)[code]


def values(codes: Iterable[str], where: Where) -> dict[str, int]:
    """Figures together: one query for all that count the same records."""
    found: dict[str, int] = {}
    for rows, group in _grouped(codes).items():
        wanted = {f"figure_{number}": one.aggregate(where) for number, one in enumerate(group)}
        counted = _prepared(rows, group, where).aggregate(**wanted)
        found |= {one.code: counted[f"figure_{number}"] or 0 for number, one in enumerate(group)}
    return found


def breakdown(code: str, where: Where, by: str) -> list[tuple[str, int]]:
    """A figure by the values of one of its dimensions, in one GROUP BY: [(value, count)], in the dimension's order."""
    one = get(code)
    dimension = next(found for found in one.dimensions if found.code == by)
    rows = one.records(where)
    if dimension.prepare is not None and dimension.prepare is not one.prepare:
        rows = dimension.prepare(rows, where)
    tally = rows.values(value=dimension.expression(where)).annotate(count=one.measure(None)).order_by()
    counted: dict[str, int] = {}
    for key, count in tally.values_list("value", "count"):
        text = "" if key is None else str(key)
        text = text if text in dimension.labels else ""
        counted[text] = counted.get(text, 0) + count
    order = [*dimension.labels, ""]
    return [(key, counted[key]) for key in order if counted.get(key)]


def breakdowns(code: str, where: Where) -> dict[str, list[tuple[str, int]]]:
    """The same by every dimension of the figure at once: one GROUP BY over all of them, added up here."""
    one = get(code)
    rows = one.records(where)
    for prepare in {dimension.prepare for dimension in one.dimensions} - {one.prepare, None}:
        rows = prepare(rows, where)  # type: ignore[misc]
    values = {f"by_{dimension.code}": dimension.expression(where) for dimension in one.dimensions}
    counted: dict[str, dict[str, int]] = {dimension.code: {} for dimension in one.dimensions}
    for row in rows.values(**values).annotate(count=one.measure(None)).order_by():
        for dimension in one.dimensions:
            key = row[f"by_{dimension.code}"]
            text = "" if key is None or str(key) not in dimension.labels else str(key)
            tally = counted[dimension.code]
            tally[text] = tally.get(text, 0) + row["count"]
    return {
        dimension.code: [
            (key, counted[dimension.code][key])
            for key in [*dimension.labels, ""]
            if counted[dimension.code].get(key)
        ]
        for dimension in one.dimensions
    }


def tally(
    codes: Iterable[str], where: Where, by: Callable[[QuerySet[Any], Indicator], tuple[QuerySet[Any], Any]]
) -> dict[str, dict[str, int]]:
    """Figures for each value of an expression: {value: {code: figure}}, one GROUP BY for all over the same records.

    `by` is given the rows and the indicator; it answers rows and expression.
    """
    found: dict[str, dict[str, int]] = {}
    for source, group in _grouped(codes).items():
        rows, expression = by(_prepared(source, group, where), group[0])
        wanted = {f"figure_{number}": one.aggregate(where) for number, one in enumerate(group)}
        for row in rows.values(place=expression).annotate(**wanted).order_by():
            counts = found.setdefault(str(row["place"]), {})
            for number, one in enumerate(group):
                counts[one.code] = row[f"figure_{number}"] or 0
    return found


def _prepared(source: Rows, group: Sequence[Indicator], where: Where) -> QuerySet[Any]:
    rows = source(where)
    for prepare in {one.prepare for one in group if one.prepare is not None}:
        rows = prepare(rows, where)
    return rows


def _grouped(codes: Iterable[str]) -> dict[Rows, list[Indicator]]:
    groups: dict[Rows, list[Indicator]] = {}
    for code in codes:
        one = get(code)
        groups.setdefault(one.rows, []).append(one)
    return groups
