"""Nouns of the ledger: accounts and entries, commitments, payments, batches, months."""

from .accounts import Budget, Entry, Kind, LedgerAccount, Move
from .batches import BankReturn, PaymentBatch, ReturnMismatch
from .months import MonthBalance, MonthClose
from .payments import Commitment, Payee, Payment, Recovery

__all__ = [
    "BankReturn",
    "Budget",
    "Commitment",
    "Entry",
    "Kind",
    "LedgerAccount",
    "MonthBalance",
    "MonthClose",
    "Move",
    "Payee",
    "Payment",
    "PaymentBatch",
    "Recovery",
    "ReturnMismatch",
]
