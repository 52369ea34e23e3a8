"""From the event to the account: what a claim asks, who decides, what is paid, and what is refused on the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import cover_claims as claims
from unionhall.benefits.actions import cover_settling
from unionhall.benefits.models import CoverClaim
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as ledger
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Commitment, Payment
from unionhall.ledger.tests.banking import all_paid, answer, card, payee, payments, sent, take
from unionhall.members.actions import end
from unionhall.members.models import Consent, Membership
from unionhall.records.models import Message
from unionhall.reviews import actions as reviewing
from unionhall.rulebook.decisions import replay

from .cover import (
    DECIDERS,
    EVENT,
    FIRE,
    SYSTEM,
    TODAY,
    budget,
    decide_all,
    drafted,
    fresh,
    handed_in,
    paper,
    step_of,
)

WHY = "test"
Stage = CoverClaim.Stage
INJURY = {
    "place": "小区", "story": "骑车摔倒，右腿骨折", "grade": "5",
    "treated_until": EVENT + timedelta(days=10), "assessed_on": EVENT + timedelta(days=12),
}  # fmt: skip


def payment_of(claim: CoverClaim) -> Payment:
    return Payment.objects.everywhere(reason=WHY).get(decision=fresh(claim).decision)


def test_from_the_event_to_the_account(world: World) -> None:
    budget(world)
    payee(world.people["alpha_1"])
    claim = handed_in(world)
    assert (fresh(claim).stage, step_of(claim).organisation) == (Stage.REVIEWING, world.unions["alpha"])
    decide_all(world, claim)
    done = fresh(claim)
    assert done.stage == Stage.APPROVED
    assert done.decision is not None
    assert (done.decision.amount, done.decision.outcome) == (Decimal("8000.00"), "granted")
    assert replay(done.decision).same
    assert payment_of(claim).amount == Decimal("8000.00")
    batch = sent(
        world, ledger.make_batch(world.actor("river_officer"), organisation=world.unions["river_city"])
    )
    take(world, batch, all_paid(batch))
    assert fresh(claim).stage == Stage.PAID
    told = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts["worker_alpha"].pk)
    assert "理赔款已付款" in list(told.values_list("title", flat=True))
    assert audit() == []
    assert cover_settling.close_paid() == 0
    CoverClaim.objects.everywhere(reason=WHY).update(paid_at=timezone.now() - timedelta(days=31))
    assert cover_settling.close_paid() == 1
    assert fresh(claim).stage == Stage.CLOSED


def test_cover_is_there_even_when_no_job_has_run(world: World) -> None:
    claim = drafted(world)
    assert claim.enrolment.period.lower <= EVENT


def test_an_event_outside_the_cover_is_refused_with_its_days(world: World) -> None:
    with pytest.raises(Refused, match="保障自 2026-01-01 起"):
        drafted(world, on=TODAY.replace(year=2025, month=12, day=31))
    with pytest.raises(Refused, match="不能晚于今天"):
        drafted(world, on=TODAY + timedelta(days=1))


def test_an_event_is_claimed_once(world: World) -> None:
    drafted(world)
    with pytest.raises(Refused, match="已经申请过"):
        drafted(world)
    other = drafted(world, on=EVENT - timedelta(days=1))
    assert other.pk


def test_a_refused_claim_may_be_made_anew(world: World) -> None:
    claim = handed_in(world)
    reviewing.refuse(world.actor("chair_alpha"), step=step_of(claim), opinion="证明不是本单位出具")
    assert fresh(claim).stage == Stage.REJECTED
    assert drafted(world).pk != claim.pk


def test_nothing_is_handed_in_half_filled(world: World) -> None:
    actor = world.actor("worker_alpha")
    claim = claims.start(
        actor, person=world.people["alpha_1"], programme="cover_accident", peril="disability", event_on=EVENT
    )
    lacking = {one.part for one in claims.missing(claim)}
    assert lacking == {"story", "grade", "assessed_on", "paper.event", "paper.hospital", "paper.grade"}
    with pytest.raises(Refused, match="写明事情经过"):
        claims.submit(actor, claim=claim, consent=True)


def test_health_asks_for_a_consent_of_its_own(world: World) -> None:
    claim = drafted(world, peril="disability", said=INJURY)
    with pytest.raises(Refused, match="单独同意"):
        claims.submit(world.actor("worker_alpha"), claim=claim, consent=False)
    claims.submit(world.actor("worker_alpha"), claim=claim, consent=True)
    given = Consent.objects.everywhere(reason=WHY).filter(
        person=world.people["alpha_1"], purpose=claims.CONSENT
    )
    assert given.count() == 1
    assert claims.assessed(fresh(claim)).amount == Decimal("3000.00")


def test_a_grade_counts_when_treatment_is_over_or_on_day_180(world: World) -> None:
    early = INJURY | {"treated_until": None, "assessed_on": EVENT + timedelta(days=12)}
    with pytest.raises(Refused, match="第 180 天"):
        drafted(world, peril="disability", said=early)
    long_ago = TODAY - timedelta(days=190)
    late = INJURY | {"treated_until": None, "assessed_on": long_ago + timedelta(days=180)}
    claim = drafted(world, peril="disability", said=late, on=long_ago)
    assert claims.assessed(claim).outcome == "granted"


def test_what_happened_is_sealed_and_stays_with_its_person(world: World) -> None:
    claim = drafted(world, peril="disability", said=INJURY)
    assert "骨折" not in str(
        CoverClaim.objects.everywhere(reason=WHY).values_list("particulars").get(pk=claim.pk)
    )
    with pytest.raises(NotAllowed):
        claims.describe(world.actor("worker_beta"), claim=claim, particulars=FIRE)
    with pytest.raises(NotAllowed):
        claims.start(
            world.actor("chair_beta"), person=world.people["alpha_1"], programme="cover_accident", peril="fire",
            event_on=EVENT,
        )  # fmt: skip


def test_sent_back_completed_and_decided(world: World) -> None:
    budget(world)
    claim = handed_in(world)
    chair, worker = world.actor("chair_alpha"), world.actor("worker_alpha")
    with pytest.raises(Refused, match="不能修改"):
        claims.add_paper(worker, claim=claim, code="loss", upload=paper())
    reviewing.return_for_completion(chair, step=step_of(claim), opinion="损失清单看不清")
    claims.add_paper(worker, claim=claim, code="loss", upload=paper("清单.pdf"))
    claims.resubmit(worker, claim=claim)
    decide_all(world, claim)
    assert fresh(claim).stage == Stage.APPROVED


def test_a_death_is_claimed_by_kin_at_the_window_and_paid_to_them(world: World) -> None:
    budget(world)
    person, window = world.people["alpha_1"], world.actor("clerk")
    with pytest.raises(Refused, match="家属到工会窗口"):
        drafted(world, peril="death", on=EVENT)
    claims.start(window, person=person, programme="cover_accident", peril="death", event_on=EVENT).delete()
    end(SYSTEM, membership=world.memberships["alpha_1"], on=EVENT, exit=Membership.Exit.DEATH, reason="死亡")
    said = {"story": "交通意外，送医不治", "claimant": "王芳", "kinship": "配偶", "phone": "13800000000"}
    claim = drafted(world, by="clerk", peril="death", on=EVENT, said=said)
    with pytest.raises(Refused, match="受益人的收款账户"):
        claims.submit(window, claim=claim, consent=False)
    account = ledger.register_payee(
        SYSTEM, person=person, bank="江城银行", number=card(77), holder="王芳", relation="配偶"
    )
    claims.describe(window, claim=claim, particulars={}, payee=account)
    decide_all(world, claims.submit(window, claim=claim, consent=False))
    paid = payment_of(claim)
    assert (paid.amount, paid.payee) == (Decimal("20000.00"), account)
    with pytest.raises(Refused, match="已经申请过"):
        drafted(world, by="clerk", peril="death", on=EVENT - timedelta(days=1), said=said)


def test_no_budget_no_approval(world: World) -> None:
    claim = handed_in(world)
    with pytest.raises(Refused, match="还没有设立"):
        decide_all(world, claim)
    assert fresh(claim).stage == Stage.REVIEWING
    assert fresh(claim).decision is None


def test_who_finds_no_money_left_waits_and_is_paid_when_there_is(world: World) -> None:
    money = budget(world, 5_000)
    claim = handed_in(world)
    decide_all(world, claim)
    assert Commitment.objects.everywhere(reason=WHY).get(decision=fresh(claim).decision).state == "waiting"
    ledger.change_budget(SYSTEM, budget=money, amount=50_000, reason="追加")
    assert payment_of(claim).amount == Decimal("8000.00")


def test_the_bank_sends_it_back_and_it_is_paid_again(world: World) -> None:
    budget(world)
    payee(world.people["alpha_1"])
    claim = handed_in(world)
    decide_all(world, claim)
    officer = world.actor("river_officer")
    batch = sent(world, ledger.make_batch(officer, organisation=world.unions["river_city"]))
    (one,) = payments(batch)
    take(world, batch, answer(batch, [(one.number, one.amount, "失败", "账号不符")], digest=True))
    assert fresh(claim).stage == Stage.APPROVED


def test_a_refusal_is_appealed_to_the_next_level(world: World) -> None:
    appeal = getattr(reviewing, "appeal", None)
    if appeal is None:
        pytest.skip("reviews has no appeals yet")
    budget(world)
    claim = handed_in(world)
    reviewing.refuse(world.actor("chair_alpha"), step=step_of(claim), opinion="不属实")
    appeal(world.actor("worker_alpha"), review=fresh(claim).review, reason="消防的认定书在，请复核")
    assert fresh(claim).stage == Stage.REVIEWING
    reviewing.approve(world.actor("pier_officer"), step=step_of(claim), opinion="情况属实")
    decide_all(world, claim, DECIDERS[1:])
    assert fresh(claim).stage == Stage.APPROVED


def test_nobody_decides_on_his_own_claim(world: World) -> None:
    claim = handed_in(world)
    with pytest.raises((Refused, NotAllowed)):
        reviewing.approve(world.actor("worker_alpha"), step=step_of(claim))
