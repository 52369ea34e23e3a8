"""A payment comes due: out of a commitment, or straight out of the budget while nobody waits for it."""

from decimal import Decimal

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.members.hands import hands
from unionhall.members.models import Person
from unionhall.records.actions import journal
from unionhall.rulebook.models import Decision

from ..models import Budget, Commitment, Entry, Kind, Move, Payee, Payment
from ..purposes import purpose as purpose_of
from .commitments import current, serve_line
from .posting import WHY, Book, amount_of, entry_key, open_book, require_enough


@transaction.atomic
def pay(
    actor: Actor,
    *,
    key: str,
    purpose: str,
    commitment: Commitment | None = None,
    budget: Budget | None = None,
    person: Person | None = None,
    amount: Decimal | int | None = None,
    decision: Decision | None = None,
    payee: Payee | None = None,
    household_key: str = "",
    path: str = "",
) -> Payment:
    """Make a sum due, once: the same key again answers the same payment, with another sum it is Refused.

    Out of `commitment` (whose person, decision and sum hold unless others are given; what is not needed is freed),
    else out of `budget`. Without a `payee` the money goes to the person's own account, looked up when a batch is made.
    """
    purpose_of(purpose)
    if (commitment is None) == (budget is None):
        raise ValueError("pay() takes a commitment or a budget")
    book = open_book(commitment.budget_id if commitment is not None else budget.pk)  # type: ignore[union-attr]
    held = current(commitment) if commitment is not None else None
    person = person or (held.person if held is not None else None)
    decision = decision or (held.decision if held is not None else None)
    if amount is None:
        if held is None:
            raise ValueError("pay() out of a budget takes an amount")
        amount = held.amount
    total = amount_of(amount)
    if (known := Payment.objects.everywhere(reason=WHY).filter(key=key).first()) is not None:
        return _the_same(known, book, total)
    if person is None and payee is None:
        raise Refused("请写明付给谁：职工，或者一个收款账户。", "person")
    if held is not None:
        _require_held(held, total)
    else:
        require_no_line(book)
        require_enough(book, total)
    payment = Payment.objects.create(
        key=key,
        budget=book.budget,
        purpose=purpose,
        commitment=held,
        decision=decision,
        person=person,
        payee=payee,
        household_key=household_key or (held.household_key if held is not None else ""),
        path=path or (held.path if held is not None else "") or where(decision, book),
        amount=total,
    )
    if held is not None:
        _take_over(actor, book, held, payment)
    else:
        due(book, payment, Kind.AVAILABLE)
    note(actor, "ledger.due", book, payment)
    return payment


def _the_same(known: Payment, book: Book, amount: Decimal) -> Payment:
    if (known.budget_id, known.amount) != (book.budget.pk, amount):
        raise Refused(
            f"{known.key} 已按 {yuan(known.amount)} 元列入应付（{known.number}），不能再按 {yuan(amount)} 元支付。"
            "金额有变化的，请调整原付款。"
        )
    return known


def where(decision: Decision | None, book: Book) -> str:
    """The path a payment stands at: its decision's, else the budget's own union."""
    return (decision.path if decision is not None else "") or book.budget.organisation.path


def _require_held(held: Commitment, amount: Decimal) -> None:
    if held.state == Commitment.State.WAITING:
        raise Refused("预算不足，这笔款还在排队等待，不能付款。轮到时会自动占用预算。")
    if held.state != Commitment.State.HELD:
        raise Refused(f"这笔预算占用{held.get_state_display()}，不能再付款。")
    if amount > held.amount:
        raise Refused(f"付款不能超过占用的 {yuan(held.amount)} 元。", "amount")


def _take_over(actor: Actor, book: Book, held: Commitment, payment: Payment) -> None:
    """A held commitment becomes a payment. A smaller sum first undoes the holding, and frees what is left."""
    held.state = Commitment.State.SPENT
    held.save(update_fields=["state"])
    if payment.amount == held.amount:
        due(book, payment, Kind.COMMITTED)
        return
    entry = Entry.objects.everywhere(reason=WHY).get(key=entry_key("C", held.pk, "held"))
    book.undo(entry, Move.RELEASED, entry_key("C", held.pk, "released"), "付款小于占用")
    due(book, payment, Kind.AVAILABLE)
    serve_line(actor, book)


def due(book: Book, payment: Payment, source: Kind) -> Entry:
    """Book a payment as due, out of what is committed or available."""
    return book.move(
        Move.DUE,
        entry_key("P", payment.pk, "due"),
        payment.amount,
        credit=source,
        person_id=payment.person_id,
        household_key=payment.household_key,
        payment=payment,
    )


def require_no_line(book: Book) -> None:
    """Refused while commitments wait: a payment out of the budget would be served before them."""
    waiting = Commitment.objects.everywhere(reason=WHY).filter(budget=book.budget)
    if waiting.in_line().exists():
        raise Refused(f"“{book.budget}”已经用完，还有人在排队等待。请先占用预算，按先后顺序支付。")


def is_others(actor: Actor, payment: Payment) -> bool:
    """Whether it is not the actor's own money, under any of his accounts."""
    mine = hands(actor.access).person_id
    return mine is None or mine != payment.person_id


def require_others(actor: Actor, payment: Payment) -> None:
    """Refused to the person whose money it is."""
    if not is_others(actor, payment):
        raise Refused("这是付给您本人的款，请由其他财务人员办理。")


def note(actor: Actor, action: str, book: Book, payment: Payment, reason: str = "", **detail: object) -> None:
    journal(
        actor,
        action,
        subject=payment,
        label=f"{payment.number} {payment.key}",
        paths=(payment.path, book.budget.organisation.path),
        reason=reason,
        detail={"budget": book.budget.pk, "amount": str(payment.amount), **detail},
    )
