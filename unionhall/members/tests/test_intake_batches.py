"""A batch from file to cards and back: outcomes, messages, commit, undo. On the database, without pages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import Actor, NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import check_bank_card
from unionhall.members.intake import actions
from unionhall.members.intake.planting import KINDS, write_roster
from unionhall.members.models import Card, Employment, Membership, Person, RosterBatch
from unionhall.records.models import Attachment, JournalEntry, Message

from . import intake_files as make
from .intake_steps import checked, committed, dump, messages, staged, undone

WHY = "test"


@pytest.fixture
def actor(world: World) -> Actor:
    return world.actor("chair_alpha")


def of_union(world: World, name: str) -> int:
    return Membership.objects.everywhere(reason=WHY).filter(organisation=world.unions[name]).count()


def test_a_roster_becomes_members_with_cards(world: World, actor: Actor, tmp_path: Path) -> None:
    rows = make.roster(4)
    batch = checked(world, make.xlsx(tmp_path / "a.xlsx", rows), actor=actor)
    assert (batch.state, batch.counts) == ("ready", {"new": 4})
    assert of_union(world, "alpha") == 2
    batch = committed(batch, actor)
    assert (batch.state, batch.counts) == ("committed", {"new": 4, "cards": 4})
    member = Membership.objects.everywhere(reason=WHY).get(batch=batch, person__name=rows[1][0])
    union = world.unions["alpha"]
    assert (member.path, member.second_path, member.entry) == (union.path, union.second_path, "intake")
    assert f"{member.joined_on}" == rows[1][5]
    assert member.period.lower == max(member.joined_on, union.existence.lower)
    person = member.person
    assert person.id_number.reveal() == rows[1][1]
    assert person.phone is not None
    assert person.phone.reveal() == rows[1][3]
    assert person.initials
    assert person.sort_key
    assert person.member_number is not None
    assert person.member_number.startswith("4201")
    assert len(person.member_number) == 12
    card = Card.objects.everywhere(reason=WHY).get(person=person)
    assert check_bank_card(card.number) == card.number
    assert card.number.startswith("420103")
    work = Employment.objects.everywhere(reason=WHY).get(person=person)
    assert work.employer == world.employers["alpha"]
    assert work.work_unit == world.employers["alpha"].name
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="members.intake_committed")
    assert entry.actor_id == actor.account_id
    assert entry.detail["cards"] == 4
    assert len(entry.digest) == 64
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=actor.account_id or 0)
    assert any("发卡 4 张" in message.title for message in told)


def test_the_same_file_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", make.roster(5))
    committed(checked(world, path))
    before = dump()
    again = checked(world, path)
    assert again.counts == {"same": 5}
    with pytest.raises(Refused, match="不需要入库"):
        actions.ask_commit(system_actor(), batch=again, queue=False)
    assert dump() == before


def test_every_planted_mistake_is_found_where_it_is(world: World, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    planted = write_roster(path, 80, errors=2 * len(KINDS), seed=4)
    batch = checked(world, path)
    found = {(number, fault["column"]) for number, row in staged(batch).items() for fault in row.errors}
    assert found == {(one.row, one.column) for one in planted}
    assert batch.counts == {"new": 80 - 2 * len(KINDS), "error": 2 * len(KINDS) - 2, "duplicate": 2}
    assert batch.error_file is not None


def test_messages_say_what_to_do(world: World, tmp_path: Path) -> None:
    rows = make.roster(7)
    rows[1][1] = "4.40E+17"
    rows[2][2] = "女" if rows[2][2] == "男" else "男"
    rows[3][1] = rows[4][1]
    rows[3][0] = rows[4][0]
    rows[3][2] = rows[4][2]
    rows[5][4] = "童生"
    rows[6][5] = "2019-02-30"
    rows[7][3] = "0716-8123456"
    said = messages(checked(world, make.text(tmp_path / "a.csv", rows)))
    assert "末尾数字已丢失" in said[2][0]
    assert said[3][0].startswith("性别与证件号码不符：号码表明是")
    assert said[5] == ["与第 4 行的证件号码重复。同一人只保留一行。"]
    assert "看不懂“童生”" in said[6][0]
    assert "没有这一天" in said[7][0]
    assert "固定电话" in said[8][0]
    assert set(said) == {2, 3, 5, 6, 7, 8}


def test_numeric_ids_are_refused_with_the_reason(world: World, tmp_path: Path) -> None:
    rows: list[list[Any]] = [list(row) for row in make.roster(1)]
    rows[1][1] = int(rows[1][1][:17]) * 10
    said = messages(checked(world, make.xlsx(tmp_path / "a.xlsx", rows)))
    assert "Excel" in said[2][0]
    assert "末尾数字已丢失" in said[2][0]


def test_forgiven_writings(world: World, tmp_path: Path) -> None:
    rows = make.roster(1)
    number = rows[1][1]
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char.lower() for char in number)
    rows[1][1] = f" {wide[:6]} {wide[6:]} "
    rows[1][3] = "+86 " + rows[1][3][:3] + " " + rows[1][3][3:]
    rows[1][5] = "2021年3月"
    batch = checked(world, make.text(tmp_path / "a.csv", rows, "gb18030"))
    row = staged(batch)[2]
    assert row.outcome == "new"
    assert row.joined_on == date(2021, 3, 1)
    assert "没有写日" in row.warnings[0]["message"]
    assert row.id_number.reveal() == number


def test_what_looks_like_nothing_to_a_database_is_kept_as_text(world: World, tmp_path: Path) -> None:
    rows = [[*row, more] for row, more in zip(make.roster(2), ["籍贯", "\\N", ""], strict=True)]
    batch = committed(checked(world, make.text(tmp_path / "a.csv", rows)))
    kept = Person.objects.everywhere(reason=WHY).filter(memberships__batch=batch).order_by("pk")
    assert sorted(kept.values_list("native_place", flat=True)) == ["", "\\N"]


def test_members_of_other_unions_are_offered_as_transfers(world: World, tmp_path: Path) -> None:
    person = world.people["beta_1"]
    rows = [make.HEAD, [person.name, person.id_number.reveal(), "", "", "", ""]]
    batch = checked(world, make.text(tmp_path / "a.csv", rows))
    assert batch.counts == {"transfer": 1}
    assert staged(batch)[2].person_id == person.pk


def test_another_name_for_the_same_number_is_an_error(world: World, tmp_path: Path) -> None:
    person = world.people["alpha_1"]
    rows = [make.HEAD, ["张三丰", person.id_number.reveal(), "", "", "", ""]]
    assert "与系统登记姓名不一致" in messages(checked(world, make.text(tmp_path / "a.csv", rows)))[2][0]


def test_unions_of_rows(world: World, tmp_path: Path) -> None:
    names = [world.unions[name].name for name in ("alpha_night", "beta")]
    rows = [
        [*row, union]
        for row, union in zip(make.roster(5), ["所在工会", *names, "乌有工会", "", ""], strict=True)
    ]
    rows[5][6] = world.unions["alpha_night"].code
    batch = checked(world, make.text(tmp_path / "a.csv", rows))
    found, said = staged(batch), messages(batch)
    assert found[2].organisation == found[6].organisation == world.unions["alpha_night"]
    assert "不在" in said[3][0]
    assert "没有找到" in said[4][0]
    assert found[5].organisation == world.unions["alpha"]


def test_a_union_without_members_of_its_own_needs_the_column(world: World, tmp_path: Path) -> None:
    said = messages(checked(world, make.text(tmp_path / "a.csv", make.roster(1)), "east"))
    assert "不直接登记会员" in said[2][0]
    rows = [
        [*row, union]
        for row, union in zip(make.roster(1), ["所在工会", world.unions["beta"].name], strict=True)
    ]
    assert checked(world, make.text(tmp_path / "b.csv", rows), "east").counts == {"new": 1}


def test_codes_follow_the_source(world: World, tmp_path: Path) -> None:
    rows = [["姓名", "证件号码", "单位就业状况", "变动类型", "会员标识"]]
    rows += [
        [row[0], row[1], code, "", ""] for row, code in zip(make.roster(2)[1:], ["5", "离休"], strict=True)
    ]
    batch = checked(world, make.text(tmp_path / "a.csv", rows))
    assert [staged(batch)[number].status for number in (2, 3)] == ["6", "5"]


def test_joining_before_the_union_existed(world: World, tmp_path: Path) -> None:
    older = next(row for row in make.roster(30)[1:] if row[1][6:10] < "1990")
    rows = [make.HEAD, [*older[:5], "2015-06-01"]]
    batch = committed(checked(world, make.text(tmp_path / "a.csv", rows)))
    assert "早于该工会成立日期" in staged(batch)[2].warnings[0]["message"]
    member = Membership.objects.everywhere(reason=WHY).get(batch=batch)
    assert member.joined_on == date(2015, 6, 1)
    assert member.period.lower == world.unions["alpha"].existence.lower


def changed_file(world: World, folder: Path) -> Path:
    """Known people with new particulars, one new person, one who left a union and comes back."""
    one, two, out = (world.people[name] for name in ("alpha_1", "alpha_2", "outsider"))
    rows = [
        [*make.HEAD, "工种", "农民工"],
        [one.name, one.id_number.reveal(), "", "15412345678", "研究生", "", "焊工", "是"],
        [two.name, two.id_number.reveal(), "", "", "大专", "", "", ""],
        [out.name, out.id_number.reveal(), "", "15487654321", "初中", "", "电工", ""],
        [*make.roster(1)[1], "", ""],
    ]
    return make.text(folder / "changes.csv", rows)


def test_changes_are_written_with_history_and_undo_restores_every_byte(world: World, tmp_path: Path) -> None:
    before = dump()
    batch = checked(world, changed_file(world, tmp_path))
    assert batch.counts == {"changed": 2, "new": 2}
    assert set(staged(batch)[2].changed_columns) == {"phone", "education", "occupation", "migrant_worker"}
    batch = committed(batch)
    person = Person.objects.everywhere(reason=WHY).get(pk=world.people["alpha_1"].pk)
    assert (person.education, person.migrant_worker) == ("10", True)
    assert person.phone is not None
    assert person.phone.reveal() == "15412345678"
    jobs = list(Employment.objects.everywhere(reason=WHY).filter(person=person).order_by("period"))
    assert jobs[-1].occupation == "焊工"
    assert jobs[-1].period.upper is None
    assert len(jobs) == 1 or jobs[-2].period.upper == timezone.localdate()
    assert dump() != before
    batch = undone(batch)
    assert batch.state == "undone"
    assert dump() == before
    assert (
        JournalEntry.objects.everywhere(reason=WHY)
        .filter(action="members.intake_undone", reason="传错了")
        .exists()
    )


def test_undo_keeps_what_something_newer_stands_on(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, make.text(tmp_path / "a.csv", make.roster(4))))
    rows = Membership.objects.everywhere(reason=WHY)
    moved, used, linked, plain = rows.filter(batch=batch).order_by("pk")
    day = timezone.localdate() + timedelta(days=1)
    rows.filter(pk=moved.pk).update(period=DateRange(moved.period.lower, day), exit="transfer")
    Membership.objects.create(
        person=moved.person, organisation=world.unions["beta"], path=world.unions["beta"].path,
        name=moved.name, period=DateRange(day, None), follows=day, joined_on=moved.joined_on, entry="transfer",
    )  # fmt: skip
    Card.objects.everywhere(reason=WHY).filter(person=used.person).update(paper_version=1)
    people = Person.objects.everywhere(reason=WHY)
    people.filter(pk=linked.person_id).update(account=world.accounts["clerk"])
    batch = undone(batch)
    assert batch.counts["undo_removed"] == 1
    assert batch.counts["undo_kept"] == 3
    assert not people.filter(pk=plain.person_id).exists()
    assert people.filter(pk__in=[moved.person_id, used.person_id, linked.person_id]).count() == 3
    said = [w["message"] for row in staged(batch).values() for w in row.warnings if w["column"] == "撤销"]
    assert sorted(text[:6] for text in said) == sorted(["入库后已办理", "会员卡已使用"[:6], "本人已登录使"])


def test_undo_leaves_later_corrections_alone(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, changed_file(world, tmp_path)))
    people = Person.objects.everywhere(reason=WHY).filter(pk=world.people["alpha_2"].pk)
    people.update(education="20", updated_at=timezone.now())
    batch = undone(batch)
    assert people.get().education == "20"
    assert batch.counts["undo_kept"] == 1


def test_undo_asks_for_a_reason_and_comes_to_an_end(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, make.text(tmp_path / "a.csv", make.roster(1))))
    with pytest.raises(Refused, match="原因"):
        actions.ask_undo(system_actor(), batch=batch, reason=" ", queue=False)
    RosterBatch.objects.everywhere(reason=WHY).update(
        committed_at=timezone.now() - timedelta(days=30, minutes=1)
    )
    with pytest.raises(Refused, match="30 天"):
        actions.ask_undo(system_actor(), batch=batch, reason="晚了", queue=False)


def test_a_corrected_error_workbook_comes_in(world: World, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from unionhall.records import attachments

    rows = make.roster(3)
    rows[2][3] = "=1+1"
    batch = checked(world, make.text(tmp_path / "a.csv", rows, "gb18030"))
    assert batch.error_file is not None
    path = tmp_path / "errors.xlsx"
    attachments.write_to(batch.error_file, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [*make.HEAD, "错误说明", "原行号"]
    assert sheet.max_row == 2
    assert sheet["B2"].value == rows[2][1]
    assert sheet["B2"].number_format == "@"
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("'=1+1", "s")
    assert sheet["D2"].fill.fgColor.rgb.endswith("FFD6D6")
    assert not sheet["B2"].fill.fgColor.rgb.endswith("FFD6D6")
    assert sheet["G2"].value.startswith("手机号：")
    sheet["D2"].value = "15400000099"
    book.save(path)
    assert checked(world, path).counts == {"new": 1}


def test_the_template_imports_and_explains(world: World, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from unionhall.members.intake.columns import TITLES
    from unionhall.members.intake.workbook import write_template

    path = tmp_path / "模板.xlsx"
    write_template(path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == TITLES
    assert sheet.max_row == 1
    assert sheet["C1"].comment is not None
    assert sheet.column_dimensions["C"].has_style
    assert len(sheet.data_validations.dataValidation) >= 9
    assert "填表说明" in book.sheetnames
    person = make.roster(1)[1]
    for column, value in zip("ACDF", person[:4], strict=True):
        sheet[f"{column}2"].value = value
    sheet["G2"].value = "土家族"
    sheet["B2"].value = "居民身份证"
    book.save(path)
    batch = checked(world, path)
    assert batch.counts == {"new": 1}
    assert batch.columns["unknown"] == []
    assert batch.columns["notes"] == []


def test_refused_files_leave_nothing(world: World, tmp_path: Path, settings: Any) -> None:
    path = make.text(tmp_path / "a.csv", [["姓名", "手机"], ["甲", "1"]])
    with pytest.raises(Refused, match="证件号码"):
        actions.receive(
            system_actor(), organisation=world.unions["alpha"], path=path, name="a.csv", queue=False
        )
    assert not RosterBatch.objects.everywhere(reason=WHY).exists()
    assert not Attachment.objects.everywhere(reason=WHY).exists()
    # A large file is looked at by the job: the batch keeps the reason, the file goes.
    actions_limit = actions._LOOK_AT_ONCE
    actions._LOOK_AT_ONCE = 0
    try:
        batch = checked(world, path)
    finally:
        actions._LOOK_AT_ONCE = actions_limit
    assert batch.state == "refused"
    assert "证件号码" in batch.message
    assert not Attachment.objects.everywhere(reason=WHY).exists()


def test_who_may_not(world: World, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", make.roster(1))
    for name in ("chair_beta", "clerk", "leader", "river_rights"):
        with pytest.raises(NotAllowed):
            checked(world, path, actor=world.actor(name))
