"""One to-do list: each room says what waits for whoever looks, as countable items; the desk shows them together.

A room's `todo` module registers its sources (imported when Django is ready). A source that counts rows says
`found = yield ask(rows, late=Count(…), rest=Count(…))`: what all sources ask is answered in one statement. Those whom
a source does not concern are asked nothing.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Aggregate, Count, QuerySet, Value
from django.http import HttpRequest

from .wording import AtLeast

__all__ = ["Ask", "Steps", "Todo", "ask", "register", "todos", "told"]


@dataclass(frozen=True)
class Todo:
    """Things of one kind that wait: `count` of them at `url`. `hot`: overdue, to be done first."""

    label: str
    count: int
    url: str
    unit: str = "件"
    note: str = ""
    hot: bool = False
    order: int = 50


@dataclass(frozen=True)
class Ask:
    """Counts over rows that are scoped already. `most`: rows are counted up to here, more is "at least"."""

    rows: QuerySet[Any]
    counts: Mapping[str, Aggregate] = field(default_factory=dict)
    most: int = 0


#: What a source is: a generator of items that may ask for counts, or any iterable of items.
Steps = Generator[Todo | Ask, dict[str, int], None]
Source = Callable[[HttpRequest], Steps | Iterable[Todo]]
_sources: list[Source] = []


def ask(rows: QuerySet[Any], *, most: int = 0, **counts: Aggregate) -> Ask:
    """Without `counts` it is the number of rows, answered as `all`."""
    return Ask(rows, counts or {"all": Count("pk")}, most)


def register(*sources: Source) -> None:
    """Registering the same source again changes nothing."""
    _sources.extend(source for source in sources if source not in _sources)


def todos(request: HttpRequest, *, besides: Collection[Source] = ()) -> list[Todo]:
    """What waits for the reader, hot first; nothing that counts zero. `besides`: sources shown in another way."""
    found = told(request, *(source for source in _sources if source not in besides))
    return sorted((one for one in found if one.count), key=lambda one: (not one.hot, one.order, one.label))


def told(request: HttpRequest, *sources: Source) -> list[Todo]:
    """All that these say, in no order: what they ask together is one statement, what they ask afterwards the next."""
    found: list[Todo] = []
    waiting: list[tuple[Iterator[Any], dict[str, int] | None]] = [
        (iter(one(request)), None) for one in sources
    ]
    while waiting:
        asked: list[tuple[Iterator[Any], Ask]] = []
        for steps, answer in waiting:
            question = _until_asked(steps, answer, found)
            if question is not None:
                asked.append((steps, question))
        answers = _counted([question for _, question in asked])
        waiting = [(steps, answer) for (steps, _), answer in zip(asked, answers, strict=True)]
    return found


def _until_asked(steps: Iterator[Any], answer: dict[str, int] | None, found: list[Todo]) -> Ask | None:
    """Take what a source says until it asks (the question) or ends (None)."""
    try:
        said = next(steps) if answer is None else steps.send(answer)  # type: ignore[attr-defined]
        while not isinstance(said, Ask):
            found.append(said)
            said = next(steps)
    except StopIteration:
        return None
    return said


def _counted(asked: Collection[Ask]) -> list[dict[str, int]]:
    """All of it in one statement; nothing asked, none."""
    if not asked:
        return []
    texts: list[str] = []
    values: list[Any] = []
    for one in asked:
        try:
            text, given = _compiled(one)
        except EmptyResultSet:
            text, given = "NULL", ()
        texts.append(text)
        values.extend(given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts)}", values)
        row = cursor.fetchone()
    return [_read(one, found) for one, found in zip(asked, row, strict=True)]


def _compiled(one: Ask) -> tuple[str, tuple[Any, ...]]:
    """An array of the counts in their order, as a scalar subquery. Raises UnscopedQuery as running the rows would."""
    guard = getattr(one.rows, "_guard", None)
    if guard is not None:
        guard()
    rows = one.rows.select_related(None).order_by()
    if one.most:
        sql, given = rows.values_list("pk")[: one.most + 1].query.sql_with_params()
        return f"(SELECT ARRAY[count(*)] FROM ({sql}) AS held)", given  # noqa: S608
    if rows.query.distinct or rows.query.is_sliced or rows.query.combinator:
        raise ValueError("ask() counts plain rows: say distinct in the aggregate")
    counted = rows.values(_one=Value(1)).annotate(**one.counts).values(*one.counts)
    sql, given = counted.query.sql_with_params()
    names = ", ".join(connection.ops.quote_name(name) for name in one.counts)
    return f"(SELECT ARRAY[{names}]::bigint[] FROM ({sql}) AS held)", given  # noqa: S608


def _read(one: Ask, found: list[int] | None) -> dict[str, int]:
    counts = dict(zip(one.counts, found or [0] * len(one.counts), strict=True))
    return {name: AtLeast(one.most) if one.most and n > one.most else n for name, n in counts.items()}
