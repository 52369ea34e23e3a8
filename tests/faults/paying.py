"""Acts of money: a budget, payments to everybody, a batch through the bank and back. Each goes on where it was cut."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

WHY = "faults"
PROGRAMME = "killed"
#: Named after what is killed; known to every act, as a domain's purposes are known to every process.
PURPOSE = "killed"


def _known() -> None:
    from unionhall.ledger import purposes

    purposes.register(purposes.Purpose(PURPOSE, "试验补助"))


def _top() -> Any:
    from unionhall.organisations.models import Organisation

    return Organisation.objects.everywhere(reason=WHY).active().order_by("path")[0]


def _people() -> list[Any]:
    from unionhall.members.models import Person

    return list(Person.objects.everywhere(reason=WHY).order_by("pk")[:200])


def open_money() -> int:
    """A budget that is enough, and a bank account for two hundred people; answers how many they are."""
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from unionhall.access.models import Account, Grant
    from unionhall.foundation.actors import system_actor
    from unionhall.ledger import actions
    from unionhall.ledger.tests.banking import payee

    actions.open_budget(
        system_actor(), organisation=_top(), programme=PROGRAMME, year=timezone.localdate().year,
        amount=100_000_000, title="试验补助",
    )  # fmt: skip
    for name, role in (("maker", "officer"), ("checker", "leader")):
        account = Account.objects.create(username=name, display_name=name)
        Grant.objects.create(
            account=account,
            role=role,
            organisation=_top(),
            period=DateRange(date(2020, 1, 1), None),
            granted_by=WHY,
        )
    people = _people()
    for person in people:
        payee(person)
    return len(people)


def _budget() -> Any:
    from unionhall.ledger.models import Budget

    return Budget.objects.everywhere(reason=WHY).get(programme=PROGRAMME)


def pay_everybody(rows: int) -> int:
    """So many payments by key; answers how many of them were new."""
    from unionhall.foundation.actors import system_actor
    from unionhall.ledger import actions

    _known()
    people = _people()
    lines = (
        actions.Due(f"killed:{number:08d}", people[number % len(people)].pk, Decimal(number % 90 + 10))
        for number in range(rows)
    )
    return actions.pay_many(system_actor(), budget=_budget(), purpose=PURPOSE, rows=lines).count


def _two_people() -> tuple[Any, Any]:
    """The maker and the checker, made with the budget."""
    from unionhall.access.grants import actor_for
    from unionhall.access.models import Account

    return actor_for(Account.objects.get(username="maker")), actor_for(
        Account.objects.get(username="checker")
    )


def to_the_bank() -> str:
    """Make a batch of all that is due, unless there is one, and bring it as far as the bank; answers its number."""
    from unionhall.ledger import actions
    from unionhall.ledger.models import PaymentBatch

    _known()
    maker, checker = _two_people()
    batch = PaymentBatch.objects.everywhere(reason=WHY).select_related("organisation").first()
    if batch is None:
        batch = actions.make_batch(maker, organisation=_top(), purpose=PURPOSE)
    if batch.state == "drafting":
        batch = actions.submit_batch(maker, batch=batch)
    if batch.state == "checking":
        batch = actions.check_batch(checker, batch=batch, approve=True)
    return actions.bank_file(maker, batch=batch).number


def answered() -> list[int]:
    """Take the bank's answer: every seventh payment failed. Answers paid, returned, and taken before (0 or 1)."""
    from unionhall.ledger import actions
    from unionhall.ledger.models import PaymentBatch
    from unionhall.ledger.tests.banking import answer, payments

    _known()
    batch = PaymentBatch.objects.everywhere(reason=WHY).get()
    rows = [(one.number, one.amount, "失败" if one.pk % 7 == 0 else "成功", "") for one in payments(batch)]
    taken = actions.take_return_file(
        _two_people()[0], batch=batch, source=BytesIO(answer(batch, rows)), name="x.csv"
    )
    return [taken.bank_return.paid, taken.bank_return.returned, int(taken.known)]


def money() -> dict[str, Any]:
    """What stands in the books, and every fault that the audit finds."""
    from django.db.models import Count

    from unionhall.ledger.checking import audit
    from unionhall.ledger.models import Entry, Payment
    from unionhall.ledger.reading import budget_state

    states = (
        Payment.objects.everywhere(reason=WHY)
        .filter(budget__programme=PROGRAMME)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    moves = (
        Entry.objects.everywhere(reason=WHY)
        .filter(programme=PROGRAMME)
        .values_list("move")
        .annotate(count=Count("pk"))
        .order_by()
    )
    state = budget_state(_budget())
    return {
        "faults": [str(one) for one in audit()],
        "states": dict(states),
        "moves": dict(moves),
        "paid": str(state.paid),
        "payable": str(state.payable),
    }
