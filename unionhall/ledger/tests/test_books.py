"""Budgets, commitments in line, payments, corrections: what moves, what is refused, and that the books stay right."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Budget, Entry, LedgerAccount, Payment, Recovery
from unionhall.members.models import Person
from unionhall.records.models import JournalEntry

from .money import SYSTEM, WHY, Trial, balances, commit, fresh, pay, state

pytestmark = pytest.mark.django_db


def test_a_budget_is_opened_once_by_who_may(world: World) -> None:
    facts: dict[str, Any] = {
        "organisation": world.unions["river_city"],
        "programme": "aid",
        "year": 2026,
        "amount": 500,
    }
    with pytest.raises(NotAllowed):
        actions.open_budget(world.actor("river_rights"), **facts)
    budget = actions.open_budget(world.actor("river_officer"), **facts)
    assert balances(budget) == {"granted": -500, "available": 500}
    with pytest.raises(Refused, match="已有 2026 年"):
        actions.open_budget(world.actor("river_officer"), **facts)
    assert audit() == []


def test_the_line_is_served_in_order_of_submission(budget: Budget, trial: Trial) -> None:
    first = commit(budget, "first", 6000, 1)
    assert first.state == "held"
    assert commit(budget, "third", 5000, 3).state == "waiting"
    assert commit(budget, "small", 10, 4).state == "waiting", "nobody overtakes"
    assert commit(budget, "second", 4500, 2).state == "waiting"
    actions.release(SYSTEM, commitment=first, reason="撤回")
    assert [state(key) for key in ("first", "second", "third", "small")] == [
        "released",
        "held",
        "held",
        "held",
    ]
    assert trial.told == [("held", "second"), ("held", "third"), ("held", "small")]
    assert balances(budget) == {"granted": -10_000, "committed": 9510, "available": 490}
    assert audit() == []


def test_one_submitted_earlier_but_decided_later_goes_ahead_of_the_line(budget: Budget) -> None:
    commit(budget, "all", 9000)
    commit(budget, "waits", 5000, 5)
    assert commit(budget, "earlier", 1000, 2).state == "held"


def test_a_commitment_is_made_once(budget: Budget) -> None:
    one = commit(budget, "once", 100)
    assert commit(budget, "once", 100).pk == one.pk
    with pytest.raises(Refused, match=r"已按 100\.00 元占用"):
        commit(budget, "once", 200)
    assert balances(budget)["committed"] == 100


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "1000000000000"])
def test_sums_that_cannot_be_booked(budget: Budget, amount: str) -> None:
    with pytest.raises(Refused, match="金额"):
        commit(budget, "bad", amount)


def test_a_held_commitment_is_paid_and_what_is_left_serves_the_next(
    budget: Budget, world: World, trial: Trial
) -> None:
    held = commit(budget, "big", 10_000, person=world.people["alpha_1"])
    commit(budget, "next", 400, 1)
    with pytest.raises(Refused, match="不能超过"):
        actions.pay(SYSTEM, key="p", purpose="trial", commitment=held, amount=10_001)
    payment = actions.pay(SYSTEM, key="p", purpose="trial", commitment=held, amount=9500)
    assert payment.person == world.people["alpha_1"]
    assert (state("big"), state("next")) == ("spent", "held")
    assert balances(budget) == {"granted": -10_000, "payable": 9500, "committed": 400, "available": 100}
    with pytest.raises(Refused, match="不能再付款"):
        actions.pay(SYSTEM, key="again", purpose="trial", commitment=held, amount=9500)
    assert audit() == []


def test_waiting_commitments_are_not_paid_nor_overtaken_by_payments(budget: Budget, world: World) -> None:
    commit(budget, "most", 9000)
    waiting = commit(budget, "waits", 5000, 1, person=world.people["alpha_1"])
    with pytest.raises(Refused, match="排队等待"):
        actions.pay(SYSTEM, key="p", purpose="trial", commitment=waiting)
    with pytest.raises(Refused, match="排队等待"):
        pay(world, budget, "direct", 10)
    with pytest.raises(Refused, match="排队等待"):
        actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=[])


def test_a_payment_is_made_once(budget: Budget, world: World) -> None:
    first = pay(world, budget, "claim:1", "812.50")
    assert pay(world, budget, "claim:1", "812.50").pk == first.pk
    with pytest.raises(Refused, match=r"已按 812\.50 元"):
        pay(world, budget, "claim:1", 900)
    with pytest.raises(Refused, match=r"可用余额 9,187\.50 元"):
        pay(world, budget, "claim:2", 9188)
    assert balances(budget) == {
        "granted": -10_000,
        "payable": Decimal("812.50"),
        "available": Decimal("9187.50"),
    }
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="ledger.due")
    assert entry.detail["amount"] == "812.50"


def test_giving_a_due_payment_up_frees_commitment_and_line(
    budget: Budget, world: World, trial: Trial
) -> None:
    held = commit(budget, "big", 10_000, person=world.people["alpha_1"])
    payment = actions.pay(SYSTEM, key="p", purpose="trial", commitment=held)
    commit(budget, "next", 7000, 1)
    with pytest.raises(Refused, match="写明原因"):
        actions.reverse(SYSTEM, payment=payment, reason=" ")
    actions.reverse(SYSTEM, payment=payment, reason="异议成立")
    actions.reverse(SYSTEM, payment=payment, reason="异议成立")
    assert fresh(payment).state == "cancelled"
    assert (state("big"), state("next")) == ("released", "held")
    assert balances(budget) == {"granted": -10_000, "committed": 7000, "available": 3000}
    assert trial.told == [("reversed", ["p"]), ("held", "next")]
    undone = Entry.objects.everywhere(reason=WHY).exclude(reverses=None)
    assert [(one.move, one.reverses.move) for one in undone.order_by("pk") if one.reverses] == [
        ("cancelled", "due"), ("released", "committed"),
    ]  # fmt: skip
    assert audit() == []


def test_a_later_settlement_pays_the_difference_once(budget: Budget, world: World) -> None:
    payment = pay(world, budget, "claim", 300)
    (extra,) = actions.adjust(SYSTEM, payment=payment, amount=450, decision=None)
    assert isinstance(extra, Payment)
    assert (extra.amount, extra.root_id) == (150, payment.pk)
    assert actions.adjust(SYSTEM, payment=payment, amount=450, decision=None) == []
    assert actions.adjust(SYSTEM, payment=extra, amount=450, decision=None) == [], (
        "asked of any of the family"
    )
    (rest,) = actions.adjust(SYSTEM, payment=payment, amount=400, decision=None)
    assert rest.amount == 100, "the supplement that had not left is cancelled, its rest is due anew"
    assert balances(budget) == {"granted": -10_000, "payable": 400, "available": 9600}
    assert actions.adjust(SYSTEM, payment=payment, amount=0, decision=None) == []
    assert balances(budget) == {"granted": -10_000, "available": 10_000}
    assert audit() == []


def test_what_was_paid_too_much_is_to_come_back(budget: Budget, world: World) -> None:
    payment = settled(pay(world, budget, "claim", 300))
    (recovery,) = actions.adjust(SYSTEM, payment=payment, amount=100, decision=None)
    assert isinstance(recovery, Recovery)
    assert recovery.amount == 200
    assert actions.adjust(SYSTEM, payment=payment, amount=100, decision=None) == []
    made = actions.adjust(SYSTEM, payment=payment, amount=250, decision=None)
    assert [one.amount for one in made] == [50], "less is to come back; nothing is paid"
    assert balances(budget) == {"granted": -10_000, "paid": 250, "recoverable": 50, "available": 9700}
    (last,) = made
    assert isinstance(last, Recovery)
    actions.settle_recovery(SYSTEM, recovery=last, received=True)
    with pytest.raises(Refused, match="已收回"):
        actions.settle_recovery(SYSTEM, recovery=last, received=True)
    assert balances(budget) == {"granted": -10_000, "paid": 250, "available": 9750}
    (extra,) = actions.adjust(SYSTEM, payment=payment, amount=300, decision=None)
    assert (type(extra), extra.amount) == (Payment, 50)
    assert audit() == []


def test_a_paid_payment_is_reversed_by_recovering_it(budget: Budget, world: World, trial: Trial) -> None:
    payment = settled(pay(world, budget, "claim", 300))
    actions.reverse(SYSTEM, payment=payment, reason="冒领")
    recovery = Recovery.objects.everywhere(reason=WHY).get()
    with pytest.raises(Refused, match="不再收回的原因"):
        actions.settle_recovery(SYSTEM, recovery=recovery, received=False)
    actions.settle_recovery(SYSTEM, recovery=recovery, received=False, reason="法院裁定终结执行")
    assert balances(budget) == {"granted": -10_000, "paid": 300, "available": 9700}
    assert (fresh(payment).state, trial.told) == ("reversed", [("reversed", ["claim"])])
    assert audit() == []


def settled(payment: Payment) -> Payment:
    """As after the bank's answer, by the ledger's own means."""
    from unionhall.ledger.actions.posting import entry_key, open_book
    from unionhall.ledger.models import Move

    with transaction.atomic():
        book = open_book(payment.budget_id)
        book.move(Move.PAID, entry_key("P", payment.pk, "paid.1"), payment.amount, payment=payment)
        payment.state = Payment.State.PAID
        payment.save(update_fields=["state"])
    return payment


def test_budgets_are_raised_and_cut(budget: Budget, world: World) -> None:
    officer = world.actor("river_officer")
    commit(budget, "most", 9000)
    commit(budget, "waits", 2000, 1)
    with pytest.raises(Refused, match=r"已占用和支付 9,000\.00 元"):
        actions.change_budget(officer, budget=budget, amount=8999, reason="调减")
    actions.change_budget(officer, budget=budget, amount=11_000, reason="追加")
    assert state("waits") == "held"
    actions.change_budget(officer, budget=budget, amount=12_000, reason="追加")
    actions.change_budget(officer, budget=budget, amount=11_500, reason="调减")
    assert balances(budget) == {"granted": -11_500, "committed": 11_000, "available": 500}
    assert audit() == []


def test_many_are_paid_once_and_all_or_nothing(budget: Budget, world: World) -> None:
    people = [world.people[name].pk for name in ("alpha_1", "beta_1", "gamma_1")]
    rows = [actions.Due(f"line:{n}", people[n % 3], Decimal(n + 1)) for n in range(100)]
    done = actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=iter(rows))
    assert (done.count, done.total, done.already, done.differing) == (100, Decimal(5050), 0, 0)
    assert balances(budget) == {"granted": -10_000, "payable": 5050, "available": 4950}
    again = actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=rows)
    assert (again.count, again.already, again.differing) == (0, 100, 0)
    changed = [actions.Due("line:0", people[0], Decimal(7)), actions.Due("line:new", people[0], Decimal(50))]
    third = actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=changed)
    assert (third.count, third.total, third.already, third.differing) == (1, Decimal(50), 1, 1)
    # One of forty was paid, and none of those that are looked up first: what was copied is taken back and gone through.
    mixed = [actions.Due(f"line:{n}", people[0], Decimal(1)) for n in (*range(200, 217), 1, *range(217, 239))]
    fourth = actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=mixed)
    assert (fourth.count, fourth.total, fourth.already, fourth.differing) == (39, Decimal(39), 1, 1)
    with pytest.raises(Refused, match="不够支付"), transaction.atomic():
        actions.pay_many(
            SYSTEM, budget=budget, purpose="trial", rows=[actions.Due("x", people[0], Decimal(4901))]
        )
    with pytest.raises(Refused, match="大于零"), transaction.atomic():
        actions.pay_many(
            SYSTEM, budget=budget, purpose="trial", rows=[actions.Due("y", people[0], Decimal(-1))]
        )
    assert Payment.objects.everywhere(reason=WHY).count() == 140
    assert audit() == []


def test_many_out_of_a_query_cost_the_same_statements(budget: Budget) -> None:
    """A queryset never leaves the database: ten rows and three cost equally many statements."""

    def rows(count: int, mark: str) -> object:
        people = Person.objects.everywhere(reason=WHY).order_by("pk")[:count]
        return people.annotate(
            key=Concat(Value(mark), Cast("pk", CharField())), amount=Value(Decimal("12.30")),
            decision=Cast(Value(None), output_field=BigIntegerField()), home=Value(""), place=Value(""),
        ).values_list("key", F("pk"), "amount", "decision", "home", "place")  # fmt: skip

    counts = []
    for count, mark in ((3, "a:"), (7, "b:")):
        with CaptureQueriesContext(connection) as seen:
            done = actions.pay_many(SYSTEM, budget=budget, purpose="trial", rows=rows(count, mark))  # type: ignore[arg-type]
        assert done.count == count
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert audit() == []


def test_the_database_itself_refuses_what_may_not_be(budget: Budget, world: World) -> None:
    accounts = {one.kind: one for one in LedgerAccount.objects.everywhere(reason=WHY).filter(budget=budget)}
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerAccount.objects.everywhere(reason=WHY).filter(pk=accounts["paid"].pk).update(balance=-1)
    facts = {
        "move": "due", "day": timezone.localdate(), "debit": accounts["payable"], "credit": accounts["available"],
        "programme": "x",
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(key="negative", amount=-5, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(key="self", amount=5, **{**facts, "credit": accounts["payable"]})


def test_the_audit_finds_what_was_forged(budget: Budget) -> None:
    commit(budget, "c", 100)
    LedgerAccount.objects.everywhere(reason=WHY).filter(budget=budget, kind="available").update(balance=9901)
    (fault,) = audit()
    assert (fault.balance, fault.expected) == (Decimal(9901), Decimal(9900))
