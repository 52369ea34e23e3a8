"""A backup restores to the same; anything doubtful is refused before it is written."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from unionhall.cli import drill
from unionhall.cli.tests.conftest import unionhall
from unionhall.foundation.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cli")]


@pytest.fixture(scope="module")
def backup(installation: Path) -> Path:
    target = installation.parent / "night.backup"
    answer = unionhall(installation, "backup", str(target), "--json")
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)
    assert report["files"] == 1
    assert report["key_numbers"] == [1]
    assert report["tables"]["django_migrations"] > 50
    return target


def with_keys(installation: Path, home: Path) -> Path:
    home.mkdir()
    shutil.copy2(installation / "keys.json", home / "keys.json")
    return home


def rows(home: Path) -> dict[str, int]:
    """How many rows each table of the federation has."""
    with Server(home) as server, psycopg.connect(**server.connection()) as link:
        listed = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'unionhall'").fetchall()
        counts = {}
        for (name,) in listed:
            found = link.execute(
                psycopg.sql.SQL("SELECT count(*) FROM unionhall.{}").format(psycopg.sql.Identifier(name))
            )
            counts[name] = (found.fetchone() or (0,))[0]
    return counts


def manifest(backup: Path) -> dict[str, Any]:
    with tarfile.open(backup) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        found: dict[str, Any] = json.loads(content.read())
        return found


def altered(backup: Path, target: Path, name: str, content: bytes) -> Path:
    """A copy of the backup with one member replaced."""
    with tarfile.open(backup) as old, tarfile.open(target, "w") as new:
        for member in old:
            source = old.extractfile(member)
            assert source is not None
            data = content if member.name == name else source.read()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


def test_what_was_backed_up_comes_back(installation: Path, backup: Path, place: Path) -> None:
    home = with_keys(installation, place / "home")
    answer = unionhall(home, "restore", str(backup), "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["pending_migrations"] == []
    assert rows(home) == manifest(backup)["tables"]
    assert (home / "files" / "ab" / "charter.pdf").read_bytes() == b"%PDF-1.7 a charter"
    again = unionhall(home, "restore", str(backup))
    assert again.returncode == 1
    assert "只能恢复到空的数据库" in again.stderr


def test_the_backup_is_private_and_holds_no_key(installation: Path, backup: Path) -> None:
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    keys = json.loads((installation / "keys.json").read_text())
    content = backup.read_bytes()
    for secret in (keys["index"], keys["secret"], *keys["masters"].values()):
        assert secret.encode() not in content


def test_an_existing_file_is_not_overwritten(installation: Path, backup: Path) -> None:
    before = backup.read_bytes()
    answer = unionhall(installation, "backup", str(backup))
    assert answer.returncode == 1
    assert "已经存在" in answer.stderr
    assert backup.read_bytes() == before


def test_other_keys_are_refused(backup: Path, place: Path) -> None:
    answer = unionhall(place / "home", "restore", str(backup))
    assert answer.returncode == 1
    assert "keys.json" in answer.stderr
    assert list((place / "home").iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "dump", "file", "other"])
def test_a_damaged_backup_restores_nothing(
    installation: Path, backup: Path, place: Path, damage: str
) -> None:
    home = with_keys(installation, place / "home")
    bad = place / "bad.backup"
    if damage == "cut":
        bad.write_bytes(backup.read_bytes()[:5000])
    elif damage == "dump":
        altered(backup, bad, "database.dump", b"PGDMP nonsense")
    elif damage == "file":
        altered(backup, bad, "files/ab/charter.pdf", b"another charter")
    else:
        bad.write_text("a letter")
    answer = unionhall(home, "restore", str(bad))
    assert answer.returncode == 1
    assert len(answer.stderr.strip().splitlines()) == 1
    assert [path.name for path in home.iterdir()] == ["keys.json"]


def test_another_federations_backup_is_neither_restored_nor_drilled(
    installation: Path, backup: Path, place: Path
) -> None:
    """It says whose it is before it asks for keys, which are none of ours."""
    told = manifest(backup) | {"federation": "hubei", "key_numbers": [7]}
    theirs = altered(backup, place / "theirs.backup", "manifest.json", json.dumps(told).encode())
    answer = unionhall(with_keys(installation, place / "home"), "restore", str(theirs))
    assert answer.returncode == 1
    assert "备份属于“hubei”" in answer.stderr
    answer = unionhall(installation, "drill", str(theirs), "--json")
    assert answer.returncode == 1
    (fault,) = json.loads(answer.stdout)["faults"]
    assert "备份属于“hubei”" in fault


def test_federations_that_share_a_directory_keep_their_own_backups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names say whose they are; of the bare times that they were until 0.2.0 the manifest does."""
    from unionhall.cli import archive, backup

    def put(name: str, hour: int, federation: str = "") -> Path:
        path = tmp_path / name
        told = archive.Manifest(2, "", "", federation, "", [], "", 0, "", 0, 0, "", 0)
        with tarfile.open(path, "w") as tar:
            backup._add_json(tar, archive.MANIFEST, told.to_json())
        os.utime(path, (hour, hour))
        return path

    def called(hour: int) -> str:
        return archive.name_at(datetime(2026, 11, 23, hour, tzinfo=UTC))

    monkeypatch.delenv("UNIONHALL_FEDERATION", raising=False)
    bare = [put(f"2026-11-22-0{hour}0000.backup", hour, "unionhall") for hour in (1, 2)]
    named = [put(called(hour), hour) for hour in (5, 7)]
    assert named[0].name == "unionhall-2026-11-23-050000.backup"
    by_hand = put("before-the-move.backup", 3, "unionhall")
    monkeypatch.setenv("UNIONHALL_FEDERATION", "hubei")
    theirs = [put(f"2026-11-22-0{hour}0000.backup", hour, "hubei") for hour in (3, 4)]
    theirs += [put(called(hour), hour) for hour in (6, 8)]
    unread = put("2026-11-22-000000.backup", 0, "")
    unread.write_bytes(b"cut")
    os.utime(unread, (0, 0))
    assert archive.newest(tmp_path) == theirs[3]
    assert backup._prune(tmp_path, 3) == 1
    assert not theirs[0].exists()
    monkeypatch.delenv("UNIONHALL_FEDERATION")
    assert archive.newest(tmp_path) == named[1]
    assert backup._prune(tmp_path, 1) == 3
    assert set(tmp_path.iterdir()) == {named[1], by_hand, unread, *theirs[1:]}
    assert not any(path.exists() for path in bare)
    named[1].unlink()
    assert archive.newest(tmp_path) == by_hand
    os.utime(unread, (9, 9))
    assert archive.newest(tmp_path) == unread, "it may be ours and damaged: a drill will say so"


