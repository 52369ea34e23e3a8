"""Two at once: the last money goes to one, a payment is made once, a batch is made once, an answer is booked once."""

from decimal import Decimal
from functools import partial

import pytest

from tests.racing import at_once
from tests.world import ensure
from unionhall.ledger import actions
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Commitment, Payment

from .banking import all_paid, payee, sent, take
from .money import SYSTEM, WHY, Trial, balances, commit, opened, pay

pytestmark = pytest.mark.django_db(transaction=True)


def test_races_of_money(transactional_db: None, trial: Trial) -> None:
    """One test, because emptying the tables costs more than all that is tried here."""
    world = ensure()
    budget, other = opened(world, 100), opened(world, 1000, "other_aid")

    at_once(*(partial(commit, budget, f"c{number}", 60, number) for number in range(4)))
    states = Commitment.objects.everywhere(reason=WHY).order_by("state").values_list("state", flat=True)
    assert list(states) == ["held", "waiting", "waiting", "waiting"], "the last money goes to one"
    held = Commitment.objects.everywhere(reason=WHY).get(state="held")

    key = partial(
        actions.pay, SYSTEM, key="once", purpose="trial", commitment=held, person=world.people["alpha_1"]
    )
    assert at_once(key, key, key) == ["ok", "ok", "ok"]
    assert Payment.objects.everywhere(reason=WHY).count() == 1, "a key pays once, whoever comes first"

    direct = partial(pay, world, other, "claim", 400)
    rows = [actions.Due("claim", world.people["alpha_1"].pk, Decimal(400))]
    many = partial(actions.pay_many, SYSTEM, budget=other, purpose="trial", rows=rows)
    assert at_once(direct, many, direct, many) == ["ok"] * 4
    assert balances(other)["payable"] == 400

    payee(world.people["alpha_1"])
    make = partial(actions.make_batch, world.actor("river_officer"), organisation=world.unions["river_city"])
    assert sorted(at_once(make, make)) == ["ok", "没有待付的款。"], (
        "two makers: what is due goes into one batch"
    )
    payment = Payment.objects.everywhere(reason=WHY).select_related("batch").first()
    assert payment is not None
    assert payment.batch is not None
    batch = sent(world, payment.batch)
    content = all_paid(batch)
    assert at_once(*[partial(take, world, batch, content)] * 3) == ["ok"] * 3
    assert batch.returns.count() == 1
    assert (int(balances(budget)["paid"]), int(balances(other)["paid"])) == (60, 400)

    again = partial(actions.adjust, SYSTEM, payment=payment, amount=payment.amount + 5, decision=None)
    release = partial(actions.release, SYSTEM, commitment=_first_waiting(), reason="撤回")
    at_once(again, again, release, release)
    assert audit() == []


def _first_waiting() -> Commitment:
    found = Commitment.objects.everywhere(reason=WHY).in_line().first()
    assert found is not None
    return found
