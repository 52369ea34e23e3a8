"""Admit, move, retain, resume, end, relocate; register, edit, reveal; cards and posts."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members import actions
from unionhall.members.models import Amendment, Card, Membership, Person, Post
from unionhall.records.models import JournalEntry

WHY = "test"
ON = date(2024, 5, 1)


def journalled(action: str) -> JournalEntry:
    found = JournalEntry.objects.everywhere(reason=WHY).filter(action=action).order_by("-id").first()
    assert found is not None
    return found


def open_of(person: Person) -> Membership:
    return Membership.objects.everywhere(reason=WHY).current().get(person=person)


def test_admit_gives_number_and_card(world: World) -> None:
    person = world.people["outsider"]
    alpha = world.unions["alpha"]
    membership = actions.admit(world.actor("chair_alpha"), person=person, organisation=alpha, on=ON)
    person.refresh_from_db()
    assert membership.path == alpha.path
    assert membership.second_path == alpha.second_path
    assert person.member_number
    assert person.member_number.startswith("4201")
    card = Card.objects.everywhere(reason=WHY).get(person=person)
    assert len(card.number) == 16
    assert journalled("members.admit").detail["organisation"] == alpha.pk


@pytest.mark.parametrize(
    ("union", "on", "says"),
    [
        ("alpha", timezone.localdate() + timedelta(days=1), "不能晚于今天"),
        ("alpha", date(2019, 12, 31), "成立于"),
        ("river_city", ON, "不直接发展会员"),
    ],
)
def test_admit_refuses(world: World, union: str, on: date, says: str) -> None:
    with pytest.raises(Refused, match=says):
        actions.admit(
            system_actor(), person=world.people["outsider"], organisation=world.unions[union], on=on
        )


def test_admit_refuses_the_young_and_those_elsewhere(world: World) -> None:
    child = world.people["outsider"]
    Person.objects.everywhere(reason=WHY).filter(pk=child.pk).update(birth=date(2012, 1, 1))
    with pytest.raises(Refused, match="未满 16 周岁"):
        actions.admit(system_actor(), person=child, organisation=world.unions["alpha"], on=ON)
    with pytest.raises(Refused, match="会籍转接"):
        actions.admit(
            system_actor(), person=world.people["beta_1"], organisation=world.unions["alpha"], on=ON
        )


def test_only_keepers_of_the_union_admit(world: World) -> None:
    for name in ("chair_beta", "auditor", "clerk", "gorge_officer", "river_rights"):
        with pytest.raises(NotAllowed):
            actions.admit(
                world.actor(name), person=world.people["outsider"], organisation=world.unions["alpha"], on=ON
            )


def test_move_closes_and_opens(world: World) -> None:
    membership = world.memberships["beta_1"]
    alpha = world.unions["alpha"]
    moved = actions.move(system_actor(), membership=membership, destination=alpha, on=ON)
    assert moved.organisation_id == alpha.pk
    assert moved.joined_on == membership.joined_on
    assert membership.period.upper == ON
    assert membership.exit == Membership.Exit.TRANSFER
    with pytest.raises(Refused, match="已经结束"):
        actions.move(system_actor(), membership=membership, destination=world.unions["gamma"], on=ON)
    with pytest.raises(NotAllowed):
        actions.move(world.actor("chair_alpha"), membership=moved, destination=world.unions["gamma"], on=ON)


def test_retain_resume_end(world: World) -> None:
    chair = world.actor("chair_beta")
    held = actions.retain(chair, membership=world.memberships["beta_1"], on=ON, reason="退休")
    assert held.standing == Membership.Standing.RETAINED
    with pytest.raises(Refused, match="已经是保留"):
        actions.retain(chair, membership=held, on=ON + timedelta(days=1), reason="退休")
    with pytest.raises(Refused, match="必须晚于"):
        actions.resume(chair, membership=held, on=ON, reason="返聘")
    back = actions.resume(chair, membership=held, on=ON + timedelta(days=30), reason="重新就业")
    assert back.standing == Membership.Standing.ACTIVE
    ended = actions.end(
        chair, membership=back, on=ON + timedelta(days=60), exit=Membership.Exit.WITHDRAWAL, reason="本人申请"
    )
    assert ended.exit == "withdrawal"
    cards = Card.objects.everywhere(reason=WHY).filter(person=world.people["beta_1"])
    assert {card.status for card in cards} <= {Card.Status.REVOKED}
    rows = Membership.objects.everywhere(reason=WHY).filter(person=world.people["beta_1"])
    assert rows.count() == 3
    assert not rows.current().exists()


def test_relocate_carries_all_at_once(world: World) -> None:
    alpha, gamma = world.unions["alpha"], world.unions["gamma"]
    today = timezone.localdate()
    fresh = actions.admit(system_actor(), person=world.people["outsider"], organisation=alpha, on=today)
    count = actions.relocate(world.actor("province_officer"), origin=alpha, destination=gamma, on=today)
    assert count == 3
    fresh.refresh_from_db()
    assert fresh.organisation_id == gamma.pk  # it never stood a day in alpha
    moved = open_of(world.people["alpha_1"])
    assert (moved.organisation_id, moved.path, moved.entry) == (gamma.pk, gamma.path, "reorganisation")
    before = Membership.objects.everywhere(reason=WHY).as_of(today - timedelta(days=1))
    assert before.filter(organisation=alpha).count() == 2
    assert actions.relocate(system_actor(), origin=alpha, destination=gamma, on=today) == 0


def test_relocate_some_only(world: World) -> None:
    person = world.people["alpha_2"]
    count = actions.relocate(
        system_actor(), origin=world.unions["alpha"], destination=world.unions["beta"],
        on=ON, person_ids=[person.pk],
    )  # fmt: skip
    assert count == 1
    assert open_of(person).organisation_id == world.unions["beta"].pk
    assert open_of(world.people["alpha_1"]).organisation_id == world.unions["alpha"].pk


def test_register_checks_and_refuses_twice(world: World) -> None:
    chair = world.actor("chair_alpha")
    number = resident_id(date(1991, 2, 3), "2", 44)
    person = actions.register_person(
        chair, name="田 甜", id_type="01", id_number=number.lower(), phone="+86 139-0000-1234"
    )
    assert (person.name, person.sex, person.birth) == ("田甜", "2", date(1991, 2, 3))
    assert person.initials == "tt"
    assert person.masked_phone == "139****1234"
    with pytest.raises(Refused, match="已经登记过") as refusal:
        actions.register_person(chair, name="田甜", id_type="01", id_number=number)
    assert refusal.value.field == "id_number"
    with pytest.raises(Refused, match="性别与证件号码不一致"):
        actions.register_person(
            chair, name="田甜", id_type="01", id_number=resident_id(date(1991, 2, 4), "2", 45), sex="1"
        )
    with pytest.raises(NotAllowed):
        actions.register_person(world.actor("merchant"), name="田甜", id_type="01", id_number=number)


def test_edit_leaves_history_and_keeps_secrets_sealed(world: World) -> None:
    chair, person = world.actor("chair_alpha"), world.people["alpha_1"]
    changed = actions.edit_person(
        chair, person=person, name="张海霖", education="20", phone="13900005555", reason="本人来函更正"
    )
    assert set(changed) == {"name", "education", "phone"}
    person.refresh_from_db()
    assert person.initials == "zhl"
    assert Person.objects.everywhere(reason=WHY).with_phone("13900005555").get() == person
    trail = {row.field: row for row in Amendment.objects.everywhere(reason=WHY).filter(person=person)}
    assert trail["name"].before is not None
    assert trail["name"].before.reveal() == "张海林"
    assert "13900005555" not in str(journalled("members.edit").detail)
    assert actions.edit_person(chair, person=person, education="20") == []
    with pytest.raises(NotAllowed):
        actions.edit_person(world.actor("chair_beta"), person=person, education="30")


def test_worker_edits_only_what_is_theirs(world: World) -> None:
    worker, person = world.actor("worker_alpha"), world.people["alpha_1"]
    assert actions.edit_person(worker, person=person, education="10") == ["education"]
    with pytest.raises(NotAllowed):
        actions.edit_person(worker, person=person, name="张三")
    with pytest.raises(NotAllowed):
        actions.edit_person(worker, person=world.people["alpha_2"], education="30")


def test_reveal_asks_a_reason_and_is_journalled(world: World) -> None:
    person = world.people["alpha_1"]
    with pytest.raises(Refused, match="查看原因"):
        actions.reveal(world.actor("chair_alpha"), person=person, what="id_number", reason=" ")
    number = actions.reveal(
        world.actor("chair_alpha"), person=person, what="id_number", reason="核对入会材料"
    )
    assert len(number) == 18
    entry = journalled("members.reveal")
    assert (entry.subject_id, entry.reason, entry.detail) == (
        person.pk,
        "核对入会材料",
        {"what": "id_number"},
    )
    assert number not in str(entry.__dict__)
    for name in ("chair_beta", "auditor", "leader", "merchant"):
        with pytest.raises(NotAllowed):
            actions.reveal(world.actor(name), person=person, what="phone", reason="核对入会材料")


def test_card_lifecycle(world: World) -> None:
    person = world.people["alpha_1"]
    rows = Card.objects.everywhere(reason=WHY).filter(person=person)
    card = rows.first() or actions.issue_card(system_actor(), person=person, on=ON, division="420103")
    worker = world.actor("worker_alpha")
    actions.suspend_card(worker, card=card)
    with pytest.raises(Refused):
        actions.suspend_card(worker, card=card)
    actions.restore_card(worker, card=card)
    fresh = actions.replace_card(worker, card=card)
    assert fresh.number != card.number
    with pytest.raises(Refused, match="已经注销"):
        actions.restore_card(worker, card=card)
    with pytest.raises(NotAllowed):
        actions.revoke_card(world.actor("chair_beta"), card=fresh, reason="测试")
    actions.revoke_card(world.actor("chair_alpha"), card=fresh, reason="信息有误")
    assert rows.filter(status=Card.Status.ACTIVE).count() == 0


def test_one_chair_at_a_time(world: World) -> None:
    officer, alpha = world.actor("east_officer"), world.unions["alpha"]
    Post.objects.everywhere(reason=WHY).filter(organisation=alpha).delete()
    post = actions.appoint(officer, person=world.people["alpha_1"], organisation=alpha, title="chair", on=ON)
    with pytest.raises(Refused, match="已有主席"):
        actions.appoint(officer, person=world.people["alpha_2"], organisation=alpha, title="chair", on=ON)
    actions.leave_post(officer, post=post, on=ON + timedelta(days=30))
    actions.appoint(
        officer, person=world.people["alpha_2"], organisation=alpha, title="chair", on=ON + timedelta(days=30)
    )
