"""Desk home for every persona, the holiday table, and the operators' page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from tests.world import World
from unionhall.foundation.models import Holiday
from unionhall.portal import health, tasks
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews.models import Review, ReviewStep

SignIn = Callable[[str], Client]
WHY = "what a test left"
#: One statement answers all that the rooms ask for the to-do list; its other figures and lists are one or two each.
BOUND = 23


@pytest.fixture
def waiting(world: World) -> list[Review]:
    """Three matters for the chair of alpha: overdue, due in a day, in good time."""
    return [_matter(world, "alpha", number, days) for number, days in enumerate((-3, 1, 30))]


def _matter(world: World, union: str, number: int, days: int) -> Review:
    review = Review.objects.create(
        number=f"RH{union}{number}", procedure="admission", title=f"入会申请：第{number}件",
        organisation=world.unions[union], submitted_by="职工",
    )  # fmt: skip
    today = timezone.localdate()
    ReviewStep.objects.create(
        review=review, order=1, name="工会审核", organisation=world.unions[union], role="chair", working_days=5,
        is_current=True, opened_on=today - timedelta(days=9), due_on=today + timedelta(days=days),
    )  # fmt: skip
    return review


def _tiles(answer: Any) -> dict[str, int]:
    return {tile["label"]: tile["value"] for tile in answer.context["work"]}


def test_what_waits_for_a_chair(signed_in: SignIn, waiting: list[Review]) -> None:
    answer = signed_in("chair_alpha").get(reverse("desk_home"))
    tiles = _tiles(answer)
    assert (tiles["逾期未办"], tiles["等我审核"]) == (1, 3)
    page = answer.content.decode()
    assert page.index("第0件") < page.index("第1件") < page.index("第2件")
    assert "逾期" in page


def test_a_long_menu_opens_one_group_at_a_time_and_says_what_waits_in_the_others(
    signed_in: SignIn, waiting: list[Review]
) -> None:
    client = signed_in("chair_alpha")
    home, members = (
        client.get(reverse(name)).context["navigation"] for name in ("desk_home", "desk_members")
    )
    assert [group["title"] for group in home if not group["folded"]] == ["", "办理"]
    assert [group["title"] for group in members if not group["folded"]] == ["", "组织与会籍"]
    assert {group["title"]: group["count"] for group in members}["办理"] == 3


def test_another_chair_sees_none_of_it(signed_in: SignIn, waiting: list[Review]) -> None:
    answer = signed_in("chair_beta").get(reverse("desk_home"))
    assert _tiles(answer)["等我审核"] == 0
    assert "第0件" not in answer.content.decode()


def test_a_superior_with_nothing_to_decide_watches_those_below(
    signed_in: SignIn, waiting: list[Review]
) -> None:
    tiles = _tiles(signed_in("river_officer").get(reverse("desk_home")))
    assert (tiles["下级逾期未办"], tiles["下级在办"]) == (1, 3)
    assert _tiles(signed_in("gorge_officer").get(reverse("desk_home")))["下级在办"] == 0


def test_a_leader_sees_figures_and_no_roster(signed_in: SignIn, waiting: list[Review]) -> None:
    answer = signed_in("leader").get(reverse("desk_home"))
    assert "待确认的名册" not in _tiles(answer)
    assert answer.context["figures"]["tiles"][0]["value"] == 6


@pytest.mark.parametrize("name", ["lawyer", "merchant"])
def test_partners_are_told_what_they_can_do(signed_in: SignIn, name: str) -> None:
    answer = signed_in(name).get(reverse("desk_home"))
    page = answer.content.decode()
    assert reverse("public_verify_form") in page
    assert "work" not in answer.context


def test_a_worker_is_led_to_the_workers_site(signed_in: SignIn) -> None:
    assert signed_in("worker_beta").get(reverse("desk_home"))["Location"] == reverse("m_home")


def test_a_stranger_is_asked_to_sign_in(client: Client, world: World) -> None:
    assert reverse("sign_in") in client.get(reverse("desk_home"))["Location"]


@pytest.mark.parametrize(
    "name",
    ["province_officer", "river_rights", "chair_alpha", "clerk", "reviewer", "leader", "auditor", "operator"],
)
def test_queries_do_not_grow_with_the_queue(
    signed_in: SignIn, world: World, waiting: list[Review], name: str
) -> None:
    client = signed_in(name)
    client.get(reverse("desk_home"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(reverse("desk_home")).status_code == 200
    for number in range(10, 22):
        _matter(world, "alpha", number, number - 12)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("desk_home"))
    assert len(many) == len(few) <= BOUND


# The holiday table ---------------------------------------------------------------------------------------------

DAY = date(2031, 2, 3)


def test_a_province_officer_keeps_the_calendar(signed_in: SignIn) -> None:
    client = signed_in("province_officer")
    assert client.get(reverse("desk_settings")).status_code == 200
    form = {"day": "2031-02-03", "is_working_day": "0", "name": "春节"}
    answer = client.post(reverse("desk_holiday_new"), form)
    assert answer["Location"] == f"{reverse('desk_holidays')}?year=2031"
    assert "春节" in client.get(answer["Location"]).content.decode()
    url = reverse("desk_holiday", args=["2031-02-03"])
    assert client.post(url, {"is_working_day": "0", "name": "除夕"}).status_code == 302
    assert Holiday.objects.get(day=DAY).name == "除夕"
    assert client.post(reverse("desk_holiday_remove", args=["2031-02-03"])).status_code == 302
    assert not Holiday.objects.filter(day=DAY).exists()
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action__startswith="portal.holiday")
    assert [entry.action for entry in entries.order_by("pk")] == [
        "portal.holiday_added", "portal.holiday_changed", "portal.holiday_removed",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["river_officer", "east_officer"])
def test_others_read_it_and_do_not_change_it(signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get(reverse("desk_holidays")).status_code == 200
    assert client.get(reverse("desk_holiday_new")).status_code == 403
    form = {"day": "2031-02-03", "is_working_day": "0", "name": "春节"}
    assert client.post(reverse("desk_holiday_new"), form).status_code == 403
    assert not Holiday.objects.filter(day=DAY).exists()


def test_a_day_is_entered_once_and_must_say_something(signed_in: SignIn) -> None:
    client = signed_in("operator")
    Holiday.objects.create(day=DAY, is_working_day=False, name="春节")
    form = {"day": "2031-02-03", "is_working_day": "0", "name": "又一次"}
    answer = client.post(reverse("desk_holiday_new"), form)
    assert answer.status_code == 422
    assert "已登记为" in answer.content.decode()
    answer = client.post(
        reverse("desk_holiday_new"), {"day": "2031-02-04", "is_working_day": "1", "name": "上班"}
    )
    assert "本来就上班" in answer.content.decode()


@pytest.mark.parametrize("pk", ["2031-13-40", "yesterday", "2031-02-03"])
def test_a_day_that_is_not_there(signed_in: SignIn, pk: str) -> None:
    assert signed_in("operator").get(reverse("desk_holiday", args=[pk])).status_code == 404


# Operators -----------------------------------------------------------------------------------------------------


def test_only_operators_see_the_machine(signed_in: SignIn) -> None:
    assert signed_in("operator").get(reverse("ops_home")).status_code == 200
    for name in ("chair_alpha", "auditor", "province_officer"):
        assert signed_in(name).get(reverse("ops_home")).status_code == 403


def test_health_names_what_is_wrong(world: World) -> None:
    found = {one.name: one for one in health.findings()}
    assert found["数据库结构"].well
    assert not found["后台任务进程"].well  # no worker runs during tests
    assert "unionhall work" in found["后台任务进程"].advice


def test_verifying_the_journal_is_a_job_that_reports(signed_in: SignIn, world: World) -> None:
    client = signed_in("operator")
    assert client.post(reverse("ops_verify")).status_code == 302
    tasks.verify_journal(account_id=world.accounts["operator"].pk)
    entry = health.last_verification()
    assert entry is not None
    assert entry.detail["ok"] is True
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["operator"].pk)
    assert told.filter(title="日志核验通过").exists()
    assert "没有改动" in client.get(reverse("ops_home")).content.decode()


def test_a_failed_job_is_tried_again(signed_in: SignIn, world: World) -> None:
    job_id = tasks.verify_journal.defer(account_id=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])
    client = signed_in("operator")
    page = client.get(reverse("ops_home")).content.decode()
    assert reverse("ops_retry", args=[job_id]) in page
    assert client.post(reverse("ops_retry", args=[job_id])).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job_id])
        assert cursor.fetchone()[0] == "todo"
    assert client.post(reverse("ops_retry", args=[job_id])).status_code == 404
    assert app.job_manager


# Errors --------------------------------------------------------------------------------------------------------


def test_error_pages_show_the_trace_number(client: Client, world: World, signed_in: SignIn) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert answer["X-Request-ID"] in answer.content.decode()


def test_a_fault_answers_500_with_its_trace_number(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "findings", broken)
    client = signed_in("operator")
    client.raise_request_exception = False
    answer = client.get(reverse("ops_home"))
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "ZeroDivision" not in answer.content.decode()


def test_a_day_entered_at_the_desk_moves_clocks(signed_in: SignIn) -> None:
    """What is set afterwards falls a day later, and what runs has a working day less."""
    from unionhall.foundation.models import working_calendar
    from unionhall.reviews.presenting import clock
    from unionhall.reviews.rules import due_date

    monday = date(2031, 2, 10)
    step = ReviewStep(is_current=True, due_on=monday + timedelta(days=4))
    before = clock(step, monday, working_calendar()).days
    due = due_date(monday, 3, working_calendar())
    client = signed_in("province_officer")
    form = {"day": "2031-02-11", "is_working_day": "0", "name": "临时放假"}
    assert client.post(reverse("desk_holiday_new"), form).status_code == 302
    after = clock(step, monday, working_calendar()).days
    assert before is not None
    assert after == before - 1
    assert due_date(monday, 3, working_calendar()) == due + timedelta(days=1)


def test_partners_have_an_entrance_with_what_their_seats_hold(world: World, signed_in: SignIn) -> None:
    held = {
        "agency": "partner_referrals", "mediator": "partner_mediations", "lawyer": "partner_firms",
        "merchant": "partner_redeem",
    }  # fmt: skip
    for who, name in held.items():
        page = signed_in(who).get("/partner/").content.decode()
        assert f'class="btn big" href="{reverse(name)}"' in page, who
    assert reverse("partner_redeem") not in signed_in("mediator").get("/partner/").content.decode()
    assert signed_in("chair_alpha").get("/partner/").headers["Location"] == reverse("desk_home")
    assert signed_in("worker_alpha").get("/partner/").headers["Location"] == reverse("m_home")
