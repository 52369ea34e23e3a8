"""Many sums that the budget no longer covers: put in line in their order, by one statement."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.records.actions import digest_of, journal

from ..models import Budget, Commitment, Kind
from ..purposes import purpose as purpose_of
from .commitments import serve_line
from .copying import Due
from .posting import WHY, Book, open_book

__all__ = ["available", "queue_many"]

_WRITE = """
INSERT INTO ledger_commitment (key, budget_id, purpose, person_id, household_key, decision_id, path, amount,
                               submitted_at, state, reason)
SELECT s.key, %(budget)s, %(purpose)s, s.person_id, s.household_key, s.decision_id,
       COALESCE(NULLIF(s.path, ''), %(path)s), s.amount, %(at)s, 'waiting', ''
FROM unnest(%(keys)s::text[], %(people)s::bigint[], %(households)s::text[], %(decisions)s::bigint[], %(paths)s::text[],
            %(amounts)s::numeric[]) WITH ORDINALITY
     AS s (key, person_id, household_key, decision_id, path, amount, place)
ORDER BY s.place
ON CONFLICT (key) DO NOTHING
RETURNING amount
"""


def available(budget: Budget) -> Decimal:
    """What may be paid out of a budget now, 0 while somebody waits; it stays locked until the transaction ends."""
    book = open_book(budget.pk)
    if Commitment.objects.everywhere(reason=WHY).filter(budget=book.budget).in_line().exists():
        return Decimal("0.00")
    return book.balance(Kind.AVAILABLE)


@transaction.atomic
def queue_many(
    actor: Actor, *, budget: Budget, purpose: str, rows: Sequence[Due], submitted_at: datetime
) -> int:
    """Put sums in line for a budget, in the order given; answers how many were new. The same keys again change nothing.

    `submitted_at` is their place in the line, as in `commit`. Whoever's sum is there after all is served at once and
    told through the purpose's `on_held`.
    """
    purpose_of(purpose)
    if (wrong := next((row for row in rows if row.amount <= 0), None)) is not None:
        raise Refused(f"{wrong.key} 的金额是 {yuan(wrong.amount)} 元。金额必须大于零，整批没有排队。")
    book = open_book(budget.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "budget": book.budget.pk, "purpose": purpose, "path": book.budget.organisation.path,
                "at": submitted_at, "keys": [row.key for row in rows], "people": [row.person_id for row in rows],
                "households": [row.household_key for row in rows],
                "decisions": [row.decision_id for row in rows], "paths": [row.path for row in rows],
                "amounts": [row.amount for row in rows],
            },
        )  # fmt: skip
        amounts = [amount for (amount,) in cursor.fetchall()]
    if amounts:
        _note(actor, book, purpose, amounts, rows)
        serve_line(actor, book)
    return len(amounts)


def _note(actor: Actor, book: Book, purpose: str, amounts: list[Decimal], rows: Sequence[Due]) -> None:
    journal(
        actor,
        "ledger.queued_many",
        subject=book.budget,
        paths=book.budget.organisation.paths,
        detail={"purpose": purpose, "count": len(amounts), "total": str(sum(amounts))},
        digest=digest_of([(row.key, row.person_id, row.amount) for row in rows]),
    )
