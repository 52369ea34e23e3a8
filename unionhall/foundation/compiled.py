"""Querysets of the busiest pages, made into SQL once per process and then only given their values.

Django writes the SQL of a queryset anew each time, and PostgreSQL plans it anew; both take longer than reading a row by
its key. Here it is written once and prepared; reading rows and making instances of them stay Django's. What differs
from call to call must be a `Given` (a day, an account): anything else in the queryset is fixed with the first call.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from .engine.base import preparing
from .engine.prepared import PLACE, rows_of
from .fields import SealedAttribute

RowT = TypeVar("RowT")
LEAST, LARGEST = models.BigIntegerField.MAX_BIGINT * -1 - 1, models.BigIntegerField.MAX_BIGINT
#: Descriptors that put a value from the database into the instance and do no more.
_SETTING_ONLY = (DeferredAttribute, ForeignKeyDeferredAttribute, SealedAttribute)


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
    """`make()` gives the queryset (of instances, of tuples, or of one value flat), with places in it; a call brings
    their values and gets the rows.

    A scoped queryset must be admitted (`everywhere`, `visible_to`) by `make`; its prefixes are then fixed, so keep one
    of these per scope, never one for all.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, RowT]]) -> None:
        self._make = make
        self._ready: _Ready | None = None

    def __call__(self, **values: Any) -> list[RowT]:
        return self.ask(**values).get()

    def ask(self, **values: Any) -> Ask[RowT]:
        """The same as a question that may be put together with others."""
        if self._ready is None:
            try:
                self._ready = _Ready.of(self._make())
            except EmptyResultSet:  # nobody's scope
                return Ask.answered([])
        ready = self._ready
        params = [values[name] for name in ready.places]
        if any(isinstance(value, int) and not LEAST <= value <= LARGEST for value in params):
            return Ask.answered(
                []
            )  # no column holds it; compared as a numeric it would be looked for in every row
        return Ask(ready.using, ready.sql, params, ready.rows)


class Ask(Generic[RowT]):
    """A reading statement with its values, asked when `get` is called, or before that with others (`together`)."""

    def __init__(
        self, using: str, sql: str, params: list[Any], made: Callable[[list[Any], Any], list[RowT]]
    ) -> None:
        self.using, self.sql, self.params, self._made = using, sql, params, made
        self._rows: list[RowT] | None = None

    @classmethod
    def answered(cls, rows: list[RowT]) -> Ask[RowT]:
        ask = cls("", "", [], lambda found, _: found)
        ask._rows = rows
        return ask

    @property
    def is_open(self) -> bool:
        return self._rows is None

    def take(self, rows: list[Any]) -> None:
        self._rows = self._made(rows, connections[self.using])

    def get(self) -> list[RowT]:
        if self._rows is None:
            connection = connections[self.using]
            found = rows_of(connection, (self.sql, self.params))
            if found is None:
                # Where statements are logged they are logged as they would be asked by hand.
                way = nullcontext() if connection.queries_logged else preparing(connection)
                with way, connection.cursor() as cursor:
                    cursor.execute(self.sql, self.params)
                    found = [cursor.fetchall()]
            self.take(found[0])
        assert self._rows is not None
        return self._rows


def together(*asks: Ask[Any]) -> None:
    """Put questions that do not wait for each other's answers in one go: the server is woken once, not for each. Where
    that cannot be, each is asked when its answer is wanted."""
    wanted = [ask for ask in asks if ask.is_open]
    if len(wanted) < 2 or len({ask.using for ask in wanted}) > 1:
        return
    found = rows_of(connections[wanted[0].using], *[(ask.sql, ask.params) for ask in wanted])
    for ask, rows in zip(wanted, found or (), strict=False):
        ask.take(rows)


def asked(sql: str, values: list[Any]) -> Ask[tuple[Any, ...]]:
    """A reading statement of our own with `%s` places. Its text must be the same each time: what differs is among the
    values."""
    return Ask(DEFAULT_DB_ALIAS, sql, values, lambda rows, _: rows)


@dataclass(frozen=True)
class _Ready:
    """The statement, the names of its places, and how Django makes of a row what the queryset promises."""

    using: str
    sql: str
    places: list[str]
    converters: list[tuple[int, list[Any], Any]]
    made: Callable[[Any], Any]

    @classmethod
    def of(cls, rows: models.QuerySet[Any, Any]) -> _Ready:
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        sql, places = _fixed(sql, list(params), compiler.connection)
        columns = [one[0] for one in compiler.select]
        converters = [(place, *found) for place, found in compiler.get_converters(columns).items()]
        return cls(rows.db, sql, places, converters, _making(rows, compiler))

    def rows(self, rows: list[Any], connection: Any) -> list[Any]:
        return [self.made(row) for row in self.converted(rows, connection)]

    def converted(self, rows: list[Any], connection: Any) -> list[Any]:
        """As the compiler's `apply_converters` does."""
        if not self.converters:
            return rows
        found = [list(row) for row in rows]
        for row in found:
            for place, converters, expression in self.converters:
                value = row[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                row[place] = value
        return found


class _Maker:
    """Makes the instances of a model as `from_db` does; where that only sets values, by setting them."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.plain = (
            "__init__" not in _own_names(model)
            and "from_db" not in _own_names(model)
            and not any(signal.has_listeners(model) for signal in (pre_init, post_init))
            and all(field.descriptor_class in _SETTING_ONLY for field in model._meta.concrete_fields)
        )

    def from_db(self, using: str, names: list[str], values: Any) -> models.Model:
        if not self.plain:
            return self.model.from_db(using, names, values)
        made = self.model.__new__(self.model)
        state = models.base.ModelState()
        state.db, state.adding = using, False
        made.__dict__["_state"] = state
        made.__dict__.update(zip(names, values, strict=True))
        return made


def _own_names(model: type[models.Model]) -> set[str]:
    """Everything that a model and its bases have besides Django's own."""
    return {name for base in model.__mro__ if base not in (models.Model, object) for name in vars(base)}


def _hastened(populators: list[Any]) -> list[Any]:
    for one in populators:
        one.model_cls = _Maker(one.model_cls)
        _hastened(one.related_populators)
    return populators


def _making(rows: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """What the queryset makes of a row: an instance, its first value, or a tuple without what only orders it."""
    if issubclass(rows._iterable_class, ModelIterable):
        return _instances(rows, compiler)
    flat = issubclass(rows._iterable_class, FlatValuesListIterable)
    return operator.itemgetter(0 if flat else slice(len(compiler.select)))


def _instances(rows: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """What Django's ModelIterable does with a row."""
    info, annotations = compiler.klass_info, compiler.annotation_col_map
    fields = info["select_fields"]
    names = [compiler.select[place][0].target.attname for place in fields]
    others = _hastened(get_related_populators(info, compiler.select, rows.db))  # type: ignore[call-arg]  # stubs of Django 6
    from_db, using, first, last = _Maker(info["model"]).from_db, rows.db, fields[0], fields[-1] + 1
    extra = list(annotations.items())

    def make(row: Any) -> Any:
        instance = from_db(using, names, row[first:last])
        for other in others:
            other.populate(row, instance)
        for name, place in extra:
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

    return PLACE.sub(put, sql), places
