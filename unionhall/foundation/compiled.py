"""Querysets of the busiest pages, made into SQL once per process and then only given their values.

Django writes the SQL of a queryset anew each time, and PostgreSQL plans it anew; both take longer than reading a row by
its key. Here it is written once and prepared; reading rows and making instances of them stay Django's. What differs
from call to call must be a `Given` (a day, an account): anything else in the queryset is fixed with the first call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Expression

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
    """`make()` gives the queryset, with places in it; a call brings their values and gets the rows.

    A scoped queryset must be admitted (`everywhere`, `visible_to`) by `make`; its prefixes are then fixed, so keep one
    of these per scope, never one for all.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, RowT]]) -> None:
        self._make = make
        self._ready: tuple[models.QuerySet[Any, RowT], Any, str, list[str]] | None = None

    def __call__(self, **values: Any) -> list[RowT]:
        if self._ready is None:
            try:
                self._ready = self._compile()
            except EmptyResultSet:  # nobody's scope
                return []
        made, compiler, sql, places = self._ready
        params = [values[name] for name in places]
        if any(isinstance(value, int) and not LEAST <= value <= LARGEST for value in params):
            return []  # no column holds it; compared as a numeric it would be looked for in every row
        # Copies: the rows of a call, its connection and its values belong to it alone.
        rows, compiler = made.all(), copy(compiler)
        compiler.connection = connections[rows.db]
        compiler.as_sql = lambda *_, **__: (sql, params)
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        with preparing(compiler.connection):
            return list(rows)

    def _compile(self) -> tuple[models.QuerySet[Any, RowT], Any, str, list[str]]:
        rows = self._make()
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        sql, places = _fixed(sql, list(params), compiler.connection)
        return rows, compiler, sql, places


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
