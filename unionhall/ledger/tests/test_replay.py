"""`unionhall replay PAYMENT`: the same sum from stored version and inputs, or a state that says it is not."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.world import World
from unionhall.ledger.models import Budget
from unionhall.records.models import JournalEntry
from unionhall.rulebook.models import Decision

from .deciding import decided, scheme
from .money import WHY, pay

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("replay", *arguments, stdout=out)
    return out.getvalue()


def test_a_payment_is_worked_out_again(budget: Budget, world: World, tmp_path: Path) -> None:
    with scheme(tmp_path) as version:
        decision = decided(world, version, "medical:1")
        payment = pay(world, budget, "medical:1", decision.amount, decision=decision)
        text = run(payment.number)
        assert text.count("同意，3,350.00 元") == 2, "as stored, and worked out again"
        assert "(8,000.00 − 1,300.00) × 50% 3,350.00 元" in text
        assert text.rstrip().endswith("重算结果与存档相同。")
        assert "selfpay" not in text, "what it rests on is shown only when asked for"
        assert "selfpay = 8000" in run(str(payment.pk), "--inputs")
        assert JournalEntry.objects.everywhere(reason=WHY).filter(action="ledger.inputs_shown").count() == 1
        Decision.objects.everywhere(reason=WHY).filter(pk=decision.pk).update(amount=1)
        with pytest.raises(CommandError, match="结果与存档不同") as failure:
            run(payment.number)
        assert failure.value.returncode == 1
    with pytest.raises(CommandError, match="不能重算"):
        run(payment.number)


def test_what_cannot_be_replayed_says_so(budget: Budget, world: World) -> None:
    with pytest.raises(CommandError, match="没有付款"):
        run("FK000000009999")
    with pytest.raises(CommandError, match="没有付款"):
        run("abc")
    bill = pay(world, budget, "bill", 5)
    with pytest.raises(CommandError, match="没有对应的决定"):
        run(bill.number)
