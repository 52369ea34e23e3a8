"""Failures as one plain line: what went wrong and what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from unionhall.foundation.postgres import PostgresError


class Refusal(Exception):
    """A command cannot do what was asked. The message is for people; `status` is the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return lines[0].strip() if lines else ""


def _database_line(failure: Exception) -> str | None:
    """What to say about a psycopg or Django database error; None for other failures."""
    names = {kind.__name__ for kind in type(failure).__mro__}
    cause = failure.__cause__
    if cause is not None:
        names |= {kind.__name__ for kind in type(cause).__mro__}
    if names & {"UndefinedTable", "UndefinedColumn", "InvalidSchemaName"}:
        return f"数据库结构还没有更新（{_first_line(failure)}）；请先执行 unionhall migrate。"
    if "DiskFull" in names:
        return "数据库所在磁盘已满；请腾出空间后重试。"
    if "OperationalError" in names:
        return f"连不上数据库：{_first_line(failure)}；请检查 DATABASE_URL，或执行 unionhall doctor。"
    return None


def plain(failure: BaseException) -> tuple[str, int]:
    """The line to show and the exit status for any failure."""
    if isinstance(failure, Refusal):
        return str(failure), failure.status
    if isinstance(failure, PostgresError):
        return str(failure), 1
    if type(failure).__name__ in ("CommandError", "SystemCheckError"):
        return str(failure), int(getattr(failure, "returncode", 1) or 1)
    if type(failure).__name__ in ("KeysUnreadable", "ImproperlyConfigured"):
        return str(failure), 1
    if isinstance(failure, ModuleNotFoundError) and not (failure.name or "").startswith("unionhall"):
        return f"缺少程序包 {failure.name}；请执行 make setup。", 1
    if isinstance(failure, FileNotFoundError) and failure.filename:
        return f"找不到文件 {failure.filename}。", 1
    if isinstance(failure, PermissionError) and failure.filename:
        return f"没有权限访问 {failure.filename}；请检查文件归属和权限。", 1
    if isinstance(failure, OSError) and failure.errno == errno.ENOSPC:
        return "磁盘已满；请腾出空间后重试。", 1
    if isinstance(failure, Exception) and (said := _database_line(failure)):
        return said, 1
    reason = _first_line(failure)
    return f"没有预料到的错误 {type(failure).__name__}：{reason}（加 --traceback 查看详情）", 1


def readable(path: str | Path) -> Path:
    """The path, if it is a file that can be read. Raises Refusal otherwise."""
    found = Path(path)
    if not found.is_file():
        raise Refusal(f"找不到文件 {path}。")
    return found
