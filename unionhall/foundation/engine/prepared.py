"""Statements kept ready in the server, called without a cursor.

psycopg's cursor spends several times what PostgreSQL needs to read a row by its key. A statement that came before on a
connection is prepared here and given to libpq directly. Whatever is out of the ordinary (statements being logged, a
broken transaction, a value of another kind, an error) goes the ordinary way, which also says what is wrong.
"""

from __future__ import annotations

import re
import select
from collections import OrderedDict
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

import psycopg
from psycopg import pq
from psycopg._preparing import PrepareManager
from psycopg.adapt import AdaptersMap, Loader, Transformer
from psycopg.errors import error_from_result
from psycopg.types.range import DateRangeLoader

#: Statements prepared on one connection at most; the one longest unused goes.
MOST = 200
PLACE = re.compile("%[s%]")
_TIMESTAMPTZ, _DATERANGE = 1184, 3912
_IDLE, _IN_TRANSACTION = pq.TransactionStatus.IDLE, pq.TransactionStatus.INTRANS
_TUPLES_OK, _COMMAND_OK = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK
#: How a value is written for the server, and of what type it says it is (0: as the statement has it).
_WRITTEN: dict[type, tuple[int, Any]] = {
    int: (20, lambda value: b"%d" % value),
    str: (0, str.encode),
    bool: (16, lambda value: b"t" if value else b"f"),
    date: (1082, lambda value: value.isoformat().encode()),
    datetime: (1184, lambda value: value.isoformat().encode()),
}


def _texts(values: list[Any]) -> bytes:
    """A list of texts as an array of theirs."""
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return ("{" + ",".join([f'"{value}"' for value in quoted]) + "}").encode()


def _array(values: list[Any]) -> tuple[int, Any]:
    """How a list is written: only one of texts is."""
    if any(type(value) is not str for value in values):
        raise KeyError(list)
    return 1009, _texts


class _Ready:
    """A prepared statement and who reads its rows."""

    __slots__ = ("name", "reader")

    def __init__(self, name: bytes, reader: Any) -> None:
        self.name, self.reader = name, reader

    def read(self, result: Any) -> list[Any]:
        self.reader.set_pgresult(result)
        rows: list[Any] = self.reader.load_rows(0, result.ntuples, tuple)
        return rows


