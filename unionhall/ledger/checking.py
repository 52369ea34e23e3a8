"""Proof that the books are right: every balance is the sum of its entries, and what went in came out elsewhere."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from .models.accounts import ZERO

_SUMS = """
WITH moved AS (
    SELECT debit_id AS account, sum(amount) AS into_it, 0 AS out_of_it FROM ledger_entry GROUP BY 1
    UNION ALL SELECT credit_id, 0, sum(amount) FROM ledger_entry GROUP BY 1
), sums AS (SELECT account, sum(into_it) AS debit, sum(out_of_it) AS credit FROM moved GROUP BY 1)
SELECT a.code, a.balance, COALESCE(s.debit, 0), COALESCE(s.credit, 0)
FROM ledger_ledgeraccount a LEFT JOIN sums s ON s.account = a.id ORDER BY a.id
"""
_STATES = """
SELECT b.id, k.kind, k.balance, CASE k.kind
    WHEN 'granted' THEN -b.amount
    WHEN 'committed' THEN (SELECT COALESCE(sum(c.amount), 0) FROM ledger_commitment c
                           WHERE c.budget_id = b.id AND c.state = 'held')
    WHEN 'payable' THEN (SELECT COALESCE(sum(p.amount), 0) FROM ledger_payment p
                         WHERE p.budget_id = b.id AND p.state IN ('due', 'batched', 'sent', 'returned'))
    WHEN 'recoverable' THEN (SELECT COALESCE(sum(r.amount), 0) FROM ledger_recovery r
                             JOIN ledger_payment p ON p.id = r.payment_id
                             WHERE p.budget_id = b.id AND r.state = 'open')
    WHEN 'paid' THEN (SELECT COALESCE(sum(p.amount), 0) FROM ledger_payment p
                      WHERE p.budget_id = b.id AND p.state IN ('paid', 'reversed'))
                   - (SELECT COALESCE(sum(r.amount), 0) FROM ledger_recovery r
                      JOIN ledger_payment p ON p.id = r.payment_id
                      WHERE p.budget_id = b.id AND r.state IN ('open', 'received')) END
FROM ledger_budget b JOIN ledger_ledgeraccount k ON k.budget_id = b.id
WHERE k.kind <> 'available' ORDER BY b.id, k.id
"""


@dataclass(frozen=True)
class Fault:
    """An account whose balance is not what `source` says it is."""

    account: str
    balance: Decimal
    expected: Decimal
    source: str


def audit() -> list[Fault]:
    """Every fault of the books; [] when they are right. Reads all entries, changes nothing."""
    found: list[Fault] = []
    come = gone = ZERO
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        for code, balance, debit, credit in cursor.fetchall():
            come, gone = come + debit, gone + credit
            if balance != debit - credit:
                found.append(Fault(code, balance, debit - credit, "分录合计"))
        cursor.execute(_STATES)
        for budget, kind, balance, expected in cursor.fetchall():
            if balance != expected:
                found.append(Fault(f"预算{budget} {kind}", balance, expected, "付款和占用的状态"))
    if come != gone:
        found.append(Fault("全部科目", come, gone, "借贷合计"))
    return found
