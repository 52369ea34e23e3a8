"""请假和代办: the delegate decides in the lent role, on those days, and never his own or the lender's matter."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.foundation.todo import todos
from unionhall.members.models import DeskIdentity, Household, HouseholdMember
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews import actions
from unionhall.reviews.models import Delegation, Review, ReviewEvent

from .matters import Submit, fresh, step_of

SignIn = Callable[[str], Client]
WHY = "test"


def grant_of(world: World, who: str) -> Grant:
    return (
        Grant.objects.everywhere(reason=WHY).select_related("organisation").get(account=world.accounts[who])
    )


def lend(
    world: World, lender: str = "chair_alpha", to: str = "officer_alpha", *, by: str = "", days: int = 3
) -> Delegation:
    """From today."""
    today = timezone.localdate()
    return actions.delegate(
        world.actor(by or lender),
        grant=grant_of(world, lender),
        to=world.accounts[to],
        starts=today,
        ends=today + timedelta(days=days),
        cause="leave",
    )


def moved(loan: Delegation, starts: date, ends: date) -> None:
    """Another period, so that today lies outside it."""
    Delegation.objects.everywhere(reason=WHY).filter(pk=loan.pk).update(period=DateRange(starts, ends))


def test_a_delegate_decides_and_the_trail_says_for_whom(world: World, submit: Submit) -> None:
    review = submit()
    with pytest.raises(Refused, match="您没有这个工会的这一角色"):
        actions.approve(world.actor("officer_alpha"), step=step_of(review))
    lend(world)
    actions.approve(world.actor("officer_alpha"), step=step_of(review))
    assert fresh(review).state == Review.State.APPROVED
    event = ReviewEvent.objects.everywhere(reason=WHY).get(review=review, verb="approved")
    assert (event.actor_id, event.acted_for) == (
        world.accounts["officer_alpha"].pk,
        world.accounts["chair_alpha"].display_name,
    )
    entries = JournalEntry.objects.everywhere(reason=WHY)
    assert entries.get(action="reviews.approved").detail["delegated"] is True
    assert entries.get(action="reviews.delegated").detail["to"] == world.accounts["officer_alpha"].pk
    told = Message.objects.everywhere(reason=WHY).get(title="代办安排")
    assert told.recipient_id == world.accounts["officer_alpha"].pk


def test_only_in_the_period_and_until_it_is_taken_back(world: World, submit: Submit) -> None:
    review, delegate = submit(), world.actor("officer_alpha")
    loan, today, day = lend(world), timezone.localdate(), timedelta(days=1)
    for starts, ends in ((today + day, today + 3 * day), (today - 3 * day, today)):
        moved(loan, starts, ends)
        with pytest.raises(Refused, match="您没有这个工会的这一角色"):
            actions.approve(delegate, step=step_of(review))
    moved(loan, today - day, today + day)
    actions.end_delegation(world.actor("chair_alpha"), delegation=loan)
    with pytest.raises(Refused, match="您没有这个工会的这一角色"):
        actions.approve(delegate, step=step_of(review))
    with pytest.raises(Refused, match="已经结束"):
        actions.end_delegation(world.actor("chair_alpha"), delegation=loan)


def test_a_loan_ends_with_the_grant_it_lends(world: World, submit: Submit) -> None:
    review = submit()
    lend(world)
    grant = grant_of(world, "chair_alpha")
    grant.period = DateRange(date(2020, 1, 1), timezone.localdate())
    grant.save(update_fields=["period"])
    with pytest.raises(Refused, match="您没有这个工会的这一角色"):
        actions.approve(world.actor("officer_alpha"), step=step_of(review))


def test_a_delegate_keeps_out_of_his_own_matter_and_of_the_lenders(world: World, submit: Submit) -> None:
    lend(world)
    delegate = world.actor("officer_alpha")
    own = submit(by="officer_alpha")
    with pytest.raises(Refused, match="自己提交"):
        actions.approve(delegate, step=step_of(own))
    lenders = submit(by="worker_alpha", concerns=world.accounts["chair_alpha"].pk)
    with pytest.raises(Refused, match="涉及委托人"):
        actions.approve(delegate, step=step_of(lenders))


def test_his_household_keeps_out(world: World, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The officer lives with the worker whom the matter is about."""
    from unionhall.reviews import procedures

    officer, worker = world.people["alpha_2"], world.people["alpha_1"]
    DeskIdentity.objects.create(account=world.accounts["chair_alpha"], person=officer, named_by=WHY)
    rules = procedures.procedure("trial")
    object.__setattr__(rules, "about", lambda review: worker.pk)
    review, chair = submit(by="worker_beta"), world.actor("chair_alpha")
    home = Household.objects.create(key="J1")
    for person in (officer, worker):
        HouseholdMember.objects.create(
            household=home, person=person, name=person.name, id_number=f"T{person.pk}",
            id_index=person.pk.to_bytes(16, "big"), period=DateRange(date(2020, 1, 1), None),
        )  # fmt: skip
    with pytest.raises(Refused, match="家庭成员"):
        actions.approve(chair, step=step_of(review))
    HouseholdMember.objects.everywhere(reason=WHY).filter(person=officer).update(
        period=DateRange(date(2020, 1, 1), date(2021, 1, 1))
    )
    assert actions.approve(world.actor("chair_alpha"), step=step_of(review)).state == Review.State.APPROVED


