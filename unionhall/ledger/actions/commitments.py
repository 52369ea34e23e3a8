"""Commitments: a promise takes its money out of what is available, or waits in the order of submission.

Strictly in order: while somebody waits, nobody who was submitted later is served before him, however small the sum.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.members.models import Person
from unionhall.records.actions import journal
from unionhall.rulebook.models import Decision

from ..models import Budget, Commitment, Entry, Kind, Move
from ..purposes import purpose as purpose_of
from .posting import WHY, Book, amount_of, entry_key, open_book

State = Commitment.State


@transaction.atomic
def commit(
    actor: Actor,
    *,
    key: str,
    budget: Budget,
    person: Person | None,
    amount: Decimal | int,
    decision: Decision | None,
    submitted_at: datetime,
    household_key: str = "",
    purpose: str = "",
    path: str = "",
) -> Commitment:
    """Hold a sum for a decision, or put it in line. The answer's `state` says which; the same key changes nothing.

    `submitted_at` is when the applicant asked: that is the order of the line. `purpose` names whose `on_held` is
    called when a waiting one gets its money. Refused when the key stands for another sum.
    """
    total = amount_of(amount)
    if purpose:
        purpose_of(purpose)
    book = open_book(budget.pk)
    known = _known(key)
    if known is not None:
        if (known.budget_id, known.amount) != (budget.pk, total):
            raise Refused(f"{key} 已按 {yuan(known.amount)} 元占用预算，不能再按 {yuan(total)} 元占用。")
        return known
    commitment = Commitment.objects.create(
        key=key,
        budget=book.budget,
        purpose=purpose,
        person=person,
        household_key=household_key,
        decision=decision,
        path=path or (decision.path if decision is not None else "") or book.budget.organisation.path,
        amount=total,
        submitted_at=submitted_at,
    )
    served = serve_line(actor, book, fresh=commitment)
    if commitment.pk not in served:
        _note(actor, "ledger.queued", book, commitment)
    commitment.refresh_from_db(from_queryset=Commitment.objects.everywhere(reason=WHY))
    return commitment


def _known(key: str) -> Commitment | None:
    return Commitment.objects.everywhere(reason=WHY).filter(key=key).first()


def serve_line(actor: Actor, book: Book, fresh: Commitment | None = None) -> set[int]:
    """Give money to those who wait, first come first, until the next one's sum is not there; answers whom.

    Those who had waited are told through their purpose, after all that can be served are.
    """
    served: list[Commitment] = []
    free = book.balance(Kind.AVAILABLE)
    while (first := _first_in_line(book)) is not None and first.amount <= free:
        _hold(book, first)
        free -= first.amount
        served.append(first)
        _note(actor, "ledger.committed" if fresh and first.pk == fresh.pk else "ledger.held", book, first)
    for one in served:
        if one.purpose and (fresh is None or one.pk != fresh.pk):
            purpose_of(one.purpose).on_held(actor, one)
    return {one.pk for one in served}


def _first_in_line(book: Book) -> Commitment | None:
    rows = Commitment.objects.everywhere(reason=WHY).filter(budget=book.budget)
    return rows.in_line().first()


def _hold(book: Book, commitment: Commitment) -> None:
    commitment.state, commitment.held_at = State.HELD, timezone.now()
    commitment.save(update_fields=["state", "held_at"])
    book.move(
        Move.COMMITTED,
        entry_key("C", commitment.pk, "held"),
        commitment.amount,
        person_id=commitment.person_id,
        household_key=commitment.household_key,
    )


@transaction.atomic
def release(actor: Actor, *, commitment: Commitment, reason: str) -> Commitment:
    """Give a promise up; its money goes to the next in line. Refused once a payment has taken it over."""
    book = open_book(commitment.budget_id)
    fresh = current(commitment)
    if fresh.state == State.RELEASED:
        return fresh
    if fresh.state == State.SPENT:
        raise Refused("这笔占用已经转为付款，请在付款页面撤销或追回。")
    give_back(book, fresh, reason, held=fresh.state == State.HELD)
    _note(actor, "ledger.released", book, fresh, reason)
    serve_line(actor, book)
    return fresh


def give_back(book: Book, commitment: Commitment, reason: str, *, held: bool) -> None:
    """Undo a commitment that no payment uses (any more); `held`: its sum stands on the committed account."""
    if held:
        entry = Entry.objects.everywhere(reason=WHY).get(key=entry_key("C", commitment.pk, "held"))
        book.undo(entry, Move.RELEASED, entry_key("C", commitment.pk, "released"), reason)
    commitment.state, commitment.reason = State.RELEASED, reason.strip()[:200]
    commitment.save(update_fields=["state", "reason"])


def current(commitment: Commitment) -> Commitment:
    """The commitment as it is now; its budget is locked, so nobody changes it."""
    return Commitment.objects.everywhere(reason=WHY).get(pk=commitment.pk)


def _note(actor: Actor, action: str, book: Book, commitment: Commitment, reason: str = "") -> None:
    journal(
        actor,
        action,
        subject=commitment,
        label=commitment.key,
        paths=(commitment.path, *book.budget.organisation.paths[:1]),
        reason=reason,
        detail={"budget": book.budget.pk, "amount": str(commitment.amount)},
    )
