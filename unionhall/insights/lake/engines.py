"""Where the figures are worked out: DuckDB inside this process, or a Spark Connect server that sees the same files."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from unionhall.foundation.errors import Refused

from . import require
from .figures import Lake
from .writing import CELLS_KIND, FACTS_KIND, Manifest

DUCKDB, SPARK, SPARK_PORT = "duckdb", "sc://", 15002


@contextmanager
def opened(directories: Sequence[Path], engine: str = DUCKDB) -> Iterator[Lake]:
    """The exports of several federations as one lake, for as long as the block lasts.

    `engine` is "duckdb" or the address of a Spark Connect server (`sc://host:port`); its workers read the files under
    the same paths. Raises Refused for exports that don't go together: other days, a federation twice.
    """
    exports = _fitting(directories)
    with _backend(engine) as backend:
        yield Lake(
            _read(backend, exports, "members"),
            _read(backend, exports, "unions"),
            _read(backend, exports, "flows"),
            _read(backend, exports, "cells"),
            date.fromisoformat(exports[0][1].day),
        )


def _fitting(directories: Sequence[Path]) -> list[tuple[Path, Manifest]]:
    if not directories:
        raise Refused("请给出至少一个导出的数据目录。")
    exports = [(path.resolve(), Manifest.read(path)) for path in directories]
    days = sorted({found.day for _, found in exports})
    if len(days) > 1:
        raise Refused(f"各目录的截止日期不同（{'、'.join(days)}），不能合在一起统计；请按同一天重新导出。")
    names = [found.federation for _, found in exports]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"联合会 {'、'.join(twice)} 给了不止一份，会重复计算；每个联合会只留一份。")
    if kinds := {found.kind for _, found in exports} - {FACTS_KIND, CELLS_KIND}:
        raise Refused(f"不认识的数据种类：{'、'.join(sorted(kinds))}。")
    return exports


def _read(backend: Any, exports: list[tuple[Path, Manifest]], table: str) -> Any | None:
    """The table of all exports that have it; None when none has."""
    import ibis

    files = [str(path / found.tables[table].file) for path, found in exports if table in found.tables]
    if not files:
        return None
    if backend.name == DUCKDB:
        return backend.read_parquet(files)
    parts = [backend.read_parquet(file) for file in files]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


@contextmanager
def _backend(engine: str) -> Iterator[Any]:
    require()
    import ibis

    if engine == DUCKDB:
        backend = ibis.duckdb.connect()
        try:
            yield backend
        finally:
            backend.disconnect()
    elif engine.startswith(SPARK):
        require("pyspark")
        from pyspark.sql import SparkSession

        _knock(engine)
        session = SparkSession.builder.remote(engine).create()
        try:
            yield ibis.pyspark.connect(session)
        finally:
            session.stop()
    else:
        raise Refused(f"不认识的计算引擎 {engine}；请用 duckdb 或 sc://主机:端口。")


def _knock(engine: str) -> None:
    """Raise Refused when nobody answers at the address: the client itself would go on trying for minutes."""
    where = urlsplit(engine)
    try:
        socket.create_connection((where.hostname or "", where.port or SPARK_PORT), timeout=5).close()
    except (OSError, ValueError) as failure:
        raise Refused(f"连不上 Spark Connect 服务 {engine}；请检查地址和端口。") from failure
