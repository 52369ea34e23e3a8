"""Jobs that run twice, are killed, find the disk full or the register changed; and what they cost in queries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.members.intake import actions, committing, keeping, staging
from unionhall.members.models import Membership, RosterBatch

from . import intake_files as make
from .intake_steps import checked, committed, dump, staged

WHY = "test"


def of_union(world: World, name: str) -> int:
    return Membership.objects.everywhere(reason=WHY).filter(organisation=world.unions[name]).count()


def queries_of(world: World, path: Path) -> int:
    with CaptureQueriesContext(connection) as captured:
        committed(checked(world, path))
    return len(
        [one for one in captured.captured_queries if "UPDATE members_rosterbatch SET stage" not in one["sql"]]
    )


def test_the_number_of_queries_does_not_grow_with_rows(world: World, tmp_path: Path) -> None:
    queries_of(world, make.text(tmp_path / "first.csv", make.roster(1, seed=10)))  # opens the journal's lane
    few = queries_of(world, make.text(tmp_path / "a.csv", make.roster(2, seed=11)))
    many = queries_of(world, make.text(tmp_path / "b.csv", make.roster(200, seed=12)))
    assert few == many
    assert few < 80


def test_a_job_that_runs_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, make.text(tmp_path / "a.csv", make.roster(3))))
    before = dump()
    assert actions.commit(batch.pk, system_actor()).state == "committed"
    assert actions.check(batch.pk).state == "committed"
    assert dump() == before


def test_a_check_that_was_killed_starts_again_from_the_stored_file(world: World, tmp_path: Path) -> None:
    batch = checked(world, make.text(tmp_path / "a.csv", make.roster(3)))
    (tmp_path / "a.csv").unlink()
    RosterBatch.objects.everywhere(reason=WHY).update(state="checking", counts={})
    assert actions.check(batch.pk).counts == {"new": 3}
    assert len(staged(batch)) == 3


def test_the_register_moves_on_between_preview_and_commit(world: World, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", make.roster(3))
    first, second = checked(world, path), checked(world, path, "beta")
    assert first.counts == second.counts == {"new": 3}
    committed(first)
    second = committed(second)
    assert second.counts == {"transfer": 3, "cards": 0}
    assert of_union(world, "beta") == 2


@pytest.mark.parametrize("verb", ["check", "commit"])
def test_a_full_disk_leaves_no_half_batch(
    verb: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> Sequence[Any]:
        raise OSError(28, "No space left on device")

    path = make.text(tmp_path / "a.csv", make.roster(3))
    before = dump()
    if verb == "check":
        with monkeypatch.context() as patch:
            patch.setattr(staging.Staging, "put", full)
            batch = checked(world, path)
        assert batch.state == "uploaded"
        assert not staged(batch)
        assert "磁盘" in batch.message
        assert actions.check(batch.pk).counts == {"new": 3}
        return
    batch = checked(world, path)
    with monkeypatch.context() as patch:
        patch.setattr(committing, "digest", full)
        batch = committed(batch)
    assert batch.state == "ready"
    assert "磁盘" in batch.message
    assert dump() == before
    assert committed(batch).counts["cards"] == 3


@pytest.mark.parametrize("verb", ["check", "commit"])
def test_an_unexpected_error_is_told_and_can_be_continued(
    verb: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a mistake of ours")

    batch = actions.receive(
        system_actor(),
        organisation=world.unions["alpha"],
        path=make.text(tmp_path / "a.csv", make.roster(3)),
        name="a.csv",
        queue=False,
    )
    with monkeypatch.context() as patch:
        if verb == "check":
            patch.setattr(staging.Staging, "put", broken)
            with pytest.raises(RuntimeError):
                actions.check(batch.pk)
        else:
            patch.setattr(committing, "write", broken)
            batch = actions.check(batch.pk)
            with pytest.raises(RuntimeError):
                committed(batch)
    batch = actions.batch_for(batch.pk)
    assert batch.state == ("uploaded" if verb == "check" else "ready")
    assert "意外错误" in batch.message
    if verb == "check":
        batch = actions.check(batch.pk)
    assert committed(batch).counts["cards"] == 3


def test_a_plain_copy_left_by_a_killed_job_is_swept_and_one_being_read_is_not(
    world: World, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    batch = checked(world, make.text(tmp_path / "a.csv", make.roster(2)))
    with keeping.plain_file(batch) as first:
        left = first.parent.with_name("intake-7-left")
        left.mkdir()
        (left / "roster.csv").write_text("张三,1")
        os.utime(left, (1, 1))
        # The same job, taken up a second time because its first runner was thought dead.
        with keeping.plain_file(batch) as second:
            assert not left.exists()
            assert first.read_bytes() == second.read_bytes()
        assert keeping.sweep() == 0
        assert first.exists()
    assert not first.parent.exists()


def test_a_resumed_undo_keeps_the_reason_that_was_given(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, make.text(tmp_path / "a.csv", make.roster(2))))
    actions.ask_undo(system_actor(), batch=batch, reason="传错了单位", queue=False)
    batch.refresh_from_db()
    assert actions._undo_reason(batch) == "传错了单位"
