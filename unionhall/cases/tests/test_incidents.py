"""An incident: graded, its clocks, late and withheld reports seen, the room, talks, closing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, incidents, incidents_room
from unionhall.cases.models import Case, IncidentDuty
from unionhall.cases.rules.incidents import judge_report, span
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry, Message

from .incidents import OFFICER, WHY, clock, facts, log, now, reported

pytestmark = pytest.mark.django_db


def _told(world: World, who: str) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[who].pk)
    return list(rows.order_by("pk").values_list("title", flat=True))


def test_a_report_is_graded_and_its_clocks_run_from_when_it_was_known(world: World) -> None:
    case = reported(world)
    assert (case.state, case.grade, case.headcount) == ("reported", "III", 120)
    known = case.incident.known_at
    assert clock(case, "phone").due_at == known + timedelta(minutes=30)
    assert clock(case, "written").due_at == known + timedelta(hours=2)
    assert clock(case, "release").due_at == known + timedelta(hours=4)
    assert now(case).due_at == clock(case, "phone").due_at
    assert clock(case, "judge").state == "met"
    assert "群体性事件首报" in _told(world, "leader")
    assert (case.incident.late_minutes, case.incident.withheld) == (0, False)


@pytest.mark.parametrize(
    ("headcount", "deaths", "triggers", "grade"),
    [
        (2999, 0, (), "II"),
        (3000, 0, (), "I"),
        (9, 0, (), ""),
        (20, 1, (), "III"),
        (20, 0, ("cross_region",), "II"),
    ],
)
def test_the_table_of_the_place_grades(
    world: World, headcount: int, deaths: int, triggers: tuple[str, ...], grade: str
) -> None:
    assert reported(world, headcount=headcount, deaths=deaths, triggers=triggers).grade == grade


def test_a_late_report_and_a_withheld_one_are_told_to_superiors(world: World) -> None:
    known = timezone.now() - timedelta(hours=2)
    case = reported(world, occurred_at=known - timedelta(days=2), known_at=known)
    assert case.incident.late_minutes == 90
    assert case.incident.withheld
    assert "群体性事件迟报、疑似瞒报" in _told(world, "leader")
    assert "群体性事件迟报、疑似瞒报" in _told(world, "province_officer")


def test_who_phoned_in_time_is_not_late_by_typing(world: World) -> None:
    known = timezone.now() - timedelta(hours=2)
    case = reported(world, occurred_at=known, known_at=known, phoned_at=known + timedelta(minutes=20))
    assert case.incident.late_minutes == 0
    assert clock(case, "phone").state == "met"


def test_the_rule_says_what_is_late() -> None:
    at = timezone.now()
    minutes = {"phone_minutes": 30, "withheld_minutes": 1440}
    exact = judge_report(occurred_at=at, known_at=at, reported_at=at + timedelta(minutes=30), **minutes)
    assert (exact.late_minutes, exact.withheld, exact.words) == (0, False, ())
    a_day = judge_report(occurred_at=at, known_at=at, reported_at=at + timedelta(days=1), **minutes)
    assert (a_day.late_minutes, a_day.withheld) == (1410, False)
    more = judge_report(occurred_at=at, known_at=at, reported_at=at + timedelta(days=1, minutes=1), **minutes)
    assert more.withheld
    assert span(1440 * 3 + 60) == "3 天 1 小时"


@pytest.mark.parametrize("wrong", ["future", "known_before", "nobody"])
def test_facts_that_cannot_be_are_refused(world: World, wrong: str) -> None:
    ago = timezone.now() - timedelta(hours=1)
    cases: dict[str, dict[str, Any]] = {
        "future": {"occurred_at": timezone.now() + timedelta(hours=1), "known_at": timezone.now()},
        "known_before": {"occurred_at": ago, "known_at": ago - timedelta(minutes=1)},
        "nobody": {"headcount": 0},
    }
    with pytest.raises(Refused):
        reported(world, **cases[wrong])


def test_only_who_handles_incidents_there_reports(world: World) -> None:
    for who in ("leader", "gorge_officer", "chair_gamma"):
        with pytest.raises(NotAllowed):
            incidents.report(world.actor(who), organisation=world.unions["east"], title="停工", facts=facts())


def test_updates_begin_the_next_two_hours_and_more_people_grade_anew(world: World) -> None:
    case = reported(world)
    first = clock(case, "update")
    log(world, case, "update", "人数增加。", headcount=1200)
    second = clock(case, "update")
    assert second.pk != first.pk
    assert clock(case, "update").state == "running"
    fresh = now(case)
    assert (fresh.headcount, fresh.grade) == (1200, "II")
    assert clock(case, "written").due_at == case.incident.known_at + timedelta(hours=1)
    assert "群体性事件升级" in _told(world, "leader")
    log(world, case, "update", "散去一半。", headcount=40)
    assert now(case).grade == "II"


def test_a_grade_is_changed_for_a_reason_and_milder_only_by_somebody(world: World) -> None:
    case = reported(world)
    with pytest.raises(Refused):
        incidents.regrade(world.actor(OFFICER), case, headcount=12, deaths=0, triggers=(), because=" ")
    fresh = incidents.regrade(
        world.actor(OFFICER), case, headcount=12, deaths=0, triggers=(), because="核实实到 12 人"
    )
    assert (fresh.grade, fresh.headcount) == ("IV", 12)
    judged = incidents.regrade(
        world.actor(OFFICER), case, headcount=12, deaths=0, triggers=(), because="有扩大趋势", grade="III"
    )
    assert judged.grade == "III"
    event = judged.events.order_by("-pk")[0]
    assert "按分级表为一般（Ⅳ级）" in event.opinion


def test_roles_are_held_for_a_period_by_those_who_may(world: World) -> None:
    case, actor = reported(world), world.actor(OFFICER)
    with pytest.raises(Refused):
        incidents_room.stand_in(actor, case, role="on_site", account=world.accounts["pier_officer"])
    one = incidents_room.stand_in(actor, case, role="on_site", account=world.accounts["river_officer"])
    two = incidents_room.stand_in(actor, case, role="on_site", account=world.accounts["river_rights"])
    rows = IncidentDuty.objects.everywhere(reason=WHY)
    assert rows.get(pk=one.pk).until == two.since
    assert two.until is None
    assert "请您担任现场负责人" in _told(world, "river_officer")


def _through(world: World, case: Case) -> None:
    """From the report to the review, each phase by its verb."""
    actor = world.actor(OFFICER)
    core.move(actor, case, "verify", opinion="属实")
    core.move(actor, case, "arrive")
    with pytest.raises(Refused, match="职工意见"):
        core.move(actor, case, "gather")
    opinion = incidents_room.collect(actor, case, topic="wages", body="要求补发三个月工资", people=80)
    incidents_room.answer(actor, opinion, answer="单位同意分两次补发")
    core.move(actor, case, "gather")
    incidents_room.hold_talk(
        actor, case, held_at=timezone.now(), place="街道会议室", workers="代表五人", employer="总经理",
        result="agreed", minutes="同意分两次补发",
    )  # fmt: skip
    incidents_room.agree(
        actor, case, signed_on=timezone.localdate(), terms="月底前补发一半", people=120,
        perform_by=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    with pytest.raises(Refused, match="刷新页面"):  # pressed twice
        incidents_room.agree(actor, case, signed_on=timezone.localdate(), terms="月底前补发", people=120)
    core.move(actor, case, "resume", opinion="已复工")
    core.move(actor, case, "assess")


def test_the_phases_follow_each_other_to_the_review(world: World) -> None:
    case, actor = reported(world), world.actor(OFFICER)
    log(world, case, "support", "派人到区政府值守。")
    _through(world, case)
    assert now(case).state == "review"
    with pytest.raises(Refused):
        incidents.close(actor, case, review="  ")
    closed = incidents.close(actor, case, review="经过、处置、教训。")
    assert closed.state == "closed"
    assert closed.closed_at is not None
    assert closed.due_at is None
    assert {one.state for one in closed.clocks.all() if one.code in ("written", "release")} == {"void"}
    assert clock(case, "assistance").state == "met"


def test_nothing_is_agreed_before_it_is_written(world: World) -> None:
    case, actor = reported(world), world.actor(OFFICER)
    with pytest.raises(Refused):
        incidents_room.hold_talk(
            actor,
            case,
            held_at=timezone.now(),
            place="",
            workers="",
            employer="",
            result="none",
            minutes="谈",
        )
    with pytest.raises(Refused):
        core.move(actor, case, "agree")


def test_every_verb_is_journalled_without_words_of_people(world: World) -> None:
    case = reported(world)
    incidents_room.collect(world.actor(OFFICER), case, topic="wages", body="王五说要钱")
    rows = JournalEntry.objects.everywhere(reason=WHY).about(case)
    actions = set(rows.values_list("action", flat=True))
    assert {"cases.opened", "cases.moved", "cases.incident_opinion"} <= actions
    assert not any("王五" in str(one) for one in rows.values_list("detail", flat=True))