def rehearsals(home: Path) -> tuple[list[str], list[str]]:
    """What the journal says of the drills so far, and the scratch databases that stand."""
    with Server(home) as server, psycopg.connect(**server.connection()) as link:
        noted = link.execute(
            "SELECT detail->>'ok' FROM unionhall.records_journalentry WHERE action = 'portal.drilled' ORDER BY id"
        ).fetchall()
        left = link.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'unionhall_drill%'"
        ).fetchall()
    return [ok for (ok,) in noted], [name for (name,) in left]


def test_a_drill_restores_beside_what_runs_and_leaves_nothing(installation: Path, backup: Path) -> None:
    before = len(rehearsals(installation)[0])
    answer = unionhall(installation, "drill", str(backup), "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report = json.loads(answer.stdout)
    assert (report["ok"], report["tables"]) == (True, len(manifest(backup)["tables"]))
    noted, left = rehearsals(installation)
    assert noted[before:] == ["true"]
    assert left == []
    assert not list(installation.glob(".drill-*"))


@pytest.mark.django_db
def test_files_removed_while_a_backup_was_made_are_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dump still names them. Others that are missing are a fault; earlier programs take the backup as it is."""
    from unionhall.cli import archive, backup, restore

    class Rows:
        def everywhere(self, **_: Any) -> Any:
            return self

        def values_list(self, *_: Any, **__: Any) -> Any:
            return self

        def iterator(self) -> Any:
            return iter(["ab/gone", "ab/lost"])

    monkeypatch.setattr("unionhall.records.models.Attachment.objects", Rows())
    monkeypatch.setattr(restore, "_check_keys", lambda _: None)
    files, dump, target = tmp_path / "files", tmp_path / "dump", tmp_path / "night.backup"
    (files / "ab").mkdir(parents=True)
    dump.write_bytes(b"PGDMP")
    seen = backup.Moment("", {}, "", 1)
    connection.ensure_connection()
    monkeypatch.setattr("django.conf.settings.FILES_DIR", files)
    with tarfile.open(target, "w") as tar:
        told = backup._fill(tar, dump, seen, {"ab/gone"})
    assert told.files == 0
    assert "vanished" not in archive.Manifest.from_json(told.to_json()).to_json().decode()
    (tmp_path / "scratch").mkdir()
    found = restore.unpack(target, tmp_path / "scratch")
    assert found.vanished == {"ab/gone"}
    report = drill.Report("night.backup")
    assert drill._look_for_files(found, report) == 0
    assert report.faults == ["有 1 个附件在数据库里有记录，备份里没有文件。"]


def test_a_drill_says_what_differs_and_takes_away_what_a_killed_one_left(
    installation: Path, backup: Path, place: Path
) -> None:
    """What differs is told and journalled; scratch of long ago goes, that of a drill that may still go on stays."""
    told = manifest(backup)
    told["tables"]["members_person"] = 7
    told["journal_head"] = "3:" + "0" * 64
    bad = altered(backup, place / "bad.backup", "manifest.json", json.dumps(told).encode())
    old = int(time.time()) - 2 * drill.LEFTOVER_SECONDS
    names = (f"{drill.PREFIX}{old}_aaaa", f"{drill.PREFIX}{int(time.time())}_bbbb")
    forgotten, fresh = installation / ".drill-old", installation / ".drill-new"
    for directory in (forgotten, fresh):
        directory.mkdir()
    os.utime(forgotten, (old, old))
    with Server(installation) as server, psycopg.connect(**server.connection(), autocommit=True) as link:
        for name in names:
            link.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        before = len(rehearsals(installation)[0])
        answer = unionhall(installation, "drill", str(bad))
        noted, left = rehearsals(installation)
        link.execute(psycopg.sql.SQL("DROP DATABASE {}").format(psycopg.sql.Identifier(names[1])))
    there = (forgotten.exists(), fresh.exists())
    fresh.rmdir()
    assert answer.returncode == 1
    assert "members_person：备份时 7，恢复后 0" in answer.stdout
    assert "截断" in answer.stdout
    assert noted[before:] == ["false"]
    assert left == [names[1]]
    assert there == (False, True)
