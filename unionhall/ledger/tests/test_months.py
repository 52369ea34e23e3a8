"""Month end: in order, once, only what has ended, only books that agree; after it nothing is booked into the month."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions
from unionhall.ledger.models import Budget, Entry, LedgerAccount, MonthClose
from unionhall.ledger.reading import next_month, trial_balance

from .money import WHY, commit

pytestmark = pytest.mark.django_db
THIS = timezone.localdate().replace(day=1)
LAST = (THIS - timedelta(days=1)).replace(day=1)
BEFORE = (LAST - timedelta(days=1)).replace(day=1)


def dated(key: str, day: date) -> None:
    """As if it had been booked on an earlier day."""
    Entry.objects.everywhere(reason=WHY).filter(key__startswith=key).update(day=day)


def test_months_are_closed_in_order(budget: Budget, world: World) -> None:
    union, officer = world.unions["river_city"], world.actor("river_officer")
    commit(budget, "held", 300)
    dated("B", BEFORE)
    dated("C", LAST)
    with pytest.raises(NotAllowed):
        actions.close_month(world.actor("auditor"), organisation=union, month=BEFORE)
    for ahead in (THIS, date(9999, 12, 1)):
        with pytest.raises(Refused, match="还没有结束"):
            actions.close_month(officer, organisation=union, month=ahead)
    with pytest.raises(Refused, match="之前还有月份没有月结"):
        actions.close_month(officer, organisation=union, month=LAST)
    first = actions.close_month(officer, organisation=union, month=BEFORE)
    second = actions.close_month(officer, organisation=union, month=LAST)
    with pytest.raises(Refused, match="已经月结"):
        actions.close_month(officer, organisation=union, month=LAST)
    closing = {
        line.account.kind: line.closing for line in first.lines.select_related("account") if line.closing
    }
    assert closing == {"granted": -10_000, "available": 10_000}
    closing = {
        line.account.kind: line.closing for line in second.lines.select_related("account") if line.closing
    }
    assert closing == {"granted": -10_000, "available": 9700, "committed": 300}
    assert first.digest != second.digest
    dated("C", THIS)
    lines = trial_balance(union, LAST)
    assert sum(line.debit for line in lines) == 300, "a closed month reads as it was closed"


def test_books_that_disagree_are_not_closed(budget: Budget, world: World) -> None:
    dated("B", LAST)
    LedgerAccount.objects.everywhere(reason=WHY).filter(budget=budget, kind="available").update(balance=9999)
    with pytest.raises(Refused, match="账目不平"):
        actions.close_month(world.actor("river_officer"), organisation=world.unions["river_city"], month=LAST)
    with pytest.raises(Refused, match="还没有账目"):
        actions.close_month(
            world.actor("province_officer"), organisation=world.unions["province"], month=LAST
        )


def test_nothing_is_booked_into_a_closed_month(budget: Budget, world: World) -> None:
    """Only a clock that was set back could ask for it."""
    MonthClose.objects.create(organisation=world.unions["river_city"], month=next_month(THIS), digest="x")
    with pytest.raises(Refused, match="已经月结，不能再记账"):
        commit(budget, "late", 1)
