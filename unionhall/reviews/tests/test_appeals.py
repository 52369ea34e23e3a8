"""复核: a refusal goes up once and in time, and is decided by people who had no part in it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.access.grants import actor_for
from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import Role
from unionhall.records.models import Message
from unionhall.reviews import actions
from unionhall.reviews.actions.appealing import appeal_until
from unionhall.reviews.actions.deciding import destinations
from unionhall.reviews.models import Review, ReviewEvent, ReviewStep
from unionhall.reviews.procedures import Appeal

from .matters import Submit, Trial, fresh, step_of

SignIn = Callable[[str], Client]
TERMS = Appeal(within=5, working_days=7, roles=(Role.OFFICER,))
MORNING = timezone.make_aware(datetime(2026, 11, 19, 9))  # noqa: DTZ001 — made aware in the same breath


@pytest.fixture
def refused(world: World, submit: Submit, trial: Trial) -> Review:
    """Refused by the chair in the first of two steps, on a Thursday."""
    trial.appeal = TERMS
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("east", Role.REVIEWER, 3)], at=MORNING)
    actions.refuse(world.actor("chair_alpha"), step=step_of(review), opinion="不符合条件", at=MORNING)
    trial.calls.clear()
    return fresh(review)


def appeal(world: World, review: Review, at: datetime = MORNING, by: str = "worker_alpha") -> Review:
    return actions.appeal(world.actor(by), review=review, reason="证书是有效的", at=at)


def test_an_appeal_opens_a_step_above_and_the_rest_follows(
    world: World, refused: Review, trial: Trial
) -> None:
    appeal(world, refused)
    step = step_of(refused)
    assert (step.organisation_id, step.role, step.is_appeal) == (world.unions["pier"].pk, "officer", True)
    assert step.due_on == working_calendar().add_working_days(MORNING.date(), 7)
    assert (fresh(refused).state, fresh(refused).decided_at) == (Review.State.PENDING, None)
    assert trial.calls == [("appealed", refused.pk)]
    actions.approve(world.actor("pier_officer"), step=step, opinion="证书有效，撤销原结论")
    following = step_of(refused)
    assert (following.order, following.role, following.is_appeal) == (3, "reviewer", False)
    actions.approve(world.actor("reviewer"), step=following)
    assert fresh(refused).state == Review.State.APPROVED
    assert trial.calls == [("appealed", refused.pk), ("approved", refused.pk)]
    orders = ReviewStep.objects.everywhere(reason="test").filter(review=refused).order_by("order")
    assert [one.order for one in orders] == [1, 2, 3]


def test_the_last_day_counts_and_the_next_does_not(world: World, refused: Review) -> None:
    until = appeal_until(refused)
    assert until == working_calendar().add_working_days(MORNING.date(), 5)
    late = MORNING + (until - MORNING.date()) + timedelta(days=1)
    with pytest.raises(Refused, match="已经截止"):
        appeal(world, refused, late)
    assert appeal(world, refused, late - timedelta(days=1)).state == Review.State.PENDING


def test_only_the_one_concerned_appeals_once_and_a_second_refusal_is_final(
    world: World, refused: Review, trial: Trial
) -> None:
    with pytest.raises(Refused, match="当事人本人"):
        appeal(world, refused, by="worker_beta")
    with pytest.raises(Refused, match="申请复核的理由"):
        actions.appeal(world.actor("worker_alpha"), review=refused, reason=" ")
    appeal(world, refused)
    with pytest.raises(Refused, match="已经复核过一次"):
        appeal(world, refused)
    actions.refuse(world.actor("pier_officer"), step=step_of(refused), opinion="维持", at=MORNING)
    assert trial.calls == [("appealed", refused.pk), ("refused", refused.pk)]
    assert appeal_until(fresh(refused)) is None
    with pytest.raises(Refused, match="最终结论"):
        appeal(world, refused)


def test_who_decided_before_does_not_decide_the_appeal(world: World, refused: Review) -> None:
    """The chair who refused is made the officer above meanwhile."""
    appeal(world, refused)
    Grant.objects.create(
        account=world.accounts["chair_alpha"],
        role=Role.OFFICER,
        organisation=world.unions["pier"],
        period=("2020-01-01", None),
        granted_by="test",
    )
    with pytest.raises(Refused, match="原来没有审核过的人"):
        actions.approve(world.actor("chair_alpha"), step=step_of(refused))
    assert actions.approve(world.actor("pier_officer"), step=step_of(refused))


def test_an_appeal_passes_over_a_level_where_only_the_former_decider_sits(
    world: World, submit: Submit, trial: Trial
) -> None:
    """The street's officer refused in the first step's place; the district has another."""
    trial.appeal = Appeal(roles=(Role.OFFICER,), place=world.unions["pier"])
    review = submit(steps=[("pier", Role.OFFICER, 5)])
    actions.refuse(world.actor("pier_officer"), step=step_of(review), opinion="不行")
    actions.appeal(world.actor("worker_alpha"), review=review, reason="不服")
    assert step_of(review).organisation_id == world.unions["east"].pk


def holder(world: World, union: str) -> Actor:
    """Whoever is the officer there."""
    grants = Grant.objects.everywhere(reason="test").select_related("account")
    return actor_for(grants.filter(organisation=world.unions[union], role=Role.OFFICER)[0].account)


def test_an_appeal_is_handed_over_upward_only_and_to_people_who_have_not_decided(
    world: World, submit: Submit, trial: Trial
) -> None:
    """The street refuses, the district has the appeal; down again it would lie with whoever refused."""
    trial.appeal = TERMS
    review = submit(steps=[("pier", Role.OFFICER, 5)])
    actions.refuse(world.actor("pier_officer"), step=step_of(review), opinion="不行")
    actions.appeal(world.actor("worker_alpha"), review=review, reason="不服")
    step, district = step_of(review), holder(world, "east")
    assert step.organisation_id == world.unions["east"].pk
    assert {one.name for one in destinations(step)} == {
        world.unions[name].name for name in ("river_city", "province")
    }
    for below_or_beside in ("pier", "west"):
        with pytest.raises(Refused, match="只能移交给上级工会"):
            actions.hand_over(
                district, step=step, organisation=world.unions[below_or_beside], opinion="请办理"
            )
    # The refuser is the city's only officer by now.
    city = Grant.objects.everywhere(reason="test").filter(
        organisation=world.unions["river_city"], role=Role.OFFICER
    )
    city.exclude(pk=city.order_by("pk")[0].pk).delete()
    city.update(account=world.accounts["pier_officer"])
    assert world.unions["river_city"] not in destinations(step)
    with pytest.raises(Refused, match="原来没有审核过"):
        actions.hand_over(district, step=step, organisation=world.unions["river_city"], opinion="请办理")
    actions.hand_over(district, step=step, organisation=world.unions["province"], opinion="请办理")
    assert step_of(review).organisation_id == world.unions["province"].pk


def test_an_appeal_is_not_handed_to_a_union_whose_only_decider_submitted_it(
    world: World, submit: Submit, trial: Trial
) -> None:
    trial.appeal = TERMS
    review = submit(steps=[("pier", Role.OFFICER, 5)])
    actions.refuse(world.actor("pier_officer"), step=step_of(review), opinion="不行")
    actions.appeal(world.actor("worker_alpha"), review=review, reason="不服")
    step, district, where = step_of(review), holder(world, "east"), world.unions["river_city"]
    city = Grant.objects.everywhere(reason="test").filter(organisation=where, role=Role.OFFICER)
    city.exclude(pk=city.order_by("pk")[0].pk).delete()
    city.update(account=world.accounts["worker_alpha"])
    assert where not in destinations(step)
    with pytest.raises(Refused, match="也不是当事人"):
        actions.hand_over(district, step=step, organisation=where, opinion="请办理")
    assert step_of(review).organisation_id == world.unions["east"].pk


def test_only_who_may_decide_the_appeal_is_told_of_it(world: World, refused: Review) -> None:
    """Whoever refused sits above too by now, beside another officer."""
    chair, officer = world.accounts["chair_alpha"], world.accounts["pier_officer"]
    Grant.objects.create(
        account=chair, role=Role.OFFICER, organisation=world.unions["pier"], period=("2020-01-01", None),
        granted_by="test",
    )  # fmt: skip
    appeal(world, refused)
    told = Message.objects.everywhere(reason="test").filter(title="申请复核")
    assert list(told.values_list("recipient_id", flat=True)) == [officer.pk]


def test_without_terms_or_a_level_above_there_is_no_appeal(
    world: World, submit: Submit, trial: Trial
) -> None:
    review = submit()
    actions.refuse(world.actor("chair_alpha"), step=step_of(review), opinion="不行")
    assert appeal_until(fresh(review)) is None
    with pytest.raises(Refused, match="没有复核程序"):
        appeal(world, review)
    trial.appeal = TERMS
    highest = submit(steps=[("province", Role.OFFICER, 5)])
    with pytest.raises(Refused, match="只有未通过的"):
        appeal(world, highest)
    actions.refuse(world.actor("province_officer"), step=step_of(highest), opinion="不行")
    with pytest.raises(Refused, match="最上级"):
        appeal(world, highest, timezone.now())


def test_an_appeal_that_is_taken_back_leaves_the_refusal(world: World, refused: Review, trial: Trial) -> None:
    appeal(world, refused)
    actions.withdraw(world.actor("worker_alpha"), review=refused, reason="不申请了")
    assert fresh(refused).state == Review.State.REFUSED
    assert trial.calls[-1] == ("refused", refused.pk)


def test_the_worker_appeals_on_his_page(
    signed_in: SignIn, world: World, submit: Submit, trial: Trial
) -> None:
    trial.appeal = TERMS
    review = submit()
    actions.refuse(world.actor("chair_alpha"), step=step_of(review), opinion="不符合条件")
    worker, address = signed_in("worker_alpha"), f"/m/applications/{review.number}/"
    assert f"{address}appeal/" in worker.get(address).content.decode()
    page = worker.get(f"{address}appeal/").content.decode()
    assert "不符合条件" in page
    assert worker.post(f"{address}appeal/", {"reason": ""}).status_code == 422
    assert worker.post(f"{address}appeal/", {"reason": "证书有效"}).status_code == 302
    assert fresh(review).appealed_at is not None
    assert "appeal/" not in worker.get(address).content.decode()
    desk = signed_in("pier_officer").get(f"/desk/reviews/{review.number}/").content.decode()
    assert "申请了上级复核" in desk
    event = ReviewEvent.objects.everywhere(reason="test").get(review=review, verb="appealed")
    assert event.opinion == "证书有效"
