"""Opening, moving, giving away: what every kind of case does alike."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases import clocks
from unionhall.cases.actions import core
from unionhall.cases.models import Case, CaseClock
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry, Message

Opener = Callable[..., Case]
ZONE = timezone.get_fixed_timezone(480)
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)


def running(case: Case) -> dict[str, CaseClock]:
    return {one.code: one for one in clocks.of(case)}


def test_opening_takes_a_number_the_version_and_its_clocks(opened: Opener, world: World) -> None:
    case = opened(at=MONDAY)
    assert case.number.startswith("TRY20260302")
    assert (case.state, case.closed_at) == ("open", None)
    found = running(case)
    assert found["first"].due_at == MONDAY + timedelta(hours=24)
    assert timezone.localdate(found["total"].due_at, ZONE).isoformat() == "2026-03-23"
    assert case.due_at == found["first"].due_at
    assert [one.label for one in case.events.all()] == ["登记"]
    entry = JournalEntry.objects.everywhere(reason="test").get(action="cases.opened")
    assert entry.subject_label == case.number
    assert Case.objects.owned_by(world.actor("worker_alpha").access).get() == case


def test_an_anonymous_case_knows_nobody(opened: Opener, world: World) -> None:
    case = opened(is_anonymous=True)
    assert (case.filed_by_id, case.person, case.filed_by) == (None, None, "匿名")
    assert {one.actor_id for one in case.events.all()} == {None}
    assert {one.actor_id for one in case.texts.all()} == {None}
    entry = JournalEntry.objects.everywhere(reason="test").get(action="cases.opened")
    assert (entry.actor_id, entry.trace) == (None, "")
    code = core.give_query_code(case)
    assert core.hash_of(case.number, code.lower().replace("-", " ")) == case.query_code


def test_numbers_are_hidden_in_texts_and_sealed_as_they_were(opened: Opener) -> None:
    case = opened(statement="请打 13800001234 找我")
    text = case.texts.get()
    assert "13800001234" not in text.body
    assert text.original.reveal() == "请打 13800001234 找我"


def test_a_move_turns_clocks_and_tells_the_worker(opened: Opener, world: World) -> None:
    case = opened(at=MONDAY)
    chair = world.actor("chair_alpha")
    case = core.move(chair, case, "ask", opinion="请补工资条", at=MONDAY + timedelta(hours=2))
    assert case.state == "waiting"
    assert running(case)["total"].state == "paused"
    assert running(case)["total"].pause_reason == "请补工资条"
    case = core.move(chair, case, "supplied", at=MONDAY + timedelta(days=2))
    assert timezone.localdate(running(case)["total"].due_at, ZONE).isoformat() == "2026-03-25"
    case = core.move(chair, case, "answer", opinion="已责令补发", at=MONDAY + timedelta(days=3))
    ended = {one.code: one.state for one in case.clocks.exclude(ended_at=None)}
    assert ended == {"first": "late", "total": "met"}
    told = Message.objects.everywhere(reason="test").filter(recipient_id=world.accounts["worker_alpha"].pk)
    assert [one.body for one in told.order_by("pk")] == ["请补工资条", "已责令补发"]
    case = core.move(chair, case, "close", at=MONDAY + timedelta(days=4))
    assert (case.is_open, case.due_at) == (False, None)


def test_a_move_is_refused_out_of_turn_without_words_and_without_permission(
    opened: Opener, world: World
) -> None:
    case = opened()
    chair = world.actor("chair_alpha")
    with pytest.raises(Refused, match="要写明"):
        core.move(chair, case, "answer")
    with pytest.raises(Refused, match="不能"):
        core.move(chair, case, "supplied")
    with pytest.raises(NotAllowed):
        core.move(world.actor("chair_beta"), case, "close")
    assert core.move(world.actor("worker_alpha"), case, "close", by_right=True).state == "closed"
    with pytest.raises(Refused, match="办结"):
        core.assign(chair, case, world.accounts["chair_alpha"], because="本单位")


def test_a_case_is_taken_and_given_to_one_who_may_deal_with_it(opened: Opener, world: World) -> None:
    case = opened()
    officer = world.actor("officer_alpha")
    case = core.assign(officer, case, world.accounts["officer_alpha"], because="我来办")
    assert case.owner == world.accounts["officer_alpha"]
    with pytest.raises(NotAllowed):
        core.assign(officer, case, world.accounts["chair_alpha"], because="让主席办")
    with pytest.raises(Refused, match="没有办理"):
        core.assign(world.actor("chair_alpha"), case, world.accounts["chair_beta"], because="请博远办")
    case = core.assign(world.actor("chair_alpha"), case, world.accounts["chair_alpha"], because="我来办")
    assert case.owner_because == "我来办"


def test_a_grade_shortens_open_clocks(opened: Opener, world: World) -> None:
    case = core.regrade(world.actor("chair_alpha"), opened(at=MONDAY), "urgent", because="有人受伤")
    assert running(case)["first"].due_at == MONDAY + timedelta(hours=2)
    assert case.due_at == MONDAY + timedelta(hours=2)


def test_handing_over_moves_the_case_with_its_clocks_and_papers(opened: Opener, world: World) -> None:
    case = opened()
    before = {code: one.due_at for code, one in running(case).items()}
    case = core.hand_over(world.actor("chair_alpha"), case, world.unions["gamma"], reason="单位在山前街道")
    assert {code: one.due_at for code, one in running(case).items()} == before
    assert case.texts.count() == 1
    assert not Case.objects.visible_to(world.actor("chair_alpha").access).exists()
    assert Case.objects.visible_to(world.actor("chair_gamma").access).get() == case


def test_cases_are_linked_once_from_both_sides(opened: Opener, world: World) -> None:
    one, other = opened(), opened(title="同样的事")
    chair = world.actor("chair_alpha")
    assert core.link(chair, one, other, "related") == core.link(chair, one, other, "related")
    assert [event.verb for event in other.events.all()] == ["opened", "linked"]
    with pytest.raises(Refused):
        core.link(chair, one, one, "same")
