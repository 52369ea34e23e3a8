"""The verbs of money. Each is atomic and journalled; the first argument is the actor, the rest are keywords."""

from .budgets import change_budget, open_budget
from .commitments import commit, release
from .many import Due, PaidMany, pay_many
from .paying import pay
from .undoing import adjust, reverse, settle_recovery

__all__ = [
    "Due",
    "PaidMany",
    "adjust",
    "change_budget",
    "commit",
    "open_budget",
    "pay",
    "pay_many",
    "release",
    "reverse",
    "settle_recovery",
]
