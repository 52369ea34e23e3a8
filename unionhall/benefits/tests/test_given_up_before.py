"""What the migration puts right: matters that never heard that their payment was given up, vouchers without a sum."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits.models import Reconciliation, SettlementLine, Voucher
from unionhall.ledger import actions as ledger
from unionhall.ledger import purposes
from unionhall.ledger.models import Payment

from .settlements import SYSTEM, WHY, Settled, budget, cards, line_of, settled
from .test_services import taken
from .test_statements_taken_back import confirmed, fresh, payment_of  # noqa: F401 — a scene
from .test_subsidy import Stage
from .test_subsidy import fresh as application
from .test_subsidy_taken_back import due

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before the domains were told."""
    deaf = {code: replace(one, on_reversed=purposes.nothing) for code, one in purposes._purposes.items()}
    monkeypatch.setattr(purposes, "_purposes", deaf)


def give_up(payment: Payment | None) -> None:
    assert payment is not None
    ledger.reverse(SYSTEM, payment=payment, reason="有误")


def migrate() -> None:
    done = import_module("unionhall.benefits.migrations.0018_given_up_before")
    with connection.cursor() as cursor:
        for one in done.Migration.operations:
            cursor.execute(one.sql)


def test_a_subsidy_is_over(world: World) -> None:
    one = due(world)
    migrate()
    assert application(one).stage == Stage.DUE
    give_up(application(one).payment)
    migrate()
    assert application(one).stage == Stage.CANCELLED


def test_a_statement_waits_to_be_confirmed(confirmed: Reconciliation) -> None:  # noqa: F811
    migrate()
    assert fresh(confirmed).state == "confirmed"
    give_up(payment_of(confirmed))
    migrate()
    assert (fresh(confirmed).state, fresh(confirmed).confirmed_at) == ("agreed", None)


def test_a_settlement_counts_no_more_unless_a_correction_cancelled_it(world: World, tmp_path: Path) -> None:
    budget(world)
    cards(world)
    settled(world, tmp_path, [Settled("A1", "alpha_1", "5300"), Settled("A2", "beta_1", "5300")])
    settled(world, tmp_path, [Settled("A2", "beta_1", "5200")], "C1")
    give_up(Payment.objects.everywhere(reason=WHY).get(key=line_of("A1").payment_key))
    migrate()
    found = [line_of(number).outcome for number in ("A1", "A2")]
    assert found == [SettlementLine.Outcome.REVOKED, SettlementLine.Outcome.GRANTED]


def test_a_voucher_keeps_the_sum_of_its_service(world: World) -> None:
    taken(world, scene.service(world))
    Voucher.objects.everywhere(reason=WHY).update(reimbursed=None)
    migrate()
    assert Voucher.objects.everywhere(reason=WHY).get().reimbursed == 10
