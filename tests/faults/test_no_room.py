"""A disk that is full while files are taken in, checked and backed up: refused in words, nothing left lying about."""

from __future__ import annotations

import pytest

from . import fullness
from .conftest import House

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(not fullness.possible(), reason="the kernel's filters are Linux's"),
]


def test_files_without_room_are_refused_in_words_and_leave_nothing(house: House) -> None:
    path, target = house.home.parent / "no-room.csv", house.home.parent / "no-room.backup"
    house.do("roster", str(path), 300, 2, 160)
    before, lying = house.do("batches"), house.do("kept_files")
    refused = house.do("without_room", "receive", str(path), house.do("union"))
    assert refused["kind"] == "Refused"
    assert "磁盘空间不足" in refused["said"]
    assert house.do("batches") == before
    assert house.do("kept_files") == lying
    batch = house.do("receive", str(path), house.do("union"))
    seen = house.do("without_room", "check", batch)["value"]
    assert seen["state"] == "uploaded"
    assert "磁盘空间不足" in seen["message"]
    assert house.do("kept_files") == lying + 1, "the roster itself, and no plain copy of it"
    assert house.do("check", batch)["state"] == "ready", "it goes on once there is room"
    entries = set(house.home.parent.iterdir())
    refused = house.do("without_room", "backup", str(target))
    assert "No space left on device" in refused["said"] or "磁盘" in refused["said"], refused
    assert {
        one.name for one in set(house.home.parent.iterdir()) - entries if "answer" not in one.name
    } == set()
    house.audit()
