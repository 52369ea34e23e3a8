"""What the ledger supplies to the rooms below: how much money a programme has in a year."""

from decimal import Decimal

from unionhall.rulebook.money import supply_budgets

from . import reading


def _amount(programme: str, year: int, path: str) -> Decimal | None:
    budget = reading.budget_for(programme, year, path)
    return None if budget is None else budget.amount


supply_budgets(_amount)
