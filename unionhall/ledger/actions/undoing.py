"""Taking payments back, and paying a difference: what was booked stays, what changes is booked beside it."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import cents, yuan
from unionhall.rulebook.models import Decision

from ..models import Entry, Kind, Move, Payment, Recovery
from ..models.accounts import ZERO
from ..purposes import purpose as purpose_of
from .commitments import give_back, serve_line
from .paying import due, note, require_others
from .posting import WHY, Book, entry_key, open_book, open_books, require_enough

State = Payment.State


def family(payment: Payment) -> list[Payment]:
    """A payment and what was paid in addition, oldest first, as they are now (call it under the budget's lock)."""
    root = payment.root_id or payment.pk
    rows = Payment.objects.everywhere(reason=WHY).filter(Q(pk=root) | Q(root=root))
    return list(rows.order_by("pk"))


def _recoveries(members: list[Payment]) -> list[Recovery]:
    rows = Recovery.objects.everywhere(reason=WHY).filter(payment__in=members)
    return list(rows.exclude(state=Recovery.State.CANCELLED).order_by("-pk"))


def net(members: list[Payment]) -> Decimal:
    """What the person is entitled to by the books: what was granted, less all that was too much of it.

    Also where nobody asks for what was too much any more: he keeps that, but without a claim to it.
    """
    given = sum((one.amount for one in members if one.state in (*Payment.LIVE, State.REVERSED)), ZERO)
    return given - sum((one.amount for one in _recoveries(members)), ZERO)


@transaction.atomic
def adjust(
    actor: Actor,
    *,
    payment: Payment,
    amount: Decimal | int,
    decision: Decision | None,
    reason: str = "金额更正",
) -> list[Payment | Recovery]:
    """Bring what a person gets to `amount` in all: pay the difference, or take it back. Never twice.

    What is still due is cancelled first; what was paid becomes a Recovery. More is set off against what the person
    kept before, and against what is to come back; the rest is paid. The same amount again changes nothing and answers
    []. The purpose is told nothing: it is the domain that adjusts. Refused while a part to be taken back is on its way
    through the bank, or the budget is spent.
    """
    target = cents(Decimal(amount))
    if target < 0 or target != Decimal(amount):
        raise Refused("金额不能小于零，最多到分。请核对。", "amount")
    book = open_book(payment.budget_id)
    members = family(payment)
    change = target - net(members)
    if not change:
        return []
    made: list[Payment | Recovery] = []
    if change > 0:
        change -= _forgive(book, members, change, made)
        if change:
            made.append(_supplement(book, members, change, decision))
    else:
        _take_back(book, members, -change, decision, reason, made)
    note(actor, "ledger.adjusted", book, members[0], reason, to=str(target), change=str(change))
    serve_line(actor, book)
    return made


def _supplement(book: Book, members: list[Payment], amount: Decimal, decision: Decision | None) -> Payment:
    root = members[0]
    require_enough(book, amount)
    extra = Payment.objects.create(
        key=f"{root.key}+{len(members)}",
        budget=book.budget,
        purpose=root.purpose,
        decision=decision or root.decision,
        person_id=root.person_id,
        payee=root.payee if root.payee_id and root.payee.relation else None,  # type: ignore[union-attr]
        household_key=root.household_key,
        path=root.path,
        amount=amount,
        root=root,
    )
    due(book, extra, Kind.AVAILABLE)
    members.append(extra)
    return extra


def _forgive(book: Book, members: list[Payment], amount: Decimal, made: list[Payment | Recovery]) -> Decimal:
    """What was too much is so no more, up to `amount`; answers how much that was.

    First what nobody asks for any more, because the person has it; then what is to come back.
    """
    left, States = amount, Recovery.State  # noqa: N806 — a class
    open_or_waived = [one for one in _recoveries(members) if one.state in (States.WAIVED, States.OPEN)]
    for recovery in sorted(open_or_waived, key=lambda one: one.state == States.OPEN):
        if not left:
            break
        waived, part = recovery.state == States.WAIVED, min(left, recovery.amount)
        _cancel_recovery(book, recovery)
        left -= part
        if recovery.amount > part:
            rest = _recover(
                book, recovery.payment, recovery.amount - part, recovery.decision, recovery.reason
            )
            if waived:
                _settle(book, rest, States.WAIVED, "金额更正")
            made.append(rest)
    return amount - left


def _cancel_recovery(book: Book, recovery: Recovery) -> None:
    """It does not stand any more. What was given up is on the paid account already."""
    if recovery.state == Recovery.State.OPEN:
        entry = Entry.objects.everywhere(reason=WHY).get(key=entry_key("R", recovery.pk, "due"))
        book.undo(entry, Move.WAIVED, entry_key("R", recovery.pk, "cancelled"), "金额更正")
    recovery.state, recovery.settled_at = Recovery.State.CANCELLED, timezone.now()
    recovery.save(update_fields=["state", "settled_at"])


def _take_back(
    book: Book,
    members: list[Payment],
    amount: Decimal,
    decision: Decision | None,
    reason: str,
    made: list[Payment | Recovery],
) -> None:
    """First what has not left, newest first; then what was paid, as far as it is not to come back already."""
    left = amount
    for one in reversed(list(members)):
        if left > 0 and one.state in (State.DUE, State.RETURNED):
            _cancel(book, one, reason)
            left -= one.amount
    if left < 0:
        made.append(_supplement(book, members, -left, decision))
        return
    for one in reversed(members):
        if left <= 0:
            return
        if one.state in (State.PAID, State.REVERSED) and (part := min(left, _kept(one))) > 0:
            made.append(_recover(book, one, part, decision, reason))
            left -= part
    if left > 0:
        raise Refused("这笔付款已编入批次或正在银行处理，请等银行结果导入后再调整。")


def _kept(payment: Payment) -> Decimal:
    return Decimal(payment.amount) - sum((one.amount for one in _recoveries([payment])), ZERO)


def _recover(
    book: Book, payment: Payment, amount: Decimal, decision: Decision | None, reason: str
) -> Recovery:
    recovery = Recovery.objects.create(
        payment=payment, amount=amount, decision=decision, reason=reason.strip()[:200]
    )
    book.move(
        Move.RECOVERABLE,
        entry_key("R", recovery.pk, "due"),
        amount,
        person_id=payment.person_id,
        household_key=payment.household_key,
        payment=payment,
        memo=reason,
    )
    return recovery


def _cancel(book: Book, payment: Payment, reason: str) -> None:
    """Undo a payment that is due or came back from the bank; its commitment, if any, is given up with it."""
    entry = Entry.objects.everywhere(reason=WHY).get(key=entry_key("P", payment.pk, "due"))
    book.undo(entry, Move.CANCELLED, entry_key("P", payment.pk, "cancelled"), reason)
    payment.state, payment.reason = State.CANCELLED, reason.strip()[:200]
    payment.save(update_fields=["state", "reason"])
    if payment.commitment is not None:
        held = entry.credit_id == book.accounts[Kind.COMMITTED].pk
        give_back(book, payment.commitment, reason, held=held)


def _tell(actor: Actor, payment: Payment) -> None:
    rows = Payment.objects.everywhere(reason="the payment just given up, for its purpose")
    purpose_of(payment.purpose).on_reversed(actor, rows.filter(pk=payment.pk))


@transaction.atomic
def reverse(actor: Actor, *, payment: Payment, reason: str) -> Payment:
    """Give a payment up: one that is due or came back frees its money for the next in line; a paid one is recovered.

    Refused while it is in a batch or at the bank, and to whom it is paid.
    """
    if not reason.strip():
        raise Refused("请写明原因。", "reason")
    along = purpose_of(payment.purpose).along(payment)
    book = open_books({payment.budget_id, *along})[payment.budget_id]
    fresh = Payment.objects.everywhere(reason=WHY).get(pk=payment.pk)
    actor.require("ledger.make", *book.budget.organisation.paths)
    require_others(actor, fresh)
    if fresh.state in (State.CANCELLED, State.REVERSED):
        return fresh
    if fresh.state == State.BATCHED:
        raise Refused("这笔付款在批次里，请先把它移出批次。")
    if fresh.state == State.SENT:
        raise Refused("银行正在处理这笔付款，请等银行结果导入后再撤销。")
    if fresh.state == State.PAID:
        if (kept := _kept(fresh)) > 0:
            _recover(book, fresh, kept, fresh.decision, reason)
        fresh.state, fresh.reason = State.REVERSED, reason.strip()[:200]
        fresh.save(update_fields=["state", "reason"])
        _tell(actor, fresh)
        note(actor, "ledger.reversed", book, fresh, reason)
        return fresh
    _cancel(book, fresh, reason)
    _tell(actor, fresh)
    note(actor, "ledger.cancelled", book, fresh, reason)
    serve_line(actor, book)
    return fresh


@transaction.atomic
def settle_recovery(actor: Actor, *, recovery: Recovery, received: bool, reason: str = "") -> Recovery:
    """Money that was to come back did (and goes to the next in line), or is given up, with the reason.

    Refused to the person himself.
    """
    if not received and not reason.strip():
        raise Refused("请写明不再收回的原因。", "reason")
    book = open_book(recovery.payment.budget_id)
    actor.require("ledger.budget", *book.budget.organisation.paths)
    fresh = Recovery.objects.everywhere(reason=WHY).select_related("payment").get(pk=recovery.pk)
    require_others(actor, fresh.payment)
    if fresh.state != Recovery.State.OPEN:
        raise Refused(f"这笔款{fresh.get_state_display()}，不用再办。")
    _settle(book, fresh, Recovery.State.RECEIVED if received else Recovery.State.WAIVED, reason)
    note(
        actor, f"ledger.{'recovered' if received else 'waived'}", book, fresh.payment, reason,
        part=yuan(fresh.amount),
    )  # fmt: skip
    if received:
        serve_line(actor, book)
    return fresh


def _settle(book: Book, recovery: Recovery, state: Recovery.State, memo: str) -> None:
    """Book an open one as received, or given up."""
    move = Move.RECOVERED if state == Recovery.State.RECEIVED else Move.WAIVED
    book.move(
        move,
        entry_key("R", recovery.pk, state.value),
        recovery.amount,
        person_id=recovery.payment.person_id,
        household_key=recovery.payment.household_key,
        payment=recovery.payment,
        memo=memo,
    )
    recovery.state, recovery.settled_at = state, timezone.now()
    recovery.save(update_fields=["state", "settled_at"])


def spent_on(members: list[Payment]) -> Decimal:
    """What has left the bank for these payments, whatever came back; for pages."""
    rows = Entry.objects.everywhere(reason=WHY).filter(payment__in=members, move=Move.PAID)
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO
