"""Any order of commits, releases, payments, answers, corrections and reversals keeps the books right."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Budget, Commitment, Entry, Payment, PaymentBatch
from unionhall.ledger.models.payments import Recovery
from unionhall.ledger.reading import paid_by_person

from .banking import answer, payee, payments
from .money import SYSTEM, WHY, Trial, balances, commit, opened, pay

pytestmark = pytest.mark.django_db
SUMS = st.integers(1, 60)
PLACES = st.integers(0, 5)


class Money(RuleBasedStateMachine):
    """A budget of 100 yuan. `attempt` lets the ledger refuse; what it lets through has to leave the books right."""

    world: World
    budget: Budget

    def __init__(self) -> None:
        super().__init__()
        self.sid = transaction.savepoint()
        self.serial = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.sid)

    @initialize()
    def begin(self) -> None:
        self.budget = opened(self.world, 100, "machine")

    def attempt(self, verb: Callable[[], Any]) -> None:
        with suppress(Refused), transaction.atomic():
            verb()

    def key(self) -> str:
        self.serial += 1
        return f"m:{self.serial}"

    def pick(self, model: Any, place: int, **where: Any) -> Any:
        budget = "payment__budget" if model is Recovery else "budget"
        rows = list(
            model.objects.everywhere(reason=WHY).filter(**{budget: self.budget}, **where).order_by("pk")
        )
        return rows[place % len(rows)] if rows else None

    @rule(amount=SUMS, minute=st.integers(0, 30))
    def commit(self, amount: int, minute: int) -> None:
        self.attempt(
            lambda: commit(self.budget, self.key(), amount, minute, person=self.world.people["alpha_1"])
        )

    @rule(place=PLACES)
    def release(self, place: int) -> None:
        if (one := self.pick(Commitment, place)) is not None:
            self.attempt(lambda: actions.release(SYSTEM, commitment=one, reason="撤回"))

    @rule(place=PLACES, less=st.booleans())
    def pay_committed(self, place: int, less: bool) -> None:
        if (one := self.pick(Commitment, place)) is not None:
            amount = max(one.amount - less, Decimal(1))
            self.attempt(
                lambda: actions.pay(
                    SYSTEM, key=f"of:{one.pk}", purpose="trial", commitment=one, amount=amount
                )
            )

    @rule(amount=SUMS, again=st.booleans())
    def pay(self, amount: int, again: bool) -> None:
        key = f"m:{max(self.serial, 1)}:direct" if again else f"{self.key()}:direct"
        self.attempt(lambda: pay(self.world, self.budget, key, amount))

    @rule(amounts=st.lists(SUMS, min_size=1, max_size=3))
    def pay_many(self, amounts: list[int]) -> None:
        person = self.world.people["beta_1"].pk
        rows = [
            actions.Due(f"many:{number}", person, Decimal(amount)) for number, amount in enumerate(amounts)
        ]
        self.attempt(lambda: actions.pay_many(SYSTEM, budget=self.budget, purpose="trial", rows=rows))

    @rule(place=PLACES, amount=st.integers(0, 60))
    def adjust(self, place: int, amount: int) -> None:
        if (one := self.pick(Payment, place)) is not None:
            self.attempt(lambda: actions.adjust(SYSTEM, payment=one, amount=amount, decision=None))

    @rule(place=PLACES)
    def reverse(self, place: int) -> None:
        if (one := self.pick(Payment, place)) is not None:
            self.attempt(lambda: actions.reverse(SYSTEM, payment=one, reason="撤销"))

    @rule(place=PLACES, received=st.booleans())
    def settle(self, place: int, received: bool) -> None:
        if (one := self.pick(Recovery, place)) is not None:
            self.attempt(
                lambda: actions.settle_recovery(SYSTEM, recovery=one, received=received, reason="了结")
            )

    @rule(amount=st.integers(40, 160))
    def change(self, amount: int) -> None:
        self.attempt(lambda: actions.change_budget(SYSTEM, budget=self.budget, amount=amount, reason="调整"))

    @rule()
    def send(self) -> None:
        self.attempt(self._send)

    def _send(self) -> None:
        maker = self.world.actor("river_officer")
        batch = actions.make_batch(maker, organisation=self.world.unions["river_city"])
        actions.submit_batch(maker, batch=batch)
        actions.check_batch(self.world.actor("leader"), batch=batch, approve=True)
        actions.bank_file(maker, batch=batch)

    def _batches(self) -> list[PaymentBatch]:
        rows = PaymentBatch.objects.everywhere(reason=WHY).filter(state__in=["sent", "closed"])
        return list(rows.order_by("pk"))

    @precondition(lambda self: self._batches())
    @rule(place=PLACES, words=st.lists(st.sampled_from(["成功", "失败", "退汇"]), min_size=4, max_size=4))
    def bank_answers(self, place: int, words: list[str]) -> None:
        batches = self._batches()
        batch = batches[place % len(batches)]
        rows = [
            (one.number, one.amount, word, "") for one, word in zip(payments(batch), words * 9, strict=False)
        ]
        if rows:
            content = answer(batch, rows)
            maker = self.world.actor("river_officer")
            for _ in range(2):  # the second time must change nothing; the invariants see it
                self.attempt(
                    lambda: actions.take_return_file(
                        maker, batch=batch, source=BytesIO(content), name="x.csv"
                    )
                )

    @rule(place=PLACES)
    def retry(self, place: int) -> None:
        if (one := self.pick(Payment, place, state="returned")) is not None:
            maker = self.world.actor("river_officer")
            self.attempt(lambda: actions.retry(maker, payment=one, same_account=True))

    @invariant()
    def the_books_are_right(self) -> None:
        """Σ entries = balances, and balances say what payments, commitments and recoveries say."""
        assert audit() == []
        if hasattr(self, "budget"):
            found = balances(self.budget)
            assert sum(found.values()) == 0
            assert all(balance > 0 for kind, balance in found.items() if kind != "granted")

    @invariant()
    def what_people_got_is_what_the_books_say(self) -> None:
        """What somebody keeps because nobody asks for it any more is his; what is to come back is not."""
        if hasattr(self, "budget"):
            people = [self.world.people[name].pk for name in ("alpha_1", "beta_1")]
            line = Commitment.objects.everywhere(reason=WHY).filter(budget=self.budget).in_line()
            found = balances(self.budget)
            granted = sum(found.get(kind, 0) for kind in ("committed", "payable", "paid"))
            granted += sum(line.values_list("amount", flat=True))
            assert sum(paid_by_person(people, "machine", self.budget.year).values()) == granted

    @invariant()
    def nobody_is_served_before_his_turn(self) -> None:
        """The first in line waits for money that is not there; whoever was served since came before him."""
        if not hasattr(self, "budget"):
            return
        line = Commitment.objects.everywhere(reason=WHY).filter(budget=self.budget).in_line()
        if (first := line.first()) is not None:
            assert first.amount > balances(self.budget).get("available", 0)

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        """Per payment: successes less bounces are one when it is paid, none while it is not."""
        entries = Entry.objects.everywhere(reason=WHY).filter(move__in=["paid", "bounced"])
        net: dict[int, int] = {}
        for payment_id, move in entries.values_list("payment_id", "move"):
            net[payment_id] = net.get(payment_id, 0) + (1 if move == "paid" else -1)
        states = dict(Payment.objects.everywhere(reason=WHY).values_list("pk", "state"))
        assert net.keys() <= states.keys()
        for pk, state in states.items():
            assert net.get(pk, 0) == (1 if state in ("paid", "reversed") else 0)


def test_any_order_of_verbs_keeps_the_books_right(world: World, trial: Trial) -> None:
    payee(world.people["alpha_1"])
    payee(world.people["beta_1"])
    Money.world = world
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=6, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )  # fmt: skip
