"""Numbers that slip into the wrong cell, or that people type into a reason, stand nowhere in clear."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.members import exports
from unionhall.members.actions import edit_person
from unionhall.members.intake import actions
from unionhall.members.intake.reading import open_table
from unionhall.records.actions import notify
from unionhall.records.models import JournalEntry, Message

from . import intake_files as make
from .intake_steps import checked

NUMBER, PHONE = "42990019880304901X", "13812345678"


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def clear(number: str) -> list[str]:
    """Tables in which a number stands as text. Sealed columns are bytes and hold no text."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type IN "
            "('text', 'character varying', 'jsonb', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s',
                [f"%{number}%"],
            )
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


def test_a_roster_without_a_heading_tells_no_number(tmp_path: Path) -> None:
    path = make.xlsx(tmp_path / "a.xlsx", [["张三", NUMBER, PHONE, "男"], ["李四", NUMBER, PHONE, "女"]])
    with pytest.raises(Refused) as refused:
        open_table(path, "xlsx")
    assert "张三" in str(refused.value)
    assert NUMBER not in str(refused.value)
    assert PHONE not in str(refused.value)


def test_cells_that_slipped_leave_no_number_in_the_database(world: World, tmp_path: Path) -> None:
    rows = [
        ["姓名", "证件号码", "政治面貌", "所在工会", "性别", NUMBER],
        ["张三", "1", NUMBER, NUMBER, PHONE, ""],
        ["李四", "1", PHONE, PHONE, NUMBER, ""],
    ]
    batch = checked(world, make.xlsx(tmp_path / "a.xlsx", rows))
    assert batch.counts["error"] == 2
    assert [*clear(NUMBER), *clear(PHONE)] == []


def test_reasons_keep_no_number(world: World) -> None:
    actor = world.actor("chair_alpha")
    words = f"本人来电 {PHONE}，证件{NUMBER}有误"
    edit_person(actor, person=world.people["alpha_1"], reason=words, education="20")
    exports.ask(actor, query="", purpose=words)
    notify(world.accounts["chair_alpha"].pk, "请核对", words)
    entry = JournalEntry.objects.everywhere(reason="test").filter(action="members.edit").last()
    assert entry is not None
    assert entry.reason == "本人来电 138******78，证件429******1X有误"
    message = Message.objects.everywhere(reason="test").last()
    assert message is not None
    assert PHONE not in message.body
    assert [*clear(NUMBER), *clear(PHONE)] == []


def test_a_job_is_given_no_number(world: World, tmp_path: Path) -> None:
    batch = checked(world, make.xlsx(tmp_path / "a.xlsx", make.roster(2)))
    actions.ask_commit(world.actor("chair_alpha"), batch=batch, queue=False)
    actions.commit(batch.pk, world.actor("chair_alpha"))
    actions.ask_undo(world.actor("chair_alpha"), batch=batch, reason=f"错把{NUMBER}导入")
    assert clear(NUMBER) == []
