"""The verbs of money. Each is atomic and journalled; the first argument is the actor, the rest are keywords."""

from .answering import Taken, take_return_file
from .batches import check_batch, dissolve_batch, drop_payment, make_batch, submit_batch
from .budgets import change_budget, open_budget
from .commitments import commit, release
from .copying import Due, dues_of, total_of
from .many import PaidMany, pay_many
from .months import close_month
from .payees import register_payee
from .paying import pay
from .queueing import available, queue_many
from .retrying import retry
from .sending import bank_file
from .undoing import adjust, reverse, settle_recovery

__all__ = [
    "Due",
    "PaidMany",
    "Taken",
    "adjust",
    "available",
    "bank_file",
    "change_budget",
    "check_batch",
    "close_month",
    "commit",
    "dissolve_batch",
    "drop_payment",
    "dues_of",
    "make_batch",
    "open_budget",
    "pay",
    "pay_many",
    "queue_many",
    "register_payee",
    "release",
    "retry",
    "reverse",
    "settle_recovery",
    "submit_batch",
    "take_return_file",
    "total_of",
]
