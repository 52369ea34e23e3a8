"""Querysets of the busiest pages, made into SQL once per process and then only given their values.

Django writes the SQL of a queryset anew each time, and PostgreSQL plans it anew; both take longer than reading a row by
its key. Here it is written once and prepared; reading rows and making instances of them stay Django's. What differs
from call to call must be a `Given` (a day, an account): anything else in the queryset is fixed with the first call.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, get_related_populators

from .engine.base import preparing

RowT = TypeVar("RowT")
LEAST, LARGEST = models.BigIntegerField.MAX_BIGINT * -1 - 1, models.BigIntegerField.MAX_BIGINT
_PLACE = re.compile("%[s%]")


class Given(Expression):
    """The place of a value that each call brings: `filter(account=Given("account"))`.

    For exact and range look-ups of plain values (numbers, text, dates): no field prepares what is put here.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Reader:
    """Whoever looks, for the queryset of a `Compiled`: the account is given with the call, the subtrees are fixed."""

    account_id: Any = Given("account")

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.paths


class Compiled(Generic[RowT]):
    """`make()` gives the queryset (of instances, or of one value flat), with places in it; a call brings their values
    and gets the rows.

    A scoped queryset must be admitted (`everywhere`, `visible_to`) by `make`; its prefixes are then fixed, so keep one
    of these per scope, never one for all.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, RowT]]) -> None:
        self._make = make
        self._ready: _Ready | None = None

    def __call__(self, **values: Any) -> list[RowT]:
        if self._ready is None:
            try:
                self._ready = _Ready.of(self._make())
            except EmptyResultSet:  # nobody's scope
                return []
        ready = self._ready
        params = [values[name] for name in ready.places]
        if any(isinstance(value, int) and not LEAST <= value <= LARGEST for value in params):
            return []  # no column holds it; compared as a numeric it would be looked for in every row
        connection = connections[ready.using]
        with preparing(connection), connection.cursor() as cursor:
            cursor.execute(ready.sql, params)
            rows = cursor.fetchall()
        return [ready.made(row) for row in ready.converted(rows, connection)]


@dataclass(frozen=True)
class _Ready:
    """The statement, the names of its places, and how Django makes of a row what the queryset promises."""

    using: str
    sql: str
    places: list[str]
    compiler: Any
    converters: dict[int, Any]
    made: Callable[[Any], Any]

    @classmethod
    def of(cls, rows: models.QuerySet[Any, Any]) -> _Ready:
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        sql, places = _fixed(sql, list(params), compiler.connection)
        converters = compiler.get_converters([one[0] for one in compiler.select])
        whole = issubclass(rows._iterable_class, ModelIterable)
        made = _instances(rows, compiler) if whole else operator.itemgetter(0)
        return cls(rows.db, sql, places, compiler, converters, made)

    def converted(self, rows: list[Any], connection: Any) -> Iterable[Any]:
        if not self.converters:
            return rows
        bound = copy(self.compiler)
        bound.connection = connection
        found: Iterable[Any] = bound.apply_converters(rows, self.converters)
        return found


def _instances(rows: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """What Django's ModelIterable does with a row."""
    info, annotations = compiler.klass_info, compiler.annotation_col_map
    fields = info["select_fields"]
    names = [compiler.select[place][0].target.attname for place in fields]
    others = get_related_populators(info, compiler.select, rows.db)  # type: ignore[call-arg]  # stubs of Django 6
    model, using, first, last = info["model"], rows.db, fields[0], fields[-1] + 1

    def make(row: Any) -> Any:
        instance = model.from_db(using, names, row[first:last])
        for other in others:
            other.populate(row, instance)
        for name, place in annotations.items():
            setattr(instance, name, row[place])
        return instance

    return make


def _fixed(sql: str, params: list[Any], connection: Any) -> tuple[str, list[str]]:
    """The statement with whatever is not given written into it, and the names of what is. So PostgreSQL knows the
    prefix of a scope when it plans, and only keys are open."""
    places: list[str] = []
    left = iter(params)

    def put(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%%"
        value = next(left)
        if isinstance(value, Given):
            places.append(value.name)
            return "%s"
        return str(connection.ops.compose_sql("%s", [value])).replace("%", "%%")

    return _PLACE.sub(put, sql), places
