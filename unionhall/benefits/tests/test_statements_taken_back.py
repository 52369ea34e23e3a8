"""A merchant's statement whose payment was given up is confirmed anew and paid once more, never while money is out."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits.actions import redeeming, settling, vouchers
from unionhall.benefits.models import Reconciliation
from unionhall.benefits.procedures.member_services import page_of
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Payment, Recovery
from unionhall.ledger.tests.test_books import settled
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db
WHY, SYSTEM = "test", system_actor()


@pytest.fixture
def confirmed(world: World) -> Reconciliation:
    """Two redemptions of this month, agreed and confirmed: 20 yuan are due."""
    service = scene.service(world)
    merchant, counter = service.merchant, world.actor("merchant")
    till, worker = scene.teller(world, merchant), world.actor("worker_alpha")
    merchant.payee = ledger.register_payee(
        SYSTEM,
        person=None,
        bank="江城银行",
        number="6222020000000000000",
        holder="江城体育中心",
        relation="服务商户",
    )
    merchant.save(update_fields=["payee"])
    for _ in range(2):
        voucher = vouchers.take(worker, service=service, person=world.people["alpha_1"])
        redeeming.redeem(counter, teller=till, code=voucher.code)
    today = timezone.localdate()
    ledger.open_budget(
        SYSTEM, organisation=world.unions["alpha"], programme="member_services", year=today.year, amount=1000
    )
    found = settling.make_reconciliation(
        SYSTEM, merchant=merchant, month=today, today=today + timedelta(days=40)
    )
    settling.agree(counter, teller=till, reconciliation=found)
    return settling.confirm(SYSTEM, reconciliation=found)


def fresh(statement: Reconciliation) -> Reconciliation:
    rows = Reconciliation.objects.everywhere(reason=WHY).select_related("merchant__organisation", "payment")
    return rows.get(pk=statement.pk)


def payment_of(statement: Reconciliation) -> Payment:
    found: Any = fresh(statement).payment
    return Payment.objects.everywhere(reason=WHY).get(pk=found.pk)


def test_a_cancelled_payment_is_made_anew_after_the_union_confirms_again(confirmed: Reconciliation) -> None:
    first = payment_of(confirmed)
    ledger.reverse(SYSTEM, payment=first, reason="收款账户有误")
    again = fresh(confirmed)
    assert (again.state, again.confirmed_at, again.confirmed_by) == ("agreed", None, "")
    settling.confirm(SYSTEM, reconciliation=again)
    second = payment_of(confirmed)
    assert (second.state, second.amount, second.key) == ("due", first.amount, f"{first.key}.2")
    assert second.decision is not None
    assert second.decision.replaces_id == first.decision_id
    assert page_of(first) == page_of(second) != ""
    ledger.reverse(SYSTEM, payment=second, reason="收款账户有误")
    settling.confirm(SYSTEM, reconciliation=fresh(confirmed))
    assert payment_of(confirmed).key == f"{first.key}.3"
    live = Payment.objects.everywhere(reason=WHY).live()
    assert [one.pk for one in live] == [payment_of(confirmed).pk]


def test_nothing_is_paid_again_before_the_money_came_back(confirmed: Reconciliation) -> None:
    first = settled(payment_of(confirmed))
    ledger.reverse(SYSTEM, payment=first, reason="付错商户")
    with pytest.raises(Refused, match=r"20\.00 元没有收回"):
        settling.confirm(SYSTEM, reconciliation=fresh(confirmed))
    back = Recovery.objects.everywhere(reason=WHY).get()
    ledger.settle_recovery(SYSTEM, recovery=back, received=True)
    settling.confirm(SYSTEM, reconciliation=fresh(confirmed))
    assert payment_of(confirmed).state == "due"


def given_up(statement: Reconciliation, *, received: bool) -> Recovery:
    """The merchant was paid; the payment is given up and its recovery settled."""
    first = settled(payment_of(statement))
    ledger.reverse(SYSTEM, payment=first, reason="付错商户")
    back = Recovery.objects.everywhere(reason=WHY).get()
    return ledger.settle_recovery(SYSTEM, recovery=back, received=received, reason="不再收回")


def test_a_statement_whose_merchant_keeps_the_money_is_closed_without_another_payment(
    confirmed: Reconciliation,
) -> None:
    given_up(confirmed, received=False)
    first = payment_of(confirmed)
    again = settling.confirm(SYSTEM, reconciliation=fresh(confirmed))
    assert (again.state, again.payment, again.confirmed_at is not None) == ("confirmed", first, True)
    assert not Payment.objects.everywhere(reason=WHY).live().exists()
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.statement_kept")
    assert "20.00 元不再收回" in entry.reason


def test_of_a_part_that_the_merchant_keeps_only_the_rest_is_paid(confirmed: Reconciliation) -> None:
    """Also after the payment of the rest was given up in its turn."""
    back = given_up(confirmed, received=True)
    Recovery.objects.everywhere(reason=WHY).filter(pk=back.pk).update(amount=15)
    Recovery.objects.create(payment=back.payment, amount=5, state=Recovery.State.WAIVED)
    for _ in range(2):
        settling.confirm(SYSTEM, reconciliation=fresh(confirmed))
        rest = payment_of(confirmed)
        assert (rest.state, rest.amount) == ("due", 15)
        ledger.reverse(SYSTEM, payment=rest, reason="收款账户有误")
