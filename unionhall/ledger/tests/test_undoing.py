"""Payments given up, sums that nobody asks for any more: what the person keeps counts, and nobody settles his own."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Budget, Payment, Recovery
from unionhall.ledger.reading import kept, paid_to_date
from unionhall.members.models import DeskIdentity

from .money import SYSTEM, WHY, Trial, balances, fresh, pay
from .test_books import settled

pytestmark = pytest.mark.django_db


def only_recovery(**where: Any) -> Recovery:
    return Recovery.objects.everywhere(reason=WHY).get(**where)


def given_up(payment: Payment, amount: int) -> None:
    """What is above this sum is to come back, and then is not asked for any more."""
    actions.adjust(SYSTEM, payment=payment, amount=amount, decision=None)
    back = only_recovery(state="open")
    actions.settle_recovery(SYSTEM, recovery=back, received=False, reason="法院裁定终结执行")


def test_more_is_set_off_against_what_nobody_asks_for_any_more(budget: Budget, world: World) -> None:
    person = world.people["alpha_1"]
    payment = settled(pay(world, budget, "claim", 100))
    given_up(payment, 60)
    assert paid_to_date(person, "trial_aid", budget.year) == 100, "the person has it"
    assert actions.adjust(SYSTEM, payment=payment, amount=60, decision=None) == []
    for _ in range(2):
        actions.adjust(SYSTEM, payment=payment, amount=80, decision=None)
        assert balances(budget) == {"granted": -10_000, "paid": 100, "available": 9900}, "he has 100 already"
        assert only_recovery(state="waived").amount == 20
    (extra,) = actions.adjust(SYSTEM, payment=payment, amount=130, decision=None)
    assert isinstance(extra, Payment)
    assert extra.amount == 30
    assert kept([payment.pk]) == {payment.pk: 130}
    assert paid_to_date(person, "trial_aid", budget.year) == 130
    assert audit() == []


def test_what_was_given_up_is_set_off_before_what_is_to_come_back(budget: Budget, world: World) -> None:
    payment = settled(pay(world, budget, "claim", 100))
    given_up(payment, 60)
    actions.adjust(SYSTEM, payment=payment, amount=30, decision=None)
    actions.adjust(SYSTEM, payment=payment, amount=90, decision=None)
    assert only_recovery(state="open").amount == 10
    assert not Recovery.objects.everywhere(reason=WHY).filter(state="waived").exists()
    assert balances(budget)["recoverable"] == 10
    assert audit() == []


def test_what_more_does_not_reach_is_still_to_come_back_as_it_was(budget: Budget, world: World) -> None:
    payment = settled(pay(world, budget, "claim", 100))
    for amount in (70, 40):
        actions.adjust(SYSTEM, payment=payment, amount=amount, decision=None)
    first, second = Recovery.objects.everywhere(reason=WHY).order_by("pk")
    actions.adjust(SYSTEM, payment=payment, amount=60, decision=None)
    states = Recovery.objects.everywhere(reason=WHY).order_by("pk").values_list("pk", "state", "amount")
    assert list(states)[:2] == [(first.pk, "open", 30), (second.pk, "cancelled", 30)]
    assert [(state, amount) for _, state, amount in states[2:]] == [("open", 10)]


def test_a_reversed_payment_that_was_granted_again_can_be_taken_back_again(
    budget: Budget, world: World
) -> None:
    payment = settled(pay(world, budget, "claim", 100))
    actions.reverse(SYSTEM, payment=payment, reason="材料有疑问")
    actions.adjust(SYSTEM, payment=payment, amount=80, decision=None)
    actions.adjust(SYSTEM, payment=payment, amount=50, decision=None)
    assert balances(budget) == {"granted": -10_000, "paid": 50, "recoverable": 50, "available": 9900}
    assert audit() == []


def test_a_domain_that_adjusts_is_not_told_that_its_payment_was_given_up(
    budget: Budget, world: World, trial: Trial
) -> None:
    payment = pay(world, budget, "claim", 100)
    (less,) = actions.adjust(SYSTEM, payment=payment, amount=60, decision=None)
    assert (fresh(payment).state, less.amount) == ("cancelled", 60)
    assert trial.told == []


@pytest.mark.parametrize("verb", ["reverse", "retry", "received", "waived"])
def test_nobody_settles_money_of_his_own(budget: Budget, world: World, verb: str) -> None:
    payment = settled(pay(world, budget, "claim", 300))
    actions.adjust(SYSTEM, payment=payment, amount=100, decision=None)
    back, officer = only_recovery(), world.actor("river_officer")
    account = world.accounts["river_officer"]
    DeskIdentity.objects.create(account=account, person=world.people["alpha_1"], named_by="test")
    verbs: dict[str, Callable[[], Any]] = {
        "reverse": lambda: actions.reverse(officer, payment=payment, reason="发错"),
        "retry": lambda: actions.retry(officer, payment=payment),
        "received": lambda: actions.settle_recovery(officer, recovery=back, received=True),
        "waived": lambda: actions.settle_recovery(officer, recovery=back, received=False, reason="算了"),
    }
    with pytest.raises(Refused, match="付给您本人的款"):
        verbs[verb]()
    assert only_recovery().state == "open"
