"""Budgets: opened once, raised or cut; what is raised goes to those who wait."""

from decimal import Decimal

from django.db import IntegrityError, transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal
from unionhall.rulebook.programmes import programme_of

from ..models import Budget, Kind, LedgerAccount, Move
from ..rules import YEARS
from .commitments import serve_line
from .posting import amount_of, entry_key, open_book


@transaction.atomic
def open_budget(
    actor: Actor,
    *,
    organisation: Organisation,
    programme: str,
    year: int,
    amount: Decimal | int,
    title: str = "",
) -> Budget:
    """Set up a programme's money for a calendar year, with its accounts. Refused when it is there already."""
    actor.require("ledger.budget", *organisation.paths)
    total = amount_of(amount)
    if year not in YEARS:
        raise Refused("请填写四位数的年度。", "year")
    known = programme_of(programme)
    words = title.strip()[:120] or (known.title if known is not None else programme)
    try:
        with transaction.atomic():
            budget = Budget.objects.create(
                organisation=organisation, programme=programme, year=year, title=words, amount=total
            )
    except IntegrityError:
        raise Refused(f"{organisation.name}已有 {year} 年“{words}”预算，请在原预算上调整。", "year") from None
    LedgerAccount.objects.bulk_create(
        LedgerAccount(
            budget=budget,
            kind=kind,
            code=f"{organisation.code}.{programme}.{year}.{kind.value}",
            title=f"{words} {year} {kind.label}",
        )
        for kind in Kind
    )
    open_book(budget.pk).move(Move.GRANTED, entry_key("B", budget.pk, "0"), total, memo="批准预算")
    journal(
        actor,
        "ledger.budget_opened",
        subject=budget,
        paths=organisation.paths,
        detail={"programme": programme, "year": year, "amount": str(total)},
    )
    return budget


@transaction.atomic
def change_budget(actor: Actor, *, budget: Budget, amount: Decimal | int, reason: str) -> Budget:
    """Set another total. More money goes to those who wait; less than what is bound is Refused."""
    actor.require("ledger.budget", *budget.organisation.paths)
    total = amount_of(amount)
    if not reason.strip():
        raise Refused("请写明调整预算的依据。", "reason")
    book = open_book(budget.pk)
    before, free = book.budget.amount, book.balance(Kind.AVAILABLE)
    change = total - before
    if not change:
        raise Refused("金额与现在相同，没有改变。", "amount")
    if change < 0 and free + change < 0:
        raise Refused(f"已占用和支付 {yuan(before - free)} 元，预算不能低于这个数。", "amount")
    move = Move.GRANTED if change > 0 else Move.CUT
    key = entry_key("B", budget.pk, str(_times_changed(book.budget) + 1))
    book.move(move, key, abs(change), memo=reason.strip())
    book.budget.amount = total
    book.budget.save(update_fields=["amount"])
    journal(
        actor,
        "ledger.budget_changed",
        subject=book.budget,
        paths=book.budget.organisation.paths,
        reason=reason,
        detail={"before": str(before), "after": str(total)},
    )
    serve_line(actor, book)
    return book.budget


def _times_changed(budget: Budget) -> int:
    from ..models import Entry

    rows = Entry.objects.everywhere(reason="numbering the changes of one budget")
    return rows.filter(key__startswith=f"B{budget.pk:012d}.").count() - 1
