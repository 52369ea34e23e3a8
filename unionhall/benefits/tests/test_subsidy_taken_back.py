"""助推补贴 whose money is given up: the application is over, the district's part too, nobody has it twice."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World
from unionhall.benefits.actions import subsidy
from unionhall.benefits.models import CareerApplication
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as money
from unionhall.ledger.models import Budget, Payment, Recovery
from unionhall.ledger.tests import banking
from unionhall.records.models import JournalEntry, Message

from .test_subsidy import SYSTEM, TODAY, WHY, Stage, bring, budget, fresh, let_pass, publicise, review_through

pytestmark = pytest.mark.django_db


def district_budget(world: World, amount: int) -> None:
    money.open_budget(
        SYSTEM,
        organisation=world.unions["river_city"],
        programme="career_match",
        year=TODAY.year,
        amount=amount,
    )


def due(world: World, *, matched: int = 0) -> CareerApplication:
    """An application at the end of its notice; `matched` is what the district has set aside."""
    budget(world, 100_000)
    if matched:
        district_budget(world, matched)
    return through(world, bring(world))


def through(world: World, one: CareerApplication) -> CareerApplication:
    publicise(world, review_through(world, one))
    let_pass()
    return fresh(one)


def at_the_bank(world: World, purpose: str) -> Payment:
    banking.payee(world.people["alpha_1"])
    batch = money.make_batch(
        world.actor("river_officer"), organisation=world.unions["river_city"], purpose=purpose
    )
    (payment,) = banking.payments(banking.sent(world, batch))
    return payment


def reverse(world: World, one: CareerApplication) -> CareerApplication:
    payment = fresh(one).payment
    assert payment is not None
    money.reverse(world.actor("river_officer"), payment=payment, reason="证书有误")
    return fresh(one)


def again(world: World) -> CareerApplication:
    return subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S000010001")


def match_of(one: CareerApplication) -> Payment:
    return Payment.objects.everywhere(reason=WHY).get(key=f"{one.key}:match")


def test_what_finance_gives_up_is_over_and_may_be_asked_for_again(world: World) -> None:
    one = reverse(world, due(world, matched=1000))
    assert one.stage == Stage.CANCELLED
    assert match_of(one).state == Payment.State.CANCELLED
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.subsidy_cancelled")
    assert entry.reason == "证书有误"
    assert Message.objects.everywhere(reason=WHY).filter(title="职业发展助推补贴：已撤销").exists()
    second = through(world, again(world))
    assert (second.stage, match_of(second).state) == (Stage.DUE, Payment.State.DUE)


def test_a_place_in_the_districts_line_is_given_up_too(world: World) -> None:
    one = due(world, matched=1)
    reverse(world, one)
    own = Budget.objects.everywhere(reason=WHY).get(programme="career_match")
    money.change_budget(SYSTEM, budget=own, amount=5000, reason="追加")
    assert not Payment.objects.everywhere(reason=WHY).filter(key=f"{one.key}:match").exists()


@pytest.mark.parametrize("received", [True, False])
def test_no_second_subsidy_while_money_of_the_first_is_out(world: World, received: bool) -> None:
    one = due(world, matched=1000)
    for purpose in ("career_subsidy", "career_match"):
        payment = at_the_bank(world, purpose)
        assert payment.batch is not None
        banking.take(world, payment.batch, banking.all_paid(payment.batch))
    assert reverse(world, one).stage == Stage.CANCELLED
    city, district = Recovery.objects.everywhere(reason=WHY).order_by("pk")
    with pytest.raises(Refused, match=r"还有 2,000\.00 元没有退回"):
        again(world)
    money.settle_recovery(SYSTEM, recovery=city, received=True)
    with pytest.raises(Refused, match=r"还有 1,000\.00 元没有退回"):
        again(world)
    money.settle_recovery(SYSTEM, recovery=district, received=received, reason="无法收回")
    if received:
        assert again(world).stage == Stage.REVIEW
    else:
        with pytest.raises(Refused, match="没有退回"):
            again(world)


def test_nothing_is_given_up_while_the_districts_part_is_at_the_bank(world: World) -> None:
    one = due(world, matched=1000)
    at_the_bank(world, "career_match")
    with pytest.raises(Refused, match=r"区县配套FK.*银行正在处理"):
        reverse(world, one)
    one = fresh(one)
    assert one.payment is not None
    assert (one.stage, one.payment.state) == (Stage.DUE, Payment.State.DUE)


def locked(statements: CaptureQueriesContext) -> list[list[int]]:
    """The budgets that each statement locked."""
    found = [
        one["sql"]
        for one in statements
        if "FOR NO KEY UPDATE" in one["sql"] and "ledger_budget" in one["sql"]
    ]
    return [[int(pk) for pk in re.findall(r"IN \(([\d, ]+)\)", sql)[0].split(",")] for sql in found]


def test_the_citys_and_the_districts_budget_are_locked_together_before_money_moves(world: World) -> None:
    """Whoever locks several at once, in the order of their keys, never waits for one who holds the other."""
    district_budget(world, 1000)
    budget(world, 100_000)
    one = bring(world)
    publicise(world, review_through(world, one))
    both = sorted(Budget.objects.everywhere(reason=WHY).values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as statements:
        let_pass()
    assert (locked(statements)[0], match_of(one).state) == (both, Payment.State.DUE)
    with CaptureQueriesContext(connection) as statements:
        reverse(world, one)
    assert locked(statements)[0] == both
