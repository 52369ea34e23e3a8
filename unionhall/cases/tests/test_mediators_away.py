"""Mediators on leave or out of office: until that day they work, from that day on their cases are with others."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import mediation
from unionhall.cases.models import Case, CaseEvent, LawyerLeave, Mediation, Mediator, MediatorLeave
from unionhall.cases.tasks.mediation import give_away
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
    end(in_days(0))
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


def test_nobody_is_given_a_case_before_he_is_in_office(world: World) -> None:
    case = scene.dispute(world)
    scene.mediator(scene.body(world), since=in_days(1))
    assert mediation.candidates(case) == []


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
