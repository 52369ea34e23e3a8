"""Rosters are kept no longer than the scheme says, and never shorter than they may be taken back."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadhandler import FileUploadHandler
from django.utils import timezone

from tests.world import World
from unionhall.foundation import uploads
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.intake import actions, limits
from unionhall.members.intake.clearing import clear_ended
from unionhall.members.models import RosterBatch
from unionhall.records.models import Attachment, JournalEntry

from . import intake_files as make
from .intake_steps import WHY, checked, committed, staged

pytestmark = pytest.mark.django_db


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_supplied", lambda on, division: limits.Limits(undo_days=10, keep_days=20))


def aged(batch: RosterBatch, days: float) -> None:
    """As if everything had happened to the batch so many days earlier."""
    fields = ("created_at", "checked_at", "committed_at", "undone_at")
    values = {name: getattr(batch, name) - timedelta(days=days) for name in fields if getattr(batch, name)}
    RosterBatch.objects.everywhere(reason=WHY).filter(pk=batch.pk).update(**values)


def test_a_committed_roster_is_cleared_when_its_time_is_over(
    world: World, tmp_path: Path, short_limits: None
) -> None:
    rows = make.roster(3)
    rows[2][3] = "12"
    batch = committed(checked(world, make.text(tmp_path / "a.csv", rows)))
    aged(batch, 19.9)
    assert clear_ended() == 0
    aged(batch, 20.1)
    assert clear_ended() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.counts["cards"]) == ("committed", 2)
    assert batch.cleared_at is not None
    assert batch.file is None
    assert batch.error_file is None
    assert not staged(batch)
    assert not Attachment.objects.everywhere(reason=WHY).exists()
    entry = JournalEntry.objects.everywhere(reason=WHY).about(batch).get(action="members.intake_cleared")
    assert entry.detail == {"rows": 3, "files": 2}
    assert clear_ended() == 0
    with pytest.raises(Refused, match="10 天"):
        actions.ask_undo(system_actor(), batch=batch, reason="晚了", queue=False)


def test_nothing_that_may_be_taken_back_is_cleared(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_supplied", lambda on, division: limits.Limits(undo_days=10, keep_days=1))
    batch = committed(checked(world, make.text(tmp_path / "a.csv", make.roster(2))))
    aged(batch, 9)
    assert clear_ended() == 0
    aged(batch, 11)
    assert clear_ended() == 1


def test_a_roster_that_nobody_confirms_is_given_up(world: World, tmp_path: Path, short_limits: None) -> None:
    batch = checked(world, make.text(tmp_path / "a.csv", make.roster(2)))
    aged(batch, 21)
    assert clear_ended() == 1
    batch.refresh_from_db()
    assert batch.state == "discarded"
    assert "重新上传" in batch.message
    assert not staged(batch)


def test_the_limits_come_from_the_scheme() -> None:
    found = limits.limits(timezone.localdate(), "420106")
    assert (found.undo_days, found.keep_days) == (30, 90)


def test_uploads_wait_in_a_private_folder_and_are_swept(tmp_path: Path, settings: object) -> None:
    settings.UPLOADS_DIR = tmp_path / "home" / "uploads"  # type: ignore[attr-defined]
    handler = uploads.PrivateUploads()
    FileUploadHandler.__init__(handler)
    handler.new_file("file", "名册.csv", "text/csv", 3)
    handler.receive_data_chunk(b"abc", 0)
    path = Path(handler.file.temporary_file_path())
    assert path.parent == tmp_path / "home" / "uploads"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    left = path.with_name("left.upload")
    left.write_bytes(b"abc")
    assert uploads.sweep() == 0
    os.utime(left, (1, 1))
    assert uploads.sweep() == 1
    assert path.exists()
    handler.file.close()
    assert not path.exists()
