"""督办: issued, answered, repeated, moved up while nobody answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, supervision
from unionhall.cases.models import Case, SupervisionNote
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.records.models import Message

from .incidents import WHY

pytestmark = pytest.mark.django_db


def late_case(world: World, union: str = "alpha") -> Case:
    return core.open_case(
        system_actor(), kind="incident", organisation=world.unions[union], title="欠薪", channel="7",
        at=timezone.now() - timedelta(days=20),
    )  # fmt: skip


def issued(world: World, case: Case, who: str = "leader") -> SupervisionNote:
    return supervision.issue(world.actor(who), case, asked="三日内说明办理情况。")


def overdue(one: SupervisionNote) -> None:
    rows = SupervisionNote.objects.everywhere(reason=WHY).filter(pk=one.pk)
    rows.update(due_on=timezone.localdate() - timedelta(days=1))


def fresh(one: SupervisionNote) -> SupervisionNote:
    return SupervisionNote.objects.everywhere(reason=WHY).select_related("addressee").get(pk=one.pk)


def told(world: World, who: str) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[who].pk)
    return list(rows.values_list("title", flat=True))


def test_a_leader_supervises_and_the_union_answers(world: World) -> None:
    case = late_case(world)
    one = issued(world, case)
    assert (one.issuer, one.addressee, one.round) == (world.unions["river_city"], world.unions["alpha"], 1)
    assert one.document is not None
    assert "督办：欠薪" in told(world, "chair_alpha")
    with pytest.raises(NotAllowed):
        supervision.reply(world.actor("chair_beta"), one, text="不是我。")
    supervision.reply(world.actor("chair_alpha"), one, text="已约谈单位。")
    assert "督办已回复：欠薪" in told(world, "leader")
    with pytest.raises(NotAllowed):
        supervision.settle(world.actor("chair_alpha"), one)
    supervision.settle(world.actor("leader"), one)
    again = issued(world, case)
    assert again.round == 2
    assert "第 2 次督办：欠薪" in told(world, "chair_alpha")


def test_no_second_note_while_one_waits_and_no_one_supervises_elsewhere(world: World) -> None:
    case = late_case(world)
    issued(world, case)
    with pytest.raises(Refused, match="还没有回复"):
        issued(world, case)
    for who in ("chair_alpha", "gorge_officer", "reviewer"):
        with pytest.raises(NotAllowed):
            issued(world, case, who)
    above = issued(world, case, "province_officer")
    assert above.issuer == world.unions["province"]


def test_unanswered_it_goes_up_to_the_issuer_and_then_is_told_above(world: World) -> None:
    one = issued(world, late_case(world))
    assert supervision.escalate_due(system_actor()) == 0
    way = []
    for _ in range(4):
        overdue(one)
        assert supervision.escalate_due(system_actor()) == 1
        way.append(fresh(one).addressee.short_name)
    assert way == ["pier", "east", "river_city", "river_city"]
    assert (fresh(one).state, fresh(one).level, fresh(one).late) == ("escalated", 4, True)
    assert "督办逾期未回复：欠薪" in told(world, "province_officer")
    supervision.reply(world.actor("chair_alpha"), one, text="现在回复。")
    assert (fresh(one).state, fresh(one).late) == ("replied", True)


def test_a_withdrawn_note_does_not_count_as_repeated(world: World) -> None:
    case = late_case(world)
    one = issued(world, case)
    supervision.withdraw(world.actor("leader"), one, reason="发错了")
    assert issued(world, case).round == 1
    assert supervision.recompute() == 0


def test_a_closed_case_is_not_supervised(world: World) -> None:
    case = late_case(world)
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(closed_at=timezone.now(), state="dismissed")
    with pytest.raises(Refused):
        issued(world, case)
