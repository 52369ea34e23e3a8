"""A claim whose payment finance gives up: told, and neither its event nor the cap is paid a second time meanwhile."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.benefits.models import CoverClaim
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Payment, Recovery
from unionhall.ledger.tests.test_books import settled
from unionhall.records.models import JournalEntry, Message

from .cover import SYSTEM, TODAY, WHY, budget, decide_all, fresh, handed_in

pytestmark = pytest.mark.django_db
DISEASE = {"story": "首次确诊乳腺癌，手术治疗", "disease": "乳腺癌"}


def payment_of(claim: CoverClaim) -> Payment:
    return Payment.objects.everywhere(reason=WHY).get(key=claim.key)


def paid(world: World, claim: CoverClaim) -> Payment:
    """Decided on, and at the account."""
    decide_all(world, claim)
    payment = settled(payment_of(claim))
    CoverClaim.objects.everywhere(reason=WHY).filter(pk=claim.pk).update(stage=CoverClaim.Stage.PAID)
    return payment


def reverse_(world: World, payment: Payment) -> None:
    ledger.reverse(world.actor("river_officer"), payment=payment, reason="材料有疑问")


def came_back(received: bool) -> None:
    back = Recovery.objects.everywhere(reason=WHY).get()
    ledger.settle_recovery(SYSTEM, recovery=back, received=received, reason="不再收回")


def womens(world: World, days: int) -> CoverClaim:
    """One of a cover that gives 10,000 in all."""
    return handed_in(
        world, by="officer_alpha", person=world.people["alpha_2"], programme="cover_women", peril="disease",
        on=TODAY - timedelta(days=days), said=DISEASE,
    )  # fmt: skip


@pytest.mark.parametrize("received", [True, False])
def test_an_event_is_claimed_anew_only_when_its_money_has_come_back(world: World, received: bool) -> None:
    budget(world)
    reverse_(world, paid(world, handed_in(world)))
    with pytest.raises(Refused, match=r"还有 8,000\.00 元没有退回"):
        handed_in(world)
    came_back(received)
    if not received:
        with pytest.raises(Refused, match="没有退回"):
            handed_in(world)
        return
    again = handed_in(world)
    decide_all(world, again)
    assert payment_of(again).amount == 8000


def test_an_event_whose_payment_never_left_is_claimed_anew(world: World) -> None:
    budget(world)
    one = handed_in(world)
    decide_all(world, one)
    reverse_(world, payment_of(one))
    decide_all(world, handed_in(world))
    assert Payment.objects.everywhere(reason=WHY).live().count() == 1


def test_money_that_is_out_counts_against_the_cap(world: World) -> None:
    budget(world, programme="cover_women")
    waiting = womens(world, 25)
    reverse_(world, paid(world, womens(world, 20)))
    came_back(received=False)
    with pytest.raises(Refused, match="按方案不能给付"):
        decide_all(world, waiting)
    live = Payment.objects.everywhere(reason=WHY).aggregate(total=Sum("amount"))["total"]
    assert live == 10_000


@pytest.mark.parametrize(("left", "words"), [(True, "需要退回"), (False, "款项不再发放")])
def test_the_person_hears_of_it_and_reads_why(world: World, client: Client, left: bool, words: str) -> None:
    budget(world)
    one = handed_in(world)
    if left:
        payment = paid(world, one)
    else:
        decide_all(world, one)
        payment = payment_of(one)
    reverse_(world, payment)
    assert fresh(one).stage == CoverClaim.Stage.REJECTED
    told = Message.objects.everywhere(reason=WHY).get(title="理赔已撤销")
    assert (told.recipient_id, words in told.body) == (world.accounts["worker_alpha"].pk, True)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.cover_revoked")
    assert entry.reason == "材料有疑问"
    client.force_login(world.accounts["worker_alpha"])
    page = client.get(reverse("m_cover_claim", args=[one.pk]))
    assert "材料有疑问" in page.content.decode()
