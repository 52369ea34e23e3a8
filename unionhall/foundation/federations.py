"""Which federation this process serves, where its own files lie, and where its jobs are told.

A federation is a schema; its name comes into search_path, notification channels, folders and cookies, so it is a plain
identifier. Federations that share a home (one server, one checkout) share only the database server and the collected
static files: keys, attachments and the rest of any but the default one lie in a folder of its own.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

DEFAULT = "unionhall"
VARIABLE, JOBS_VARIABLE = "UNIONHALL_FEDERATION", "UNIONHALL_JOBS_SCHEMA"
#: With it a notification channel (schema, "#", queue) stays below PostgreSQL's 63 bytes, and queues may have 32.
LONGEST = 30
_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")
_TAKEN = frozenset({"public", "information_schema", "pg_catalog", "citus", "columnar"})


def is_name(name: str) -> bool:
    """Whether a schema may be called so: small letters, digits and underscores, none of PostgreSQL's own."""
    return bool(_NAME.fullmatch(name)) and not name.startswith("pg_") and name not in _TAKEN


def _named(environ: Mapping[str, str], variable: str, default: str) -> str:
    name = environ.get(variable) or default
    if not is_name(name):
        raise ImproperlyConfigured(
            f"{variable}={name!r} 不能用作联合会的名字：请用小写字母开头、只含小写字母、数字和下划线、"
            f"不超过 {LONGEST} 个字符的名字，例如 hubei；不能用 public 或以 pg_ 开头。"
        )
    return name


def chosen(environ: Mapping[str, str]) -> str:
    """The federation's schema. Raises ImproperlyConfigured, in plain Chinese, for a name that cannot be one."""
    return _named(environ, VARIABLE, DEFAULT)


def jobs_schema(environ: Mapping[str, str]) -> str:
    """The schema of the job queue's tables: the federation's own, unless they are kept apart (docs/scale.md)."""
    return _named(environ, JOBS_VARIABLE, chosen(environ))


def search_path(environ: Mapping[str, str]) -> str:
    """The schemas in which names are found: the federation's first, extensions last."""
    return ",".join(dict.fromkeys((chosen(environ), jobs_schema(environ), "public")))


def house(home: Path, federation: str) -> Path:
    """Where the keys and files of a federation lie: the home itself for the default one, else a folder inside it."""
    return home if federation == DEFAULT else home / "federations" / federation


def channel(schema: str, name: str) -> str:
    """The notification channel of a schema for one of procrastinate's: channels belong to the whole database."""
    return f"{schema}#{name.partition('#')[2]}"
