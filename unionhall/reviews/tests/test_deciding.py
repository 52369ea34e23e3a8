"""Every verb: what it changes, who may, and what it says when it may not."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import Role
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews import actions
from unionhall.reviews.models import Review, ReviewEvent
from unionhall.reviews.numbers import numbers
from unionhall.reviews.procedures import Procedure, UnknownProcedure, procedure, register

from .matters import Submit, Trial, fresh, step_of

MORNING = timezone.make_aware(datetime(2026, 11, 19, 9))  # noqa: DTZ001 — made aware in the same breath


def verbs(review: Review) -> list[str]:
    return [event.verb for event in ReviewEvent.objects.everywhere(reason="test").filter(review=review)]


def messages_to(world: World, name: str) -> list[Message]:
    rows = Message.objects.everywhere(reason="test").filter(recipient_id=world.accounts[name].pk)
    return list(rows.order_by("id"))


def test_submitting_numbers_it_and_starts_the_first_clock(submit: Submit) -> None:
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("east", Role.REVIEWER, 3)], at=MORNING)
    assert re.fullmatch(r"SB20261119\d{5}", review.number)
    first, second = review.steps.order_by("order")
    assert (first.is_current, second.is_current) == (True, False)
    assert first.opened_on == MORNING.date()
    assert first.due_on == working_calendar().add_working_days(MORNING.date(), 5)
    assert second.due_on is None
    assert verbs(review) == ["submitted"]


def test_numbers_of_a_day_follow_each_other(submit: Submit) -> None:
    first, second = submit(at=MORNING), submit(at=MORNING)
    assert int(second.number[-5:]) == int(first.number[-5:]) + 1
    assert numbers("ZZ", MORNING.date(), 3) == [f"ZZ202611190000{n}" for n in (1, 2, 3)]


def test_an_unknown_procedure_and_no_steps_are_mistakes(world: World, trial: Trial) -> None:
    with pytest.raises(UnknownProcedure):
        procedure("no-such")
    with pytest.raises(ValueError, match="at least one step"):
        actions.submit(
            world.actor("worker_alpha"),
            procedure="trial",
            title="x",
            organisation=world.unions["alpha"],
            steps=[],
        )
    with pytest.raises(ValueError, match="twice"):
        register(Procedure("other", "别的", "SB", trial.hook("a"), trial.hook("b"), facts=lambda review: []))


def test_two_steps_pass_in_order_and_the_hook_runs_once(world: World, submit: Submit, trial: Trial) -> None:
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("east", Role.REVIEWER, 3)])
    actions.approve(world.actor("chair_alpha"), step=step_of(review), opinion="同意")
    assert fresh(review).state == Review.State.PENDING
    assert trial.calls == []
    second = step_of(review)
    assert (second.order, second.opened_on) == (2, timezone.localdate())
    actions.approve(world.actor("reviewer"), step=second)
    after = fresh(review)
    assert (after.state, after.decided_at is not None) == (Review.State.APPROVED, True)
    assert trial.calls == [("approved", review.pk)]
    assert verbs(review) == ["submitted", "approved", "approved"]
    (told,) = messages_to(world, "worker_alpha")
    assert told.url == f"/m/applications/{review.number}/"
    journal = JournalEntry.objects.everywhere(reason="test").filter(subject_id=review.pk)
    entries = [entry for entry in journal.order_by("id") if entry.subject_type == "reviews.review"]
    assert [entry.action for entry in entries] == [
        "reviews.submitted",
        "reviews.approved",
        "reviews.approved",
    ]
    assert all(entry.subject_label == review.number for entry in entries)


def test_a_hook_that_refuses_undoes_the_decision(world: World, submit: Submit, trial: Trial) -> None:
    review, trial.refusing = submit(), "身份证号已有在册会籍。"
    with pytest.raises(Refused, match="在册会籍"):
        actions.approve(world.actor("chair_alpha"), step=step_of(review))
    assert fresh(review).state == Review.State.PENDING
    assert verbs(review) == ["submitted"]


def test_what_is_missing_is_asked_at_every_step(world: World, submit: Submit, trial: Trial) -> None:
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("east", Role.REVIEWER, 3)])
    trial.missing = "本人还没有同意。"
    with pytest.raises(Refused, match="本人还没有同意"):
        actions.approve(world.actor("chair_alpha"), step=step_of(review))
    assert step_of(review).order == 1


def test_refusing_asks_the_reason_and_tells_it(world: World, submit: Submit, trial: Trial) -> None:
    review = submit(steps=[("alpha", Role.CHAIR, 5), ("east", Role.REVIEWER, 3)])
    chair = world.actor("chair_alpha")
    with pytest.raises(Refused) as refusal:
        actions.refuse(chair, step=step_of(review), opinion="  ")
    assert refusal.value.field == "opinion"
    with pytest.raises(Refused, match="不超过 500"):
        actions.refuse(chair, step=step_of(review), opinion="长" * 501)
    actions.refuse(chair, step=step_of(review), opinion="不在本单位工作")
    assert fresh(review).state == Review.State.REFUSED
    assert trial.calls == [("refused", review.pk)]
    assert not review.steps.filter(is_current=True).exists()
    assert "不在本单位工作" in messages_to(world, "worker_alpha")[0].body


def test_a_return_pauses_the_clock_and_completion_moves_the_due_date(
    world: World, submit: Submit, trial: Trial
) -> None:
    review = submit(at=MORNING)
    before = step_of(review).due_on
    assert before is not None
    actions.return_for_completion(
        world.actor("chair_alpha"), step=step_of(review), opinion="缺合同", at=MORNING + timedelta(days=1)
    )
    paused = step_of(review)
    assert fresh(review).state == Review.State.RETURNED
    assert paused.paused_on == MORNING.date() + timedelta(days=1)
    assert not paused.is_overdue(before + timedelta(days=100))
    for verb in (actions.approve, actions.refuse, actions.urge):
        with pytest.raises(Refused, match="补正"):
            verb(world.actor("chair_alpha"), step=paused, opinion="x")
    actions.supplement(
        world.actor("worker_alpha"), review=review, note="已补", at=MORNING + timedelta(days=5)
    )
    calendar = working_calendar()
    lost = calendar.working_days_between(paused.paused_on, MORNING.date() + timedelta(days=5))
    assert lost > 0
    after = step_of(review)
    assert after.due_on == calendar.add_working_days(before, lost)
    assert after.paused_on is None
    assert fresh(review).state == Review.State.PENDING
    assert verbs(review) == ["submitted", "returned", "supplemented"]
    assert trial.calls == [("returned", review.pk)]


def test_supplementing_is_for_the_one_who_submitted_and_only_after_a_return(
    world: World, submit: Submit
) -> None:
    review = submit()
    with pytest.raises(Refused, match="没有要求补正"):
        actions.supplement(world.actor("worker_alpha"), review=review)
    actions.return_for_completion(world.actor("chair_alpha"), step=step_of(review), opinion="缺合同")
    with pytest.raises(Refused, match="只有提交人"):
        actions.supplement(world.actor("worker_beta"), review=review)


@pytest.mark.parametrize("closed", ["approve", "refuse", "withdraw"])
def test_a_closed_matter_takes_no_verb(world: World, submit: Submit, trial: Trial, closed: str) -> None:
    review = submit()
    step, chair, worker = step_of(review), world.actor("chair_alpha"), world.actor("worker_alpha")
    if closed == "withdraw":
        actions.withdraw(worker, review=review, reason="换单位了")
        assert trial.calls == [("withdrawn", review.pk)]
    else:
        {"approve": actions.approve, "refuse": actions.refuse}[closed](chair, step=step, opinion="可以")
    calls = list(trial.calls)
    for verb in (actions.approve, actions.refuse, actions.return_for_completion, actions.urge):
        with pytest.raises(Refused, match="本次操作没有生效"):
            verb(chair, step=step, opinion="再来")
    with pytest.raises(Refused, match="不能再操作"):
        actions.withdraw(worker, review=review, reason="再撤")
    with pytest.raises(Refused, match="不能再操作"):
        actions.supplement(worker, review=review, note="再补")
    assert trial.calls == calls


def test_withdrawing_asks_why_and_is_for_the_submitter(world: World, submit: Submit) -> None:
    review = submit()
    with pytest.raises(Refused, match="撤回原因"):
        actions.withdraw(world.actor("worker_alpha"), review=review, reason=" ")
    with pytest.raises(Refused, match="只有提交人"):
        actions.withdraw(world.actor("chair_alpha"), review=review, reason="我来撤")
    assert fresh(review).is_open


@pytest.mark.parametrize("who", ["leader", "auditor", "clerk", "worker_beta", "lawyer", "operator"])
def test_without_the_permission_nobody_decides(world: World, submit: Submit, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.approve(world.actor(who), step=step_of(submit()))


@pytest.mark.parametrize("who", ["officer_alpha", "pier_officer", "east_officer", "province_officer"])
def test_the_role_is_held_exactly_at_the_steps_union(world: World, submit: Submit, who: str) -> None:
    """A superior, and another role of the same union, see the step but do not decide it."""
    with pytest.raises(Refused, match="由江城安达快递"):
        actions.approve(world.actor(who), step=step_of(submit()))


def test_another_branch_and_the_machine_decide_nothing(world: World, submit: Submit) -> None:
    step = step_of(submit())
    with pytest.raises(NotAllowed):
        actions.approve(world.actor("chair_gamma"), step=step)
    with pytest.raises(Refused):
        actions.approve(system_actor(), step=step)


def test_nobody_decides_on_his_own_matter(world: World, submit: Submit) -> None:
    chair = world.actor("chair_alpha")
    submitted = submit(by="chair_alpha")
    concerned = submit(by="officer_alpha", concerns=world.accounts["chair_alpha"].pk)
    for review in (submitted, concerned):
        for verb in (actions.approve, actions.refuse, actions.return_for_completion):
            with pytest.raises(Refused, match="不能审核自己"):
                verb(chair, step=step_of(review), opinion="可以")
        actions.hand_over(chair, step=step_of(review), organisation=world.unions["beta"], opinion="本人回避")
        actions.approve(world.actor("chair_beta"), step=step_of(review))
        assert fresh(review).state == Review.State.APPROVED


def test_both_the_submitter_and_the_person_concerned_are_told(world: World, submit: Submit) -> None:
    review = submit(by="officer_alpha", concerns=world.accounts["worker_alpha"].pk)
    actions.approve(world.actor("chair_alpha"), step=step_of(review))
    assert len(messages_to(world, "worker_alpha")) == len(messages_to(world, "officer_alpha")) == 1


def test_handing_over_keeps_the_due_date_and_tells_the_receivers(world: World, submit: Submit) -> None:
    review = submit()
    before = step_of(review)
    chair, beta = world.actor("chair_alpha"), world.unions["beta"]
    with pytest.raises(Refused, match="原因"):
        actions.hand_over(chair, step=before, organisation=beta, opinion="")
    with pytest.raises(Refused, match="已经在这个工会"):
        actions.hand_over(chair, step=before, organisation=world.unions["alpha"], opinion="x")
    with pytest.raises(Refused, match="没有人担任"):
        actions.hand_over(chair, step=before, organisation=world.unions["hill"], opinion="x")
    with pytest.raises(Refused, match="不能移交"):
        actions.hand_over(world.actor("pier_officer"), step=before, organisation=beta, opinion="x")
    actions.hand_over(chair, step=before, organisation=beta, opinion="职工在博远上班")
    after = step_of(review)
    assert (after.organisation_id, after.due_on) == (beta.pk, before.due_on)
    assert messages_to(world, "chair_beta")[0].url == f"/desk/reviews/{review.number}/"
    with pytest.raises(NotAllowed):
        actions.approve(chair, step=after)


def test_urging_comes_from_above_only(world: World, submit: Submit) -> None:
    step = step_of(submit())
    for who in ("chair_alpha", "officer_alpha", "gorge_officer", "reviewer"):
        with pytest.raises(NotAllowed):
            actions.urge(world.actor(who), step=step, opinion="请尽快")
    with pytest.raises(Refused, match="督办要求"):
        actions.urge(world.actor("pier_officer"), step=step, opinion="")
    for who in ("pier_officer", "leader", "transport_officer"):
        actions.urge(world.actor(who), step=step, opinion="请尽快")
    assert len(messages_to(world, "chair_alpha")) == 3
    assert step_of(step.review).due_on == step.due_on


def test_an_officer_does_not_urge_his_own_union(world: World, submit: Submit) -> None:
    step = step_of(submit(steps=[("pier", Role.OFFICER, 3)]))
    with pytest.raises(NotAllowed):
        actions.urge(world.actor("pier_officer"), step=step, opinion="请尽快")
    actions.urge(world.actor("east_officer"), step=step, opinion="请尽快")


def test_a_batch_says_row_by_row(world: World, submit: Submit) -> None:
    good, own, returned = submit(), submit(by="chair_alpha"), submit()
    chair = world.actor("chair_alpha")
    actions.return_for_completion(chair, step=step_of(returned), opinion="缺合同")
    steps = [step_of(review) for review in (good, own, returned)]
    outcome = actions.approve_many(chair, steps=steps)
    assert [step.review_id for step in outcome.done] == [good.pk]
    assert [step.review_id for step, _ in outcome.failures] == [own.pk, returned.pk]
    assert "自己" in outcome.failures[0][1]
    assert "补正" in outcome.failures[1][1]
    assert fresh(good).state == Review.State.APPROVED
