"""Setting the scene for tests of money: a purpose that listens, a budget, short words for the verbs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import Actor, system_actor
from unionhall.ledger import actions
from unionhall.ledger.models import Budget, Commitment, LedgerAccount, Payment
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.ledger.purposes import Purpose

SYSTEM = system_actor()
WHY = "test"
START = timezone.make_aware(datetime(2026, 1, 5, 9))  # noqa: DTZ001 — made aware in the same breath


@dataclass
class Trial:
    """What the purpose "trial" was told, in order: ("held", key), ("paid", keys) …"""

    told: list[tuple[str, Any]] = field(default_factory=list)

    def held(self, actor: Actor, commitment: Commitment) -> None:
        self.told.append(("held", commitment.key))

    def note(self, what: str) -> Any:
        def hook(actor: Actor, payments: PaymentQuerySet) -> None:
            self.told.append((what, sorted(payments.values_list("key", flat=True))))

        return hook


def trial_purpose(told: Trial) -> Purpose:
    return Purpose(
        "trial", "试验补助", told.held, told.note("paid"), told.note("returned"), told.note("reversed")
    )


def opened(world: World, amount: int = 10_000, programme: str = "trial_aid") -> Budget:
    return actions.open_budget(
        SYSTEM,
        organisation=world.unions["river_city"],
        programme=programme,
        year=timezone.localdate().year,
        amount=amount,
        title="试验补助",
    )


def balances(budget: Budget) -> dict[str, Decimal]:
    """The balances other than zero."""
    rows = LedgerAccount.objects.everywhere(reason=WHY).filter(budget=budget)
    return {account.kind: account.balance for account in rows if account.balance}


def commit(budget: Budget, key: str, amount: int | str, minute: int = 0, **more: Any) -> Commitment:
    """Commit as of so many minutes after START."""
    facts: dict[str, Any] = {"person": None, "decision": None, "purpose": "trial"} | more
    return actions.commit(
        SYSTEM,
        key=key,
        budget=budget,
        amount=Decimal(amount),
        submitted_at=START + timedelta(minutes=minute),
        **facts,
    )


def pay(
    world: World, budget: Budget, key: str, amount: Decimal | int | str, who: str = "alpha_1", **more: Any
) -> Payment:
    return actions.pay(
        SYSTEM,
        key=key,
        purpose="trial",
        budget=budget,
        person=world.people[who],
        amount=Decimal(amount),
        **more,
    )


def state(key: str) -> str:
    """Of the commitment with this key."""
    return Commitment.objects.everywhere(reason=WHY).get(key=key).state


def fresh(payment: Payment) -> Payment:
    return Payment.objects.everywhere(reason=WHY).get(pk=payment.pk)
