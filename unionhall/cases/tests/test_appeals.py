"""An appeal from coming in to its end: triage, owner, answer, rating, call back, mending."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import appeals, core
from unionhall.cases.actions.ending import carry_out_due
from unionhall.cases.models import Appeal, Case, CaseClock
from unionhall.foundation.actors import Actor, NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday, working_calendar
from unionhall.records.models import Message

WHY = "test"


def matter(world: World, **more: Any) -> appeals.Matter:
    facts: dict[str, Any] = {
        "statement": "公司三个月没发工资了。",
        "cause": "wage",
        "organisation": world.unions["pier"],
    } | more
    return appeals.Matter(**facts)


def filed(world: World, *, anonymous: bool = False, **more: Any) -> appeals.Filed:
    return appeals.file_own(
        world.actor("worker_alpha"),
        matter(world, **more),
        account=world.accounts["worker_alpha"],
        person=world.people["alpha_1"],
        anonymous=anonymous,
    )


def answered(world: World) -> Case:
    officer, case = world.actor("pier_officer"), filed(world).case
    core.move(officer, case, "accept")
    return core.move(officer, case, "answer", opinion="公司已补发两个月工资。")


def clocks(case: Case) -> dict[str, str]:
    rows = CaseClock.objects.everywhere(reason=WHY).filter(case=case).order_by("pk")
    return {one.code: one.state for one in rows}


def test_accepting_gives_an_owner_with_the_reason_and_turns_the_clocks(world: World) -> None:
    made = filed(world)
    assert (made.code, made.case.state, made.case.title) == (
        "",
        "received",
        "工资报酬：公司三个月没发工资了。",
    )
    case = core.move(world.actor("pier_officer"), made.case, "accept")
    assert case.owner == world.accounts["pier_officer"]
    assert "自动分派" in case.owner_because
    assert clocks(case) == {"register": "met", "triage": "met", "answer": "running", "close": "running"}


def test_who_has_least_to_do_is_given_it(world: World) -> None:
    officer = world.actor("chair_alpha")
    owners = []
    for _ in range(2):
        case = filed(world, organisation=world.unions["alpha"]).case
        owners.append(core.move(officer, case, "accept").owner)
    assert set(owners) == {world.accounts["chair_alpha"], world.accounts["officer_alpha"]}


def test_a_bad_rating_opens_a_call_back_of_one_working_day_and_mending(world: World) -> None:
    case = appeals.rate(world.actor("worker_alpha"), answered(world), rating=2, comment="还差一个月")
    assert (case.state, case.is_open) == ("call_back", True)
    rows = {one.code: one for one in CaseClock.objects.everywhere(reason=WHY).filter(case=case)}
    calendar, today = working_calendar(), timezone.localdate()
    assert timezone.localdate(rows["call_back"].due_at) == calendar.add_working_days(today, 1)
    assert timezone.localdate(rows["fix"].due_at) == calendar.add_working_days(today, 15)
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["pier_officer"].pk)
    assert "回访" in told.latest("pk").title
    officer = world.actor("pier_officer")
    case = core.move(officer, case, "called", opinion="电话里说明了第三个月的安排")
    case = core.move(officer, case, "fixed", opinion="第三个月工资已到账")
    case = appeals.rate(world.actor("worker_alpha"), case, rating=4)
    found = Appeal.objects.everywhere(reason=WHY).get(case=case)
    assert (case.state, case.is_open, found.first_rating, found.rating) == ("closed", False, 2, 4)
    assert [one.body for one in case.texts.filter(role="answer")] == [
        "公司已补发两个月工资。", "第三个月工资已到账",
    ]  # fmt: skip


def test_a_fair_rating_closes(world: World) -> None:
    assert appeals.rate(world.actor("worker_alpha"), answered(world), rating=3).state == "closed"


def test_only_who_filed_rates_and_only_an_answer(world: World) -> None:
    with pytest.raises(Refused, match="本人"):
        appeals.rate(world.actor("worker_beta"), answered(world), rating=5)
    with pytest.raises(Refused, match="还不能评价"):
        appeals.rate(world.actor("worker_alpha"), filed(world).case, rating=5)


def test_an_anonymous_appeal_is_tied_to_nobody_and_opens_by_its_code(world: World) -> None:
    made = filed(world, anonymous=True)
    assert made.code
    assert (made.case.filed_by_id, made.case.person_id) == (None, None)
    assert not Case.objects.owned_by(world.actor("worker_alpha").access).exists()
    assert core.hash_of(made.case.number, made.code) == made.case.query_code


def test_what_the_worker_adds_lets_the_clock_go_on(world: World) -> None:
    officer, case = world.actor("pier_officer"), filed(world).case
    core.move(officer, case, "accept")
    case = core.move(officer, case, "ask", opinion="请补充合同")
    assert clocks(case)["answer"] == "paused"
    case = appeals.supply(world.actor("worker_alpha"), case, body="没有签合同")
    assert (case.state, clocks(case)["answer"]) == ("handling", "running")


def test_the_limit_is_extended_once(world: World) -> None:
    officer, case = world.actor("pier_officer"), filed(world).case
    case = core.move(officer, case, "accept")
    core.move(officer, case, "extend", opinion="要等审计")
    assert CaseClock.objects.everywhere(reason=WHY).get(case=case, code="close").amount == 90
    with pytest.raises(Refused, match="已经延长"):
        core.move(officer, case, "extend", opinion="再等")


def test_six_representatives_are_too_many(world: World) -> None:
    with pytest.raises(Refused, match="不超过 5 人"):
        filed(world, headcount=30, representatives=tuple("甲乙丙丁戊己"))
    assert filed(world, headcount=30, representatives=tuple("甲乙丙丁戊")).case.parties.count() == 5


def test_merged_into_another_it_ends_and_both_know(world: World) -> None:
    officer = world.actor("pier_officer")
    one, other = filed(world).case, filed(world).case
    one = appeals.merge(officer, one, other, reason="同一笔工资")
    assert (one.state, one.links.get().other) == ("merged", other)
    with pytest.raises(Refused, match="办结"):
        appeals.merge(officer, other, one, reason="反过来")


def test_unrated_it_is_closed_when_the_time_is_over(world: World) -> None:
    case = answered(world)
    assert carry_out_due(system_actor()) == 0
    assert carry_out_due(system_actor(), now=timezone.now() + timedelta(days=30)) == 1
    case.refresh_from_db()
    assert (case.state, Appeal.objects.everywhere(reason=WHY).get(case=case).rating) == ("closed", None)


def test_the_desk_registers_in_its_place_only(world: World) -> None:
    with pytest.raises(NotAllowed):
        appeals.register(world.actor("chair_beta"), matter(world), channel="1")
    made = appeals.register(
        world.actor("clerk"), matter(world, contact={"name": "赵六", "phone": "13800001234"}), channel="2"
    )
    assert made.code
    assert (made.case.filed_by, made.case.filed_by_id, made.case.channel) == ("赵*", None, "2")
    assert "13800001234" in made.case.contact.reveal()


def test_anyone_may_speak_without_a_name(world: World) -> None:
    made = appeals.file_public(Actor(None, "访客"), matter(world))
    assert made.case.is_anonymous
    assert made.code


def test_a_new_holiday_queues_the_recomputation(world: World) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from unionhall.portal import calendar

    day = timezone.localdate()
    while day.weekday() or Holiday.objects.filter(day=day).exists():
        day += timedelta(days=1)
    calendar.add(world.actor("province_officer"), day=day, is_working_day=False, name="试验假日")
    job = ProcrastinateJob.objects.get(task_name="cases.recompute_clocks")
    assert job.args == {"since": day.isoformat()}