class _Surroundings:
    """How values are read: as on Django's connection, but times in C (its loader sets UTC in Python, which is what the
    connection's times are in), and periods, which come again and again, once."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection, self.adapters = connection, AdaptersMap(connection.adapters)
        times = psycopg.adapters.get_loader(_TIMESTAMPTZ, pq.Format.TEXT)
        if times is not None:
            self.adapters.register_loader(_TIMESTAMPTZ, times)
        self.adapters.register_loader(_DATERANGE, _Days)


class _Days(Loader):
    def load(self, data: Any) -> Any:
        return _period(bytes(data))


_read_period = DateRangeLoader(_DATERANGE)


@lru_cache(maxsize=4096)
def _period(data: bytes) -> Any:
    """A range of dates; nobody can change one."""
    return _read_period.load(data)


class Kept:
    """The statements prepared on one connection, by text and types of values."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._ready: OrderedDict[tuple[str, tuple[int, ...]], _Ready | None] = OrderedDict()
        self._made = 0
        self._surroundings: Any = _Surroundings(connection)

    def ready(self, sql: str, types: tuple[int, ...]) -> _Ready | None:
        """The statement, prepared the second time that it is asked for; None before."""
        key = (sql, types)
        if key not in self._ready:
            self._ready[key] = None
            self._forget()
            return None
        self._ready.move_to_end(key)
        found = self._ready[key]
        if found is None:
            name = b"kept_%d" % self._made
            self._made += 1
            with self.connection.lock:
                result = self.connection.pgconn.prepare(name, _numbered(sql), types)
            if result.status != _COMMAND_OK:
                return None
            found = self._ready[key] = _Ready(name, Transformer(self._surroundings))
        return found

    def run(self, one: _Ready, values: list[bytes]) -> list[Any] | None:
        """Its rows. None when it failed and may be tried again in the ordinary way."""
        pgconn = self.connection.pgconn
        with self.connection.lock:
            result = pgconn.exec_prepared(one.name, values)
        if result.status != _TUPLES_OK:
            self.forget()
            if pgconn.transaction_status == _IDLE or self.connection.closed:
                return None
            raise error_from_result(result, encoding=self.connection.info.encoding)
        return one.read(result)

    def run_together(self, calls: list[tuple[_Ready, list[bytes]]]) -> list[list[Any]] | None:
        """The rows of each, sent in one go: the server wakes up once. None as with `run`."""
        pgconn = self.connection.pgconn
        with self.connection.lock:
            pgconn.enter_pipeline_mode()
            try:
                for one, values in calls:
                    pgconn.send_query_prepared(one.name, values)
                pgconn.pipeline_sync()
                results = [self._next() for _ in calls]
                self._next()  # the end of it all
            finally:
                pgconn.exit_pipeline_mode()
        wrong = [one for one in results if one is None or one.status != _TUPLES_OK]
        if wrong:
            self.forget()
            if pgconn.transaction_status == _IDLE or self.connection.closed or wrong[0] is None:
                return None
            raise error_from_result(wrong[0], encoding=self.connection.info.encoding)
        return [one.read(result) for (one, _), result in zip(calls, results, strict=True)]

    def _next(self) -> Any:
        """The next result of a pipeline; waiting for it lets other threads run."""
        pgconn, found = self.connection.pgconn, None
        while True:
            while pgconn.flush() or pgconn.is_busy():
                select.select([pgconn.socket], [], [])
                pgconn.consume_input()
            one = pgconn.get_result()
            if one is None or one.status == pq.ExecStatus.PIPELINE_SYNC:
                return found or one
            found = one

    def forget(self) -> None:
        """The server's statements are gone."""
        self._ready.clear()

    @property
    def open(self) -> bool:
        """Nothing stands in the way of a statement: no transaction that psycopg would have to begin first."""
        made = self.connection
        return not made.closed and (made.autocommit or made.pgconn.transaction_status == _IN_TRANSACTION)

    def _forget(self) -> None:
        while len(self._ready) > MOST:
            _, gone = self._ready.popitem(last=False)
            if gone is not None:
                self.connection.pgconn.exec_(b"DEALLOCATE " + gone.name)


class Preparing(PrepareManager):
    """psycopg's own prepared statements: after a rollback it takes all of a connection back, ours too."""

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self._kept = kept

    def clear(self) -> bool:
        taken = super().clear()
        if taken:
            self._kept.forget()
        return taken


def rows_of(connection: Any, *statements: tuple[str, list[Any]]) -> list[list[Any]] | None:
    """The rows of statements with `%s` places over Django's connection, whose execute wrappers see them; several are
    sent in one go. None when they have to go the ordinary way; nothing was changed then."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    kept: Kept | None = getattr(connection.connection, "kept", None)
    if kept is None or connection.queries_logged or connection.needs_rollback or not kept.open:
        return None
    calls = []
    for sql, params in statements:
        one = _call(kept, sql, params)
        if one is None:
            return None
        calls.append(one)
    found: list[list[Any]] = []

    def execute(*_: Any) -> list[Any] | None:
        with connection.wrap_database_errors:
            if len(calls) == 1:
                return kept.run(*calls[0])
            if not found:
                found.extend(kept.run_together(calls) or ())
            return found

    rows = None
    for sql, params in statements:
        run: Any = execute
        for wrapper in reversed(connection.execute_wrappers):
            run = partial(wrapper, run)
        rows = run(sql, params, False, {"connection": connection, "cursor": None})
    if len(calls) == 1:
        return None if rows is None else [rows]
    return found or None


def _call(kept: Kept, sql: str, params: list[Any]) -> tuple[_Ready, list[bytes]] | None:
    """The prepared statement and its values as they are sent; None where one of them is not to be had."""
    try:
        written = [_WRITTEN[type(value)] if type(value) is not list else _array(value) for value in params]
    except KeyError:
        return None
    one = kept.ready(sql, tuple([kind for kind, _ in written]))
    if one is None:
        return None
    return one, [write(value) for (_, write), value in zip(written, params, strict=True)]


def _numbered(sql: str) -> bytes:
    """`%s` as `$1`, `$2`, …; `%%` as `%`."""
    count = 0

    def put(match: re.Match[str]) -> str:
        nonlocal count
        if match.group() == "%%":
            return "%"
        count += 1
        return f"${count}"

    return PLACE.sub(put, sql).encode()
