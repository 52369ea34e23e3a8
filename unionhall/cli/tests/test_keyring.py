"""`unionhall keys`: what it refuses, what it writes down, in which order things happen."""

import fcntl
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.world import World
from unionhall.cli import keyring
from unionhall.cli.errors import Refusal
from unionhall.foundation import keys, resealing
from unionhall.records.models import JournalEntry

Do = Callable[..., int]


@pytest.fixture
def do(
    own_keys: None, world: World, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Do:
    """The command in a home of its own, whose keys are those the test data is sealed with."""
    settings.KEYS, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = settings.KEYS, settings.SECRET_KEY, []
    settings.HOME = settings.FILES_DIR = tmp_path
    keys.save(tmp_path, settings.KEYS)
    monkeypatch.setattr(keyring, "house", lambda: tmp_path)
    monkeypatch.setattr(keyring, "_until_all_follow", lambda: None)
    monkeypatch.delenv("UNIONHALL_KEYS", raising=False)

    def run(what: str, number: int | None = None, **more: Any) -> int:
        given = {"number": number, "background": False, "now": False, "output": None, "json": False}
        return keyring.do(Namespace(what=what, **(given | more)))

    return run


def held(place: Path) -> keys.Keys:
    return keys.load_keys(place, {})


@contextmanager
def another_command(place: Path) -> Iterator[None]:
    """Somebody else changes the ring while the block lasts."""
    with (place / "keys.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_two_commands_change_the_ring_one_after_the_other(do: Do, tmp_path: Path) -> None:
    """What the other one put into the ring meanwhile stays there: it is read when our turn has come."""
    began, over = threading.Event(), threading.Event()

    def rotate() -> None:
        with another_command(tmp_path):
            ring = held(tmp_path)
            began.set()
            over.wait(0.5)
            keys.save(tmp_path, ring.with_master().with_current(2).with_index())

    other = threading.Thread(target=rotate)
    other.start()
    began.wait()
    try:
        assert do("add") == 0
    finally:
        over.set()
        other.join()
    ring = held(tmp_path)
    assert (ring.current, sorted(ring.masters), sorted(ring.indexes)) == (2, [1, 2, 3], [1, 2])


@pytest.mark.parametrize("what", sorted(set(keyring.WHAT) - {"list"}))
def test_a_command_that_meets_another_says_so_and_changes_nothing(
    do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(keyring, "TURN_SECONDS", 0.2)
    before = (tmp_path / "keys.json").read_text()
    with another_command(tmp_path):
        with pytest.raises(Refusal, match="另一个 unionhall keys 命令正在进行"):
            do(what, 1)
        assert do("list") == 0
    assert (tmp_path / "keys.json").read_text() == before


def test_a_master_is_replaced_and_forgotten_only_when_nothing_needs_it(
    do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refusal, match="正在使用"):
        do("retire", 1)
    assert do("add") == 0
    assert (held(tmp_path).current, sorted(held(tmp_path).masters)) == (1, [1, 2])
    assert do("rotate", background=False) == 0
    assert held(tmp_path).current == 2
    assert set(resealing.used()) == {2}
    with pytest.raises(Refusal, match="不到一天"):
        do("retire", 1)
    monkeypatch.setattr(keyring, "REST_SECONDS", 0.0)
    monkeypatch.setattr(resealing, "used", lambda: {1: 3, 2: 5})
    with pytest.raises(Refusal, match="还有 3 个值"):
        do("retire", 1)
    monkeypatch.setattr(resealing, "used", lambda: {1: 0, 2: 8})
    assert do("retire", 1) == 0
    assert (sorted(held(tmp_path).masters), sorted(held(tmp_path).cards)) == ([2], [1])
    for name in ("keys.json", "keys.lock"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    noted = JournalEntry.objects.everywhere(reason="test").order_by("pk").values_list("action", flat=True)
    assert [action for action in noted if action.startswith("records.key")] == [
        "records.key_added", "records.key_rotated", "records.key_resealed", "records.key_retired",
    ]  # fmt: skip
    assert held(tmp_path).masters[2].hex() not in capsys.readouterr().out


def test_no_master_is_forgotten_while_somebody_writes(
    do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction begun before may still commit values that are sealed with it; one that only reads may not."""

    do("rotate")
    monkeypatch.setattr(keyring, "REST_SECONDS", 0.0)
    monkeypatch.setattr(keyring, "WRITING_SECONDS", 0.0)
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
            with pytest.raises(Refusal, match="有写入正在进行"):
                do("retire", 1, now=True)
            assert sorted(held(tmp_path).masters) == [1, 2]
            other.rollback()
            cursor.execute("SELECT 1")
            assert do("retire", 1, now=True) == 0
        other.rollback()


def test_keys_of_the_environment_are_written_for_the_operator_only(
    do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNIONHALL_KEYS", held(tmp_path).to_json())
    with pytest.raises(Refusal, match="--output"):
        do("add")
    assert do("add", output=tmp_path / "next.json") == 0
    assert (tmp_path / "next.json").stat().st_mode & 0o777 == 0o600
    assert sorted(keys.Keys.from_json((tmp_path / "next.json").read_text()).masters) == [1, 2]
    assert sorted(held(tmp_path).masters) == [1], "the file is not touched"


def test_a_secret_is_accepted_before_it_signs_and_after(
    do: Do, tmp_path: Path, settings: LazySettings
) -> None:
    old = settings.SECRET_KEY
    assert do("rotate-secret") == 0
    assert old != settings.SECRET_KEY
    assert [old] == settings.SECRET_KEY_FALLBACKS
    assert do("retire-secret") == 0
    assert held(tmp_path).secrets == ()
    with pytest.raises(Refusal, match="没有旧的"):
        do("retire-secret")


def test_the_index_key_waits_for_the_workers_to_stop(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    with pytest.raises(Refusal, match="后台任务进程在运行"):
        do("rotate-index")
    with pytest.raises(Refusal, match="正在使用"):
        do("retire-index", 1)
