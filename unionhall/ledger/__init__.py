"""ledger 资金账: budgets, commitments in line, payments with maker and checker, bank files; balanced at every moment.

One row of `Entry` moves one sum from one account to another, so that it balances by construction. Nothing is changed
or deleted: what was wrong is reversed by a row of its own. Balances are kept in the transaction that moves the sum.
"""
