"""PostgreSQL settings: enough for a province, modest on a laptop, quiet about personal data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

INCLUDE = "unionhall.conf"
MEGABYTE = 1024 * 1024


def initdb_flags(major: int) -> list[str]:
    """Cluster options. C.UTF-8 as LC_CTYPE: with plain C pg_trgm finds nothing in Chinese text."""
    flags = ["--encoding=UTF8"]
    if major >= 14:
        flags.append("--no-instructions")
    if major >= 17:
        flags += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--lc-collate=C",
            "--lc-ctype=C.UTF-8",
        ]
        flags += ["--lc-messages=C"]
    else:
        flags += ["--locale=C.UTF-8", "--lc-messages=C"]
    if major < 18:
        flags.append("--data-checksums")
    return flags


def _memory() -> int:
    """Bytes of memory this machine (or container) may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text().strip())
    except (OSError, ValueError):
        return total
    return min(total, limit)


def _shared_memory_is_small() -> bool:
    """Containers often give /dev/shm 64 MB, which parallel queries overflow."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return False
    return found.f_frsize * found.f_blocks < 256 * MEGABYTE


def _clamp(value: int, low: int, high: int) -> str:
    return f"{max(low, min(high, value // MEGABYTE))}MB"


def settings(
    *, major: int, socket_directory: Path, port: int, tcp: bool, extra: Mapping[str, str]
) -> dict[str, str]:
    """Server settings by name. `extra` wins, so that a test run may switch fsync off."""
    memory = _memory()
    chosen = {
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "120",
        "shared_buffers": _clamp(memory // 4, 64, 8192),
        "effective_cache_size": _clamp(memory // 2, 128, 65536),
        "work_mem": _clamp(memory // 512, 4, 32),
        "maintenance_work_mem": _clamp(memory // 32, 64, 1024),
        "max_wal_size": "4GB",
        # What fills a table or builds an index of its own transaction (a migration, a restore, a first roster) needs no
        # log. A server with a standby says otherwise in postgresql.conf: wal_level = replica, max_wal_senders = 10.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "checkpoint_timeout": "15min",
        "fsync": "on",
        "random_page_cost": "1.1",
        # Helpers cost ten milliseconds to start: they are for jobs over a whole register, not for a page.
        "parallel_setup_cost": "100000",
        "jit": "off",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "log_line_prefix": "%m [%p] ",
        # A statement or a DETAIL line in the log would carry names and ID numbers.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    if major >= 15:
        chosen["log_startup_progress_interval"] = "5s"
    if _shared_memory_is_small():
        chosen["dynamic_shared_memory_type"] = "mmap"
    chosen.update(extra)
    return chosen


def render(chosen: Mapping[str, str]) -> str:
    """The text of the include file."""
    lines = ["# Written at every start; your own settings go into postgresql.conf, after the include."]
    lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in chosen.items()]
    return "\n".join(lines) + "\n"
