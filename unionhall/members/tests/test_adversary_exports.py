"""An export as of a past day names people who have left; their numbers stay closed."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.world import World
from unionhall.members import exports
from unionhall.members.actions import move
from unionhall.members.models import Export

from .test_exports import ask, written


def test_full_numbers_only_of_those_who_are_still_ours(world: World, settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    gone, stays = world.people["alpha_1"], world.people["alpha_2"]
    move(
        world.actor("province_officer"),
        membership=world.memberships["alpha_1"],
        destination=world.unions["delta"],
        on=date(2025, 1, 1),
    )
    export = ask(world, query="on=2024-06-01", full=True)
    exports.run(export.pk)
    rows = {row["姓名"]: row for row in written(export)}
    number = next(title for title in rows[gone.name] if "证件号" in title or "身份证" in title)
    assert rows[stays.name][number] == stays.id_number.reveal()
    assert rows[gone.name][number] == gone.masked_id
    assert rows[gone.name]["手机号"] == gone.masked_phone


def test_a_plain_workbook_left_by_a_killed_job_goes(world: World, settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path
    running, dead = ask(world), ask(world)
    Export.objects.everywhere(reason="test").filter(pk=running.pk).update(state=Export.State.RUNNING)
    for export in (running, dead):
        folder = tmp_path / "writing" / str(export.pk)
        folder.mkdir(parents=True)
        (folder / "export.xlsx").write_bytes(b"numbers")
    assert exports.sweep() == 1
    assert [path.name for path in (tmp_path / "writing").iterdir()] == [str(running.pk)]
    exports.run(running.pk)  # taken up again
    assert list((tmp_path / "writing").iterdir()) == []
