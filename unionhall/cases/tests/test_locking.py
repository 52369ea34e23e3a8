"""Who waits for whom: unions before cases, rosters last, so that nobody is given more than he can take, nor waits in a
circle."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import sleep

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, core, lawyering, lawyers_counsel, referrals, supervision
from unionhall.cases.models import FirmCounsel, LegalAid
from unionhall.cases.tests import disputes
from unionhall.cases.tests.aid import applied, body, lawyer, officer
from unionhall.cases.tests.incidents import reported
from unionhall.foundation.errors import Refused

WHY = "test"
UNION, CASE, ROSTER = "FOR KEY SHARE", 'FOR UPDATE OF "cases_case"', "cases.roster"
REFERRAL, APPLICATION = 'FOR UPDATE OF "cases_referral"', "cases.aid:"
MARKS = (UNION, CASE, REFERRAL, APPLICATION, ROSTER)


def order(act: Callable[[], object]) -> list[str]:
    """Which locks were taken first, in turn."""
    with CaptureQueriesContext(connection) as asked:
        act()
    said = [one["sql"] or "" for one in asked]
    first = {mark: place for mark in MARKS for place, one in reversed(list(enumerate(said))) if mark in one}
    return sorted(first, key=first.__getitem__)


@pytest.mark.django_db
def test_unions_are_taken_before_the_case(world: World) -> None:
    case = reported(world)
    leader, city = world.actor("leader"), world.unions["east"]
    assert order(lambda: supervision.issue(leader, case, asked="三日内报告进展"))[:2] == [UNION, CASE]
    chair = world.actor("river_rights")
    filed = disputes.dispute(world)
    assert order(lambda: core.hand_over(chair, filed, city, reason="单位在江东"))[:2] == [UNION, CASE]
    assert order(
        lambda: aid.apply_from(chair, case=filed, form="3", is_migrant=True),
    )[:2] == [UNION, CASE]  # fmt: skip


@pytest.mark.django_db
def test_a_case_is_taken_before_what_was_referred_of_it(world: World) -> None:
    sent, agency, officer_of = disputes.referral(world), world.actor("agency"), world.actor("river_rights")
    assert order(lambda: referrals.accept(agency, referral=sent))[:2] == [CASE, REFERRAL]
    assert order(lambda: referrals.reply(agency, referral=sent, result="已办"))[:2] == [CASE, REFERRAL]
    assert order(lambda: referrals.end(officer_of, referral=sent, withdraw=False))[:2] == [CASE, REFERRAL]


@pytest.mark.django_db(transaction=True)
def test_two_applications_for_one_matter_at_once_are_one(world: World) -> None:
    made, answers = Event(), []

    def apply(*, slowly: bool) -> None:
        try:
            with transaction.atomic():
                applied(world)
                made.set()
                sleep(0.5 if slowly else 0)
            answers.append("ok")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connection.close()

    first, second = (
        Thread(target=apply, kwargs={"slowly": True}),
        Thread(target=apply, kwargs={"slowly": False}),
    )
    first.start()
    assert made.wait(20)
    second.start()
    for one in (first, second):
        one.join(20)
    assert answers[0] == "ok"
    assert "已经申请过" in answers[1]
    assert LegalAid.objects.everywhere(reason=WHY).count() == 1


@pytest.mark.django_db
def test_who_is_full_is_counted_after_the_roster_is_held(world: World) -> None:
    body(world)
    lawyer(world, most=1)
    who, found = officer(world), applied(world)
    aid.decide(who, case=found.case, granted=True)
    assert order(lambda: lawyering.offer(who, case=found.case))[-2:] == [CASE, ROSTER]


@pytest.mark.django_db
def test_a_lawyer_serves_no_more_firms_than_was_said(world: World) -> None:
    one, actor = lawyer(world, most_firms=1), world.actor("river_officer")

    def serve(name: str) -> None:
        lawyers_counsel.set_counsel(
            actor, organisation=world.unions["river_city"], employer=world.employers[name], lawyer=one,
            begins=timezone.localdate(), months=6,
        )  # fmt: skip

    serve("alpha")
    with pytest.raises(Refused, match="到了上限 1 家"):
        serve("beta")
    assert FirmCounsel.objects.everywhere(reason=WHY).count() == 1
