"""Transfers and changes of standing, from proposal through review to effect."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Grant
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.actions import appoint
from unionhall.members.models import Card, Employment, Membership, Person, Post, RosterBatch, RosterRow
from unionhall.organising.actions import standing, transfers
from unionhall.organising.models import MembershipTransfer, StandingChange
from unionhall.records.models import Message
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.procedures import procedure

WHY = "test"
TODAY = timezone.localdate()


def step_of(review: Review) -> ReviewStep:
    return ReviewStep.objects.everywhere(reason=WHY).get(review=review, is_current=True)


def where(person: Person) -> Membership | None:
    rows = Membership.objects.everywhere(reason=WHY).current()
    return rows.filter(person=person).select_related("organisation").first()


def status(person: Person, code: str) -> None:
    Employment.objects.everywhere(reason=WHY).filter(person=person).update(status=code)


def start(world: World, by: str, who: str = "beta_1", to: str = "alpha") -> MembershipTransfer:
    return transfers.request_transfer(
        world.actor(by),
        membership=world.memberships[who],
        destination=world.unions[to],
        reason="换了工作单位",
    )


def test_a_transfer_started_by_the_worker_asks_both_unions(world: World) -> None:
    transfer = start(world, "worker_beta")
    steps = list(ReviewStep.objects.everywhere(reason=WHY).filter(review=transfer.review).order_by("order"))
    assert [step.organisation.name for step in steps] == [
        world.unions[name].name for name in ("beta", "alpha")
    ]
    assert transfer.person_agreed_at is not None
    reviewing.approve(world.actor("chair_beta"), step=step_of(transfer.review))
    with pytest.raises((Refused, NotAllowed)):
        reviewing.approve(world.actor("chair_beta"), step=step_of(transfer.review))
    reviewing.approve(world.actor("chair_alpha"), step=step_of(transfer.review))
    present = where(world.people["beta_1"])
    assert present is not None
    assert present.organisation == world.unions["alpha"]
    assert Card.objects.everywhere(reason=WHY).filter(person=present.person, status="active").count() == 1


def test_who_decides_a_transfer_reads_which_posts_end_with_it(world: World) -> None:
    appoint(
        system_actor(), person=world.people["beta_1"], organisation=world.unions["beta"], title="chair",
        on=date(2022, 1, 1),
    )  # fmt: skip
    review = start(world, "worker_beta").review
    told = dict(procedure("transfer").facts(review))["在转出工会任职"]
    assert told.startswith("主席，转出后结束。")
    assert "《工会法》第十八条" in told
    for chair in ("chair_beta", "chair_alpha"):
        reviewing.approve(world.actor(chair), step=step_of(review))
    assert not Post.objects.everywhere(reason=WHY).filter(period__upper_inf=True).exists()


def test_the_union_that_starts_has_agreed_but_the_worker_must_too(world: World) -> None:
    transfer = start(world, "chair_alpha")
    assert step_of(transfer.review).organisation == world.unions["beta"]
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_beta"].pk)
    assert told.filter(url=f"/m/transfers/{transfer.pk}/").exists()
    with pytest.raises(Refused, match="本人还没有同意"):
        reviewing.approve(world.actor("chair_beta"), step=step_of(transfer.review))
    with pytest.raises(NotAllowed):
        transfers.agree(world.actor("worker_alpha"), transfer=transfer)
    transfers.agree(world.actor("worker_beta"), transfer=transfer)
    reviewing.approve(world.actor("chair_beta"), step=step_of(transfer.review))
    present = where(world.people["beta_1"])
    assert present is not None
    assert present.organisation == world.unions["alpha"]


def test_consent_on_paper_is_attested_with_a_reason(world: World) -> None:
    transfer = start(world, "chair_beta", who="beta_2")
    with pytest.raises(NotAllowed):
        transfers.attest_agreement(world.actor("chair_gamma"), transfer=transfer, note="本人到场签字")
    with pytest.raises(Refused, match="书面同意"):
        transfers.attest_agreement(world.actor("chair_alpha"), transfer=transfer, note="")
    found = transfers.attest_agreement(world.actor("chair_alpha"), transfer=transfer, note="本人到场签字")
    assert found.agreed_by == "paper"
    reviewing.approve(world.actor("chair_alpha"), step=step_of(transfer.review))
    present = where(world.people["beta_2"])
    assert present is not None
    assert present.organisation == world.unions["alpha"]


def test_one_matter_at_a_time_and_the_worker_may_decline(world: World) -> None:
    transfer = start(world, "chair_alpha")
    with pytest.raises(Refused, match="正在办理"):
        start(world, "worker_beta", to="gamma")
    with pytest.raises(Refused, match="正在办理"):
        standing.propose(
            world.actor("worker_beta"),
            membership=world.memberships["beta_1"],
            change="withdrawal",
            reason="离职",
        )
    transfers.decline(world.actor("worker_beta"), transfer=transfer, reason="没有换单位")
    transfer.review.refresh_from_db()
    assert transfer.review.state == Review.State.WITHDRAWN
    start(world, "worker_beta", to="gamma")


@pytest.mark.parametrize("by", ["chair_gamma", "worker_alpha", "auditor", "river_rights"])
def test_others_may_not_start_a_transfer(world: World, by: str) -> None:
    with pytest.raises(NotAllowed):
        start(world, by)


def test_a_refused_transfer_changes_nothing(world: World) -> None:
    transfer = start(world, "worker_beta")
    reviewing.refuse(world.actor("chair_beta"), step=step_of(transfer.review), opinion="劳动关系未解除")
    present = where(world.people["beta_1"])
    assert present is not None
    assert present.organisation == world.unions["beta"]


def test_rows_of_a_roster_start_transfers_once(world: World) -> None:
    alpha = world.unions["alpha"]
    batch = RosterBatch.objects.create(
        organisation=alpha, path=alpha.path, second_path=alpha.second_path, uploaded_by="t", state="committed"
    )
    for number, who in enumerate(("beta_1", "beta_2", "gamma_1"), start=2):
        RosterRow.objects.create(
            batch=batch, number=number, outcome="transfer", organisation=alpha, person_id=world.people[who].pk
        )
    start(world, "worker_beta", to="gamma")
    done = transfers.transfer_rows(world.actor("chair_alpha"), batch=batch)
    assert (done.started, done.failures) == (2, [])
    assert transfers.transfer_rows(world.actor("chair_alpha"), batch=batch).started == 0
    with pytest.raises(NotAllowed):
        transfers.transfer_rows(world.actor("chair_beta"), batch=batch)


def propose(
    world: World, change: str, who: str = "beta_1", by: str = "chair_beta", **evidence: object
) -> StandingChange:
    return standing.propose(
        world.actor(by),
        membership=world.memberships[who],
        change=change,
        reason="据实办理",
        evidence=evidence,
    )


def another_decider(world: World) -> None:
    """A second chair of beta, so that what the first proposes is decided in the union itself."""
    Grant.objects.create(
        account=world.accounts["officer_alpha"], role="chair", organisation=world.unions["beta"],
        period=(date(2020, 1, 1), None), granted_by="t",
    )  # fmt: skip


def test_retention_and_resumption(world: World) -> None:
    another_decider(world)
    person = world.people["beta_1"]
    status(person, "1")
    with pytest.raises(Refused, match="退休、失业"):
        propose(world, "retention")
    status(person, "4")
    matter = propose(world, "retention")
    reviewing.approve(world.actor("officer_alpha"), step=step_of(matter.review))
    held = where(person)
    assert held is not None
    assert held.standing == "retained"
    assert held.joined_on == world.memberships["beta_1"].joined_on


def test_nobody_decides_what_he_proposed(world: World) -> None:
    status(world.people["beta_1"], "4")
    matter = propose(world, "retention")
    step = step_of(matter.review)
    assert step.organisation != world.unions["beta"]  # one chair only: the union above decides
    with pytest.raises((Refused, NotAllowed)):
        reviewing.approve(world.actor("chair_beta"), step=step)


def test_withdrawal_is_the_workers_own(world: World) -> None:
    with pytest.raises(Refused, match="本人提出"):
        propose(world, "withdrawal")
    matter = propose(world, "withdrawal", by="worker_beta")
    reviewing.approve(world.actor("chair_beta"), step=step_of(matter.review))
    assert where(world.people["beta_1"]) is None
    assert (
        not Card.objects.everywhere(reason=WHY)
        .filter(person=world.people["beta_1"], status="active")
        .exists()
    )
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_beta"].pk)
    assert told.filter(title="您已退出工会").exists()


def test_deemed_withdrawal_needs_six_months_and_education(world: World) -> None:
    long_ago = TODAY - timedelta(days=300)
    with pytest.raises(Refused, match="教育提醒"):
        propose(world, "deemed", dues_paid_until=long_ago, last_took_part_on=long_ago)
    with pytest.raises(Refused, match="还不满连续"):
        propose(world, "deemed", dues_paid_until=TODAY - timedelta(days=30), educated_on=TODAY)
    with pytest.raises(Refused, match="不能晚于今天"):
        propose(world, "deemed", educated_on=TODAY + timedelta(days=1))
    matter = propose(world, "deemed", dues_paid_until=long_ago, last_took_part_on=long_ago, educated_on=TODAY)
    assert matter.evidence["educated_on"] == TODAY.isoformat()


def test_expulsion_passes_three_stages(world: World) -> None:
    another_decider(world)
    with pytest.raises(Refused, match="工会小组讨论"):
        propose(world, "expulsion")
    matter = propose(world, "expulsion", group_discussed_on=TODAY - timedelta(days=10))
    reviewing.approve(world.actor("officer_alpha"), step=step_of(matter.review), opinion="委员会表决通过")
    assert where(world.people["beta_1"]) is not None  # not before it is filed upward
    filing = step_of(matter.review)
    assert filing.organisation == world.unions["pier"]
    reviewing.approve(world.actor("pier_officer"), step=filing, opinion="同意备案")
    last = (
        Membership.objects.everywhere(reason=WHY)
        .filter(person=world.people["beta_1"])
        .order_by("-period")
        .first()
    )
    assert last is not None
    assert (last.exit, last.period.upper) == ("expulsion", TODAY)


def test_workers_ask_only_what_is_theirs(world: World) -> None:
    with pytest.raises(NotAllowed):
        propose(world, "expulsion", by="worker_beta", group_discussed_on=TODAY)
    with pytest.raises(NotAllowed):
        propose(world, "withdrawal", by="worker_alpha")
    with pytest.raises(NotAllowed):
        propose(world, "retention", by="chair_gamma")
