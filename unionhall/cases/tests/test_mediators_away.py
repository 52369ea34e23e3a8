"""Mediators on leave or out of office: until that day they work, from that day on their cases are with others."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from importlib import import_module

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import World
from unionhall.cases import superiors
from unionhall.cases.actions import core, mediation
from unionhall.cases.models import Case, CaseEvent, LawyerLeave, Mediation, Mediator, MediatorLeave
from unionhall.cases.tasks.mediation import give_away, give_away_now
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.records.models import Message

from . import aid
from . import disputes as scene

WHY = "test reads what was written"
DAY = timedelta(days=1)
SignIn = Callable[[str], Client]


def held(case: Case) -> Mediation:
    rows = Mediation.objects.everywhere(reason=WHY).select_related("mediator__body__organisation", "body")
    return rows.get(case=case, ended_at=None)


def in_days(count: int) -> date:
    return timezone.localdate() + count * DAY


def waiting(case: Case) -> list[str]:
    """Messages that say that nobody took over."""
    rows = Message.objects.everywhere(reason=WHY).filter(title__contains=f"{case.number}没有调解员接手")
    return list(rows.values_list("body", flat=True))


def test_who_leaves_on_a_later_day_works_until_then_and_the_job_gives_his_cases_on(
    world: World, signed_in: SignIn
) -> None:
    case = scene.mediating(world)
    mine, desk = held(case), signed_in("river_rights")
    other = scene.mediator(mine.body, "林平", skills=[])
    given = {
        "name": "方正", "username": world.accounts["mediator"].username, "skills": ["wages"], "most": "5",
        "languages": ["mandarin"], "since": "2020-01-01", "until": f"{in_days(10)}",
    }  # fmt: skip
    assert desk.post(reverse("desk_mediator", args=[mine.mediator_id]), given).status_code == 302
    page = reverse("partner_mediation", args=[mine.pk])
    assert signed_in("mediator").get(page).status_code == 200
    give_away(0)
    assert held(case) == mine
    with time_machine.travel(timezone.now() + 10 * DAY):
        assert signed_in("mediator").get(page).status_code == 404
        assert (give_away(0), give_away(0)) == (1, 0)
    assert (held(case).mediator, held(case).because.startswith("原调解员已解聘")) == (other, True)


def test_a_leave_that_begins_later_gives_his_cases_on_when_it_begins(world: World, signed_in: SignIn) -> None:
    case = scene.mediating(world)
    mine, desk = held(case), signed_in("river_rights")
    other = scene.mediator(mine.body, "林平", skills=[])
    dates = {"begins": f"{in_days(1)}", "ends": f"{in_days(30)}", "reason": ""}
    page = desk.post(reverse("desk_mediator_leave", args=[mine.mediator_id]), dates, follow=True)
    assert "从开始那天起，在办案件转给其他调解员" in page.content.decode()
    assert (give_away(0), held(case)) == (0, mine)
    with time_machine.travel(timezone.now() + 2 * DAY):
        assert (give_away(0), give_away(0)) == (1, 0)
    now = held(case)
    assert (now.mediator, f"请假（{in_days(1)} 至 {in_days(30)}）" in now.because) == (other, True)


def test_of_a_body_that_ended_the_cases_go_to_another_body(world: World) -> None:
    case = scene.mediating(world)
    mine, officer = held(case), system_actor("测试")
    other = scene.mediator(scene.body(world, "river_city", "city"), "远山")

    def end(day: date) -> None:
        mediation.save_body(
            officer, organisation=mine.body.organisation, body=mine.body, given={"until": day}
        )

    end(in_days(3))
    assert held(case) == mine
    with time_machine.travel(timezone.now() + 3 * DAY):
        assert not Mediation.objects.all().of_mediator(world.actor("mediator").access).exists()
        assert [one.id for one in mediation.candidates(case)] == [other.pk]
    assert not ProcrastinateJob.objects.filter(task_name="cases.give_away_now").exists()
    end(in_days(0))
    assert held(case) == mine, "a job gives its cases on: there may be many"
    assert ProcrastinateJob.objects.filter(task_name="cases.give_away_now").count() == 1
    assert (give_away_now(), give_away_now()) == (1, 0)
    assert (held(case).mediator, "原调解组织已撤销" in held(case).because) == (other, True)


def test_what_nobody_can_take_is_told_to_its_owner_once_and_tried_again(world: World) -> None:
    case = scene.mediating(world)
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(owner=world.accounts["river_rights"])
    mine = held(case)
    Mediator.objects.everywhere(reason=WHY).filter(pk=mine.mediator_id).update(until=in_days(0))
    assert (give_away(0), give_away(0), held(case)) == (0, 0, mine)
    assert waiting(case) == ["原调解员已解聘，没有人能接。请登记调解员，或者重新指派。"]
    assert CaseEvent.objects.everywhere(reason=WHY).filter(case=case, verb=mediation.LEFT).count() == 1
    other = scene.mediator(mine.body, "林平", skills=[])
    assert (give_away(0), held(case).mediator) == (1, other)


def test_without_an_owner_the_rights_work_of_the_union_is_told_of_each_absence(world: World) -> None:
    case = scene.mediating(world)
    mine, officer = held(case).mediator, system_actor("测试")
    assert case.owner_id is None
    mediation.take_leave(officer, mediator=mine, begins=in_days(0), ends=in_days(1), reason="")
    told = Message.objects.everywhere(reason=WHY).filter(title__contains="没有调解员接手")
    assert set(told.values_list("recipient_id", flat=True)) == superiors.accounts(case.organisation, levels=0)
    once = told.count()
    assert once > 0
    with time_machine.travel(timezone.now() + 4 * DAY):
        mediation.take_leave(officer, mediator=mine, begins=in_days(0), ends=in_days(5), reason="")
        give_away(0)
    assert told.count() == 2 * once


def test_one_mediator_whose_cases_cannot_be_given_on_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = scene.mediating(world)
    mine, first = held(case), scene.mediator(held(case).body, "远山", account=None)
    other = scene.dispute(world)
    core.move(system_actor("测试"), other, "accept")
    mediation.assign_mediator(system_actor("测试"), case=other, mediator=first)
    rows = Mediator.objects.everywhere(reason=WHY).filter(pk__in=[mine.mediator_id, first.pk])
    rows.update(until=in_days(0))
    takes = scene.mediator(mine.body, "林平", skills=[])
    real = mediation._absent

    def absent(mediators: Iterable[Mediator], day: date) -> dict[int, str]:
        found = real(mediators, day)
        if mine.mediator_id in found:
            raise ValueError("year 10000 is out of range")
        return found

    monkeypatch.setattr(mediation, "_absent", absent)
    assert give_away(0) == 1
    assert (held(case), held(other).mediator) == (mine, takes)


def test_leaves_without_an_end_last_two_years_after_the_repair(world: World) -> None:
    """What migration 0017 mends: 9999-12-31 was written for 长期."""
    mine, lawyer = held(scene.mediating(world)).mediator, aid.lawyer(world)
    repair = import_module("unionhall.cases.migrations.0017_leaves_of_two_years")
    stored = (("2020-03-01", "2020-04-01"), ("2026-03-01", "9999-12-29"), ("9999-12-30", "9999-12-31"))
    with connection.cursor() as cursor:
        for whose, key in (("mediator", mine.pk), ("lawyer", lawyer.pk)):
            for begins, ends in stored:
                cursor.execute(
                    f"INSERT INTO cases_{whose}leave ({whose}_id, period, reason)"
                    " VALUES (%s, daterange(%s, %s, '[]'), '')",
                    [key, begins, ends],
                )
        for statement in repair.REPAIRS:
            cursor.execute(statement)
    for kind in (MediatorLeave, LawyerLeave):
        periods = kind.objects.everywhere(reason=WHY).order_by("period").values_list("period", flat=True)
        assert [(one.lower, one.upper) for one in periods] == [
            (date(2020, 3, 1), date(2020, 4, 2)), (date(2026, 3, 1), date(2028, 3, 2))
        ]  # fmt: skip


def test_nobody_is_given_a_case_before_he_is_in_office(world: World) -> None:
    case = scene.dispute(world)
    scene.mediator(scene.body(world), since=in_days(1))
    assert mediation.candidates(case) == []


def test_an_account_is_of_one_mediator_also_while_he_is_to_leave(world: World) -> None:
    officer, account, where = system_actor("测试"), world.accounts["mediator"], scene.body(world)
    leaving = scene.mediator(where, account=account, until=in_days(30))

    def bind(since: date) -> Mediator:
        given = {"name": "林平", "account": account, "since": since, "until": None}
        return mediation.save_mediator(officer, body=where, mediator=None, given=given)

    for since in (date(2020, 1, 1), in_days(29)):
        with pytest.raises(Refused, match="已绑定另一位调解员"):
            bind(since)
    following = bind(in_days(30))
    mediation.save_mediator(officer, body=where, mediator=leaving, given={"name": "方正平"})
    with pytest.raises(Refused, match="已绑定另一位调解员"):
        mediation.save_mediator(officer, body=where, mediator=leaving, given={"until": in_days(31)})
    assert following.account == account


@pytest.mark.parametrize("ends", [date(9999, 12, 31), date(2100, 12, 31)])
def test_a_leave_lasts_two_years_at_most_and_the_rosters_open(
    world: World, signed_in: SignIn, ends: date
) -> None:
    mine, lawyer, desk = held(scene.mediating(world)), aid.lawyer(world), signed_in("river_rights")
    dates = {"begins": f"{in_days(0)}", "ends": f"{ends}", "reason": "长期"}
    for verb, page, whose, body in (
        ("desk_mediator_leave", "desk_mediation_body", mine.mediator_id, mine.body_id),
        ("desk_lawyer_leave", "desk_lawyer", lawyer.pk, lawyer.pk),
    ):
        assert desk.post(reverse(verb, args=[whose]), dates).status_code == 422
        assert desk.get(reverse(page, args=[body])).status_code == 200
    with pytest.raises(Refused, match="最长登记 2 年"):
        mediation.take_leave(
            system_actor("测试"), mediator=mine.mediator, begins=in_days(0), ends=ends, reason=""
        )
    for kind in (MediatorLeave, LawyerLeave):
        assert not kind.objects.everywhere(reason=WHY).exists()
