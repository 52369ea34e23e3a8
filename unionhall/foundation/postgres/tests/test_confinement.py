"""As whom PostgreSQL runs: root in a namespace, root as nobody, an ordinary user, a number without a name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from unionhall.foundation.postgres import PostgresError, Server, connection, find_binaries
from unionhall.foundation.postgres.confinement import NOBODY, choose

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgres")]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")


def namespaces_allowed() -> bool:
    return subprocess.run(["unshare", "-U", "true"], capture_output=True, check=False).returncode == 0


@as_root
@pytest.mark.skipif(not namespaces_allowed(), reason="this machine refuses user namespaces")
def test_root_runs_it_in_a_namespace_and_keeps_its_files(home: Path) -> None:
    home.parent.chmod(0o700)
    with Server(home, run_as="namespace") as server:
        assert server.status().confinement == "namespace"
        with psycopg.connect(**connection(home)) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)
        owners = {path.stat().st_uid for path in (home / "postgres" / "data").iterdir()}
    assert owners == {0}
    assert oct(home.parent.stat().st_mode & 0o777) == "0o700"


@as_root
def test_root_without_namespaces_runs_it_as_nobody_elsewhere(place: Path) -> None:
    home, state = place / "home", place / "state"
    server = Server(home, run_as="nobody", state_root=state, say=lambda _text: None)
    with server:
        found = server.status()
        assert found.confinement == "nobody"
        assert found.postmaster
        assert psutil.Process(found.postmaster).uids().real == NOBODY
        with psycopg.connect(**connection(home)) as link:
            link.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert not (home / "postgres" / "data").exists()
    # Data made there is found again without being told.
    with Server(home, state_root=state) as again:
        assert again.status().confinement == "nobody"
        with psycopg.connect(**connection(home)) as link:
            assert link.execute("SELECT n FROM kept").fetchone() == (7,)


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


ORDINARY = """
import os, sys
import psycopg
from unionhall.foundation.postgres import Server
home, programs, python = sys.argv[1:]
os.environ["UNIONHALL_POSTGRES_BIN"] = programs
sys.executable = python
os.setgroups([]); os.setgid(65534); os.setuid(65534)
with Server(home) as server, psycopg.connect(**server.connection()) as link:
    print(server.status().confinement, link.execute("SELECT 5").fetchone()[0])
"""


def for_everyone(program: Path) -> bool:
    """Whether an ordinary user may run it: the interpreter of a checkout may lie under root's closed home."""
    real = program.resolve()
    return all(path.stat().st_mode & 0o001 for path in [real, *real.parents])


@as_root
def test_an_ordinary_user_needs_no_disguise(place: Path) -> None:
    home = place / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    pythons = [p for p in (Path(sys.executable), Path("/usr/bin/python3")) if p.exists() and for_everyone(p)]
    if not pythons:
        pytest.skip("no interpreter that an ordinary user may run")
    package = find_binaries().directory.parent.parent
    reachable = place / "site"
    shutil.copytree(package, reachable / package.name, copy_function=link_or_copy)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, reachable / libraries.name, copy_function=link_or_copy)
    programs = reachable / package.name / "pginstall" / "bin"
    command = [sys.executable, "-c", ORDINARY, str(home), str(programs), str(pythons[0])]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert answer.stdout == "self 5\n", answer.stderr
    assert {path.stat().st_uid for path in (home / "postgres" / "data").iterdir()} == {NOBODY}


@as_root
def test_another_users_home_is_refused_with_advice(home: Path) -> None:
    os.chown(home / "postgres" / "data", 12345, 12345)
    with pytest.raises(PostgresError, match="属于用户编号 12345"):
        Server(home, run_as="namespace").start()


def test_an_unknown_disguise_is_refused(place: Path) -> None:
    with pytest.raises(PostgresError, match="只能是"):
        choose(place / "home", find_binaries(), "king")


def test_a_closed_directory_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(PostgresError, match="没有权限写入"):
        Server(place / "home").start()


def test_without_any_postgresql_it_says_what_to_install(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONHALL_POSTGRES_BIN", str(place))
    with pytest.raises(PostgresError, match="make setup"):
        Server(place / "home").start()
