"""What can go wrong with the embedded PostgreSQL, said so that a person can act on it."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class PostgresError(Exception):
    """The embedded PostgreSQL could not do what was asked; the message says what to do, in Chinese."""


class NotRunning(PostgresError):
    """A running server was needed and there is none."""


# What PostgreSQL writes to its log, and what a person should do about it. First match wins.
_EXPLANATIONS: tuple[tuple[str, str], ...] = (
    ("No space left on device", "磁盘已满，请腾出空间后重试"),
    ("Address already in use", "端口已被其他程序占用，请换一个端口或先停掉占用它的程序"),
    ("Permission denied", "没有读写数据目录的权限，请检查目录归属，或换一个 UNIONHALL_HOME"),
    ("has wrong ownership", "数据目录属于另一个用户，请用该用户启动"),
    ("has invalid permissions", "数据目录权限过宽，请执行 chmod 0700"),
    ("database files are incompatible", "数据目录由另一个版本的 PostgreSQL 建立，请用原版本备份后再恢复"),
    ("could not locate a valid checkpoint record", "数据文件已损坏，请从备份恢复（unionhall restore）"),
    ("invalid checksum", "数据文件已损坏，请从备份恢复（unionhall restore）"),
    ("Cannot allocate memory", "内存不足，请关闭其他程序后重试"),
    ("could not resize shared memory segment", "共享内存不足，请增大 /dev/shm"),
    ("Too many open files", "打开的文件过多，请调大 ulimit -n"),
    ("Read-only file system", "所在磁盘是只读的，请换一个 UNIONHALL_HOME"),
    ("could not look up effective user ID", "当前用户编号在系统里没有账户名，请用正常账户启动"),
    ("error while loading shared libraries", "PostgreSQL 程序缺少依赖库，请重新执行 make setup"),
)


def explain_log(text: str) -> str | None:
    """The advice for the first known complaint in a piece of PostgreSQL log, or None."""
    for needle, advice in _EXPLANATIONS:
        if needle in text:
            return advice
    return None


def explain_os_error(failure: OSError, path: Path) -> PostgresError:
    """An operating-system refusal about `path` as a PostgresError."""
    if failure.errno == errno.ENOSPC:
        return PostgresError(f"磁盘已满，无法写入 {path}；请腾出空间后重试。")
    if failure.errno in (errno.EACCES, errno.EPERM):
        return PostgresError(f"没有权限写入 {path}；请检查目录归属，或用 UNIONHALL_HOME 指定另一个目录。")
    if failure.errno == errno.EROFS:
        return PostgresError(f"{path} 所在磁盘是只读的；请用 UNIONHALL_HOME 指定另一个目录。")
    reason = os.strerror(failure.errno) if failure.errno else str(failure)
    return PostgresError(f"无法使用 {path}：{reason}。")
