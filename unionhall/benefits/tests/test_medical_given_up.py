"""Medical aid whose money finance gives up, or does not ask back: the year's cap holds, nothing is paid after all."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.world import World
from unionhall.benefits.models import SettlementLine
from unionhall.ledger import actions as ledger
from unionhall.ledger import checking as books
from unionhall.ledger.models import Payment, Recovery
from unionhall.ledger.reading import paid_to_date
from unionhall.records.models import JournalEntry, Message

from .settlements import SYSTEM, WHY, YEAR, Settled, bank_paid, budget, cards, line_of, payments, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(world: World) -> World:
    """A year of which a person is given 20,000 at most."""
    budget(world)
    cards(world)
    return world


def open_recovery() -> Recovery:
    return Recovery.objects.everywhere(reason=WHY).get(state=Recovery.State.OPEN)


def amounts(*numbers: str) -> list[Decimal]:
    return [line_of(number).amount for number in numbers]


def had(world: World) -> Decimal:
    return paid_to_date(world.people["alpha_1"], "medical_aid", YEAR)


def waived(world: World, tmp_path: Path) -> None:
    """14,350 paid for A1, corrected to 4,350; nobody asks for the 10,000 any more."""
    settled(world, tmp_path, [Settled("A1", "alpha_1", "30000")])
    bank_paid(line_of("A1").payment_key)
    settled(world, tmp_path, [Settled("A1", "alpha_1", "10000")], "W2")
    ledger.settle_recovery(SYSTEM, recovery=open_recovery(), received=False, reason="不再收回")
    assert had(world) == 14_350


def test_what_is_not_asked_back_counts_against_the_cap_in_a_correction_too(
    ready: World, tmp_path: Path
) -> None:
    waived(ready, tmp_path)
    settled(ready, tmp_path, [Settled("A2", "alpha_1", "90000", f"{YEAR}-05-01")], "W3")
    assert amounts("A1", "A2") == [4350, 5650]
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "10010")], "W4")
    assert amounts("A1", "A2") == [4355, 5650]
    assert had(ready) == 20_000
    assert books.audit() == []


def test_a_sum_that_rises_is_set_off_against_what_he_kept_of_it(ready: World, tmp_path: Path) -> None:
    waived(ready, tmp_path)
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "40000")], "W3")
    assert amounts("A1") == [had(ready)] == [19_350]


def test_a_correction_before_it_leaves_less_where_he_keeps_too_much(ready: World, tmp_path: Path) -> None:
    first = [Settled("A0", "alpha_1", "100"), Settled("A1", "alpha_1", "90000", f"{YEAR}-05-01")]
    settled(ready, tmp_path, first)
    assert amounts("A1") == [20_000]
    bank_paid(line_of("A1").payment_key)
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "25300", f"{YEAR}-05-01")], "W2")
    ledger.settle_recovery(SYSTEM, recovery=open_recovery(), received=False, reason="不再收回")
    settled(ready, tmp_path, [Settled("A0", "alpha_1", "9000")], "W3")
    assert line_of("A0").amount > 0
    assert had(ready) == 20_000


def test_finance_gives_a_payment_up_and_no_correction_pays_it(ready: World, tmp_path: Path) -> None:
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "5300")])
    line = line_of("A1")
    payment = Payment.objects.everywhere(reason=WHY).get(key=line.payment_key)
    ledger.reverse(ready.actor("river_officer"), payment=payment, reason="冒用他人医保卡")
    line.refresh_from_db(from_queryset=SettlementLine.objects.everywhere(reason=WHY))
    assert line.outcome == SettlementLine.Outcome.REVOKED
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.settlement_revoked")
    assert entry.reason == "冒用他人医保卡"
    told = Message.objects.everywhere(reason=WHY).get(title__endswith="元已撤销")
    assert told.body.startswith("款项不再发放")
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "5320")], "W2")
    stuck = SettlementLine.objects.everywhere(reason=WHY).exceptions().get(number="A1")
    assert (stuck.reason, stuck.resolution[:12]) == ("stuck", "原结算的付款已由财务撤销"[:12])
    assert payments() == {}
    settled(ready, tmp_path, [Settled("A2", "alpha_1", "2300", f"{YEAR}-05-01")], "W3")
    assert amounts("A2") == [500], "its self-paid part counts towards no deductible"


def test_finance_recovers_a_payment_and_a_correction_leaves_it_to_be_recovered(
    ready: World, tmp_path: Path
) -> None:
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "5300")])
    payment = bank_paid(line_of("A1").payment_key)
    ledger.reverse(ready.actor("river_officer"), payment=payment, reason="冒用他人医保卡")
    told = Message.objects.everywhere(reason=WHY).get(title__endswith="元已撤销")
    assert "需要退回" in told.body
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "5280")], "W2")
    assert open_recovery().amount == 2000
    assert had(ready) == 0


def test_a_part_given_up_leaves_the_rest_counted(ready: World, tmp_path: Path) -> None:
    """What was paid in addition is cancelled: the first payment stays with him, and counts against the cap."""
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "30000"), Settled("A0", "alpha_1", "100")])
    bank_paid(line_of("A1").payment_key)
    settled(ready, tmp_path, [Settled("A1", "alpha_1", "31000")], "W2")
    extra = Payment.objects.everywhere(reason=WHY).get(key=f"{line_of('A1').payment_key}+1")
    ledger.reverse(ready.actor("river_officer"), payment=extra, reason="重复申报")
    settled(ready, tmp_path, [Settled("A0", "alpha_1", "90000")], "W3")
    assert amounts("A0") == [5650]
    assert had(ready) == 20_000