def test_what_may_be_lent_to_whom_by_whom(world: World) -> None:
    today = timezone.localdate()

    def attempt(by: str, to: str = "officer_alpha", lender: str = "chair_alpha", **more: date) -> Delegation:
        days = {"starts": today, "ends": today} | more
        return actions.delegate(
            world.actor(by),
            grant=grant_of(world, lender),
            to=world.accounts[to],
            cause="leave",
            starts=days["starts"],
            ends=days["ends"],
        )

    for stranger in ("officer_alpha", "chair_beta", "auditor"):
        with pytest.raises(NotAllowed):
            attempt(stranger)
    for to in ("chair_beta", "leader", "worker_alpha"):
        with pytest.raises(Refused, match="没有审核权限"):
            attempt("chair_alpha", to)
    with pytest.raises(Refused, match="委托给自己"):
        attempt("chair_alpha", "chair_alpha")
    with pytest.raises(Refused, match="早于今天"):
        attempt("chair_alpha", starts=today - timedelta(days=1))
    with pytest.raises(Refused, match="早于开始日期"):
        attempt("chair_alpha", starts=today + timedelta(days=2))
    with pytest.raises(Refused, match="最多安排 92 天"):
        attempt("chair_alpha", ends=today + timedelta(days=92))
    with pytest.raises(Refused, match="不审核办件"):
        attempt("province_officer", "province_officer", "leader")
    # The superior arranges it for a chair who fell ill; above the chair there may be others.
    attempt("pier_officer", "river_officer", ends=today + timedelta(days=5))
    with pytest.raises(Refused, match="已经安排了代办人"):
        attempt("chair_alpha", starts=today + timedelta(days=5), ends=today + timedelta(days=6))


def test_messages_to_deciders_reach_the_delegate(world: World, submit: Submit) -> None:
    lend(world)
    actions.urge(world.actor("east_officer"), step=step_of(submit()), opinion="请尽快")
    rows = Message.objects.everywhere(reason=WHY).filter(title="上级督办")
    assert {row.recipient_id for row in rows} == {
        world.accounts[one].pk for one in ("chair_alpha", "officer_alpha")
    }


def test_the_inbox_shows_what_is_decided_for_another_and_a_batch_answers_by_row(
    signed_in: SignIn, world: World, submit: Submit
) -> None:
    first, own, other = submit(), submit(by="officer_alpha"), submit(steps=[("gamma", Role.CHAIR, 5)])
    client = signed_in("officer_alpha")
    assert first.number not in client.get("/desk/reviews/?whose=mine").content.decode()
    lend(world)
    page = client.get("/desk/reviews/").content.decode()
    assert first.number in page
    assert f"代{world.accounts['chair_alpha'].display_name}" in page
    detail = client.get(f"/desk/reviews/{first.number}/").content.decode()
    assert f"您代{world.accounts['chair_alpha'].display_name}办理" in detail
    ticked = [step_of(one).pk for one in (first, own, other)]
    answer = client.post("/desk/reviews/batch/", {"selected": ticked, "action": "approve"}).content.decode()
    assert "成功 1 件" in answer
    assert own.number in answer
    assert other.number not in answer
    states = [fresh(one).state for one in (first, own, other)]
    assert states == [Review.State.APPROVED, Review.State.PENDING, Review.State.PENDING]


def test_the_to_do_list_counts_own_and_lent_work_apart(world: World, submit: Submit) -> None:
    submit()
    late = submit()
    step = step_of(late)
    step.due_on = timezone.localdate() - timedelta(days=1)
    step.save(update_fields=["due_on"])

    def shown(who: str) -> dict[str, int]:
        request = RequestFactory().get("/desk/")
        request.access = world.actor(who).access  # type: ignore[attr-defined]
        return {one.label: one.count for one in todos(request)}

    assert shown("chair_alpha") == {"等我审核：已逾期": 1, "等我审核": 1}
    assert shown("officer_alpha") == {}
    lend(world)
    assert shown("officer_alpha") == {"代别人审核：已逾期": 1, "代别人审核": 1}
    assert shown("auditor") == {}


def test_the_pages(signed_in: SignIn, world: World) -> None:
    chair = signed_in("chair_alpha")
    assert "还没有安排过代办" in chair.get("/desk/reviews/delegations/").content.decode()
    grant, today = grant_of(world, "chair_alpha"), timezone.localdate()
    page = chair.get("/desk/reviews/delegations/new/").content.decode()
    assert f"?grant={grant.pk}" in page
    sent = {
        "to": world.accounts["officer_alpha"].pk,
        "starts": today,
        "ends": today - timedelta(days=1),
        "cause": "leave",
    }
    address = f"/desk/reviews/delegations/new/?grant={grant.pk}"
    assert chair.post(address, sent).status_code == 422
    assert chair.post(address, sent | {"ends": today}).status_code == 302
    loan = Delegation.objects.everywhere(reason=WHY).get()
    listed = signed_in("officer_alpha").get("/desk/reviews/delegations/").content.decode()
    assert "代办中" in listed
    assert chair.post(f"/desk/reviews/delegations/{loan.pk}/end/").status_code == 302
    assert "已收回" in chair.get("/desk/reviews/delegations/").content.decode()
    assert signed_in("chair_gamma").get(f"/desk/reviews/delegations/{loan.pk}/end/").status_code == 404
