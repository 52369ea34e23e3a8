"""What other rooms ask: what somebody got, what a household got, where a budget stands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.ledger import actions, reading
from unionhall.ledger.models import Budget, Recovery

from .money import SYSTEM, WHY, commit, opened, pay
from .test_books import settled

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


def test_what_somebody_got(budget: Budget, world: World) -> None:
    person = world.people["alpha_1"]
    first = settled(pay(world, budget, "one", 300))
    pay(world, budget, "other", 999, who="beta_1")
    commit(budget, "held", 50, person=person)
    gone = pay(world, budget, "gone", 70)
    actions.reverse(SYSTEM, payment=gone, reason="误发")
    assert reading.paid_to_date(person, "trial_aid", YEAR) == 350
    actions.adjust(SYSTEM, payment=first, amount=100, decision=None)
    assert reading.paid_to_date(person.pk, "trial_aid", YEAR) == 150
    actions.reverse(SYSTEM, payment=first, reason="冒领")
    assert reading.paid_to_date(person, "trial_aid", YEAR) == 50
    assert reading.paid_to_date(person, "trial_aid", YEAR - 1) == 0
    assert reading.paid_to_date(person, "other_aid", YEAR) == 0


def test_what_a_household_got(budget: Budget, world: World) -> None:
    other = opened(world, programme="warmth")
    pay(world, budget, "one", 300, household_key="H1")
    pay(world, other, "two", 400, who="beta_1")
    commit(other, "three", 10, household_key="H1")
    everything = reading.funded(person_ids=[world.people["beta_1"].pk], household_key="H1")
    assert [(one.programme, int(one.amount)) for one in everything] == [
        ("warmth", 400), ("trial_aid", 300), ("warmth", 10),
    ]  # fmt: skip
    assert [one.key for one in reading.funded(household_key="H1", programmes=["warmth"])] == ["three"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert reading.funded(household_key="H1", since=tomorrow) == []
    assert reading.funded(person_ids=[]) == [], "nobody's household is not everybody's"


def test_money_counts_until_it_has_come_back(budget: Budget, world: World) -> None:
    person = world.people["alpha_1"]
    paid, due = settled(pay(world, budget, "paid", 100)), pay(world, budget, "due", 30)
    assert reading.kept([paid.pk, due.pk]) == {paid.pk: 100, due.pk: 30}
    actions.adjust(SYSTEM, payment=paid, amount=120, decision=None)
    assert reading.kept([paid.pk]) == {paid.pk: 120}, "with what was paid in addition"
    actions.adjust(SYSTEM, payment=paid, amount=60, decision=None)
    back = Recovery.objects.everywhere(reason=WHY).get()
    assert reading.kept([paid.pk]) == {paid.pk: 100}, "the person still has it"
    actions.settle_recovery(SYSTEM, recovery=back, received=True)
    actions.reverse(SYSTEM, payment=paid, reason="冒领")
    actions.reverse(SYSTEM, payment=due, reason="误发")
    assert reading.kept([paid.pk, due.pk]) == {paid.pk: 60, due.pk: 0}
    assert [(one.key, int(one.amount)) for one in reading.funded(person_ids=[person.pk])] == [("paid", 60)]
    rest = Recovery.objects.everywhere(reason=WHY).get(state="open")
    actions.settle_recovery(SYSTEM, recovery=rest, received=False, reason="法院裁定终结执行")
    assert reading.kept([paid.pk]) == {paid.pk: 60}, "nobody asks for it, and nobody gets it twice"
    assert len(reading.funded(person_ids=[person.pk])) == 1
    assert reading.paid_to_date(person, "trial_aid", YEAR) == 60


def test_where_a_budget_stands(budget: Budget, world: World) -> None:
    commit(budget, "held", 4000)
    settled(pay(world, budget, "paid", 1000))
    pay(world, budget, "due", 500)
    commit(budget, "waits", 9000, 5)
    found = reading.budget_state(budget)
    assert (found.amount, found.available, found.committed) == (Decimal(10_000), Decimal(4500), Decimal(4000))
    assert (found.payable, found.paid, found.used) == (Decimal(500), Decimal(1000), Decimal(5500))
    assert (found.waiting, found.waiting_amount) == (1, Decimal(9000))


def test_the_nearest_budget_pays(budget: Budget, world: World) -> None:
    alpha, delta = world.unions["alpha"].path, world.unions["delta"].path
    assert reading.budget_for("trial_aid", YEAR, alpha) == budget
    assert reading.budget_for("trial_aid", YEAR, delta) is None
    nearer = actions.open_budget(
        SYSTEM, organisation=world.unions["east"], programme="trial_aid", year=YEAR, amount=1
    )
    assert reading.budget_for("trial_aid", YEAR, alpha) == nearer


def test_a_trial_balance_balances(budget: Budget, world: World) -> None:
    settled(pay(world, budget, "paid", 1000))
    commit(budget, "held", 300)
    lines = reading.trial_balance(world.unions["river_city"], timezone.localdate())
    assert sum(line.closing for line in lines) == 0
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines) == 12_300
    by_kind = {line.code.rsplit(".", 1)[1]: line.closing for line in lines}
    assert by_kind == {
        "granted": -10_000, "available": 8700, "committed": 300, "payable": 0, "paid": 1000, "recoverable": 0,
    }  # fmt: skip
    later = reading.trial_balance(world.unions["river_city"], reading.next_month(timezone.localdate()))
    assert [line.opening for line in later] == [line.closing for line in lines]


def test_the_month_after_december_is_january() -> None:
    assert reading.next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert reading.next_month(date(2026, 11, 1)) == date(2026, 12, 1)
