"""Samples of the ledger: a budget of the union `alpha`, a payment to its worker, the batch it went to the bank in."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.ledger import actions, purposes
from unionhall.ledger.models import BankReturn, Budget, Payment, PaymentBatch, Recovery
from unionhall.records import attachments

UNION, PERSON, OWNER = "alpha", "alpha_1", "worker_alpha"
PURPOSE = purposes.Purpose("sample", "示例补助")


def budget(world: World) -> Budget:
    purposes.register(PURPOSE)
    return actions.open_budget(
        system_actor(), organisation=world.unions[UNION], programme="sample", year=timezone.localdate().year,
        amount=1000,
    )  # fmt: skip


def payment(world: World) -> Payment:
    found = actions.pay(
        system_actor(), key="sample:1", purpose="sample", budget=budget(world), person=world.people[PERSON],
        amount=100,
    )  # fmt: skip
    found.batch = PaymentBatch.objects.create(
        number="ZF20260101000001", organisation=world.unions[UNION], title="示例", count=1, total=100,
        maker_id=world.accounts["river_officer"].pk, maker="示例",
    )  # fmt: skip
    found.save(update_fields=["batch"])
    return found


def batch(world: World) -> PaymentBatch:
    found = payment(world).batch
    assert found is not None
    return found


def recovery(world: World) -> Recovery:
    return Recovery.objects.create(payment=payment(world), amount=1)


def bank_return(world: World) -> BankReturn:
    stored = attachments.store(
        system_actor(), BytesIO(b"H"), name="x.csv", content_type="text/csv", purpose="ledger.bank_return",
        paths=world.unions[UNION].paths,
    )  # fmt: skip
    return BankReturn.objects.create(
        batch=batch(world), file=stored, digest="0" * 64, rows=1, paid=0, returned=0, unchanged=0, mismatched=1,
        taken_by="示例",
    )  # fmt: skip


def by_pk(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def by_number(world: World) -> dict[str, Any]:
    return {"slug": batch(world).number}


def union_with_accounts(world: World) -> dict[str, Any]:
    return {"slug": budget(world).organisation.code}


#: Address → what makes its arguments; all stand in the union, and the worker's belong to him.
MONEY: dict[str, Callable[[World], dict[str, Any]]] = {
    **dict.fromkeys((f"desk_payment{verb}" for verb in ("", "_reverse", "_retry", "_drop")), by_pk(payment)),
    "m_payment": by_pk(payment),
    "desk_recovery": by_pk(recovery),
    **dict.fromkeys(
        (f"desk_batch{verb}" for verb in ("", "_submit", "_check", "_dissolve", "_file", "_download")),
        by_number,
    ),
    "desk_bank_return": by_pk(bank_return),
    "desk_budget": by_pk(budget),
    "desk_budget_change": by_pk(budget),
    "desk_month_close": union_with_accounts,
}
