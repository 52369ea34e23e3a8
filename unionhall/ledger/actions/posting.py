"""Moving a sum: one entry, two balances, under the budget's lock. Nothing else writes entries or balances.

Whoever moves money locks the budget first (several: in the order of their keys), so that sums are decided one after
the other and no two verbs wait for each other. Accounts are then written debit before credit by key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.kit.money import LARGEST, cents, yuan

from ..models import Budget, Entry, Kind, LedgerAccount, MonthClose, Move, Payment

WHY = "a verb on money; the room that calls it has asked who may"
LIMIT = min(LARGEST, Decimal("999999999999.99"))

#: Move → (debited: what the sum goes into, credited: what it leaves).
ROUTES: dict[Move, tuple[Kind, Kind]] = {
    Move.GRANTED: (Kind.AVAILABLE, Kind.GRANTED),
    Move.CUT: (Kind.GRANTED, Kind.AVAILABLE),
    Move.COMMITTED: (Kind.COMMITTED, Kind.AVAILABLE),
    Move.RELEASED: (Kind.AVAILABLE, Kind.COMMITTED),
    Move.DUE: (Kind.PAYABLE, Kind.AVAILABLE),
    Move.PAID: (Kind.PAID, Kind.PAYABLE),
    Move.RECOVERABLE: (Kind.RECOVERABLE, Kind.PAID),
    Move.RECOVERED: (Kind.AVAILABLE, Kind.RECOVERABLE),
    Move.WAIVED: (Kind.PAID, Kind.RECOVERABLE),
}


def amount_of(amount: Decimal | int, field: str = "amount") -> Decimal:
    """A sum that can be booked. Refused for nothing, less than nothing, or parts of a cent."""
    found = Decimal(amount)
    if not found.is_finite() or found <= 0:
        raise Refused("金额必须大于零。", field)
    if found > LIMIT:
        raise Refused("金额太大。请核对小数点和位数。", field)
    if found != cents(found):
        raise Refused("金额最多到分，即两位小数。请核对。", field)
    return cents(found)


@dataclass
class Book:
    """A locked budget with its accounts; valid until the transaction ends."""

    budget: Budget
    accounts: dict[str, LedgerAccount]

    def balance(self, kind: Kind) -> Decimal:
        """The balance as it is now: hooks may have moved money meanwhile."""
        account = self.accounts[kind]
        account.refresh_from_db(
            fields=["balance"], from_queryset=LedgerAccount.objects.everywhere(reason=WHY)
        )
        return Decimal(account.balance)

    def move(
        self,
        move: Move,
        key: str,
        amount: Decimal,
        *,
        debit: Kind | None = None,
        credit: Kind | None = None,
        person_id: int | None = None,
        household_key: str = "",
        payment: Payment | None = None,
        reverses: Entry | None = None,
        memo: str = "",
    ) -> Entry:
        """Write one entry and both balances. `debit` or `credit` where the move's usual account is another."""
        usual_into, usual_out = ROUTES.get(move, (Kind.AVAILABLE, Kind.AVAILABLE))
        into, out = self.accounts[debit or usual_into], self.accounts[credit or usual_out]
        entry = Entry.objects.create(
            key=key,
            move=move,
            day=timezone.localdate(),
            debit=into,
            credit=out,
            amount=amount,
            person_id=person_id,
            household_key=household_key,
            programme=self.budget.programme,
            payment=payment,
            reverses=reverses,
            memo=memo[:200],
        )
        self.shift(into, out, amount)
        return entry

    def shift(self, into: LedgerAccount, out: LedgerAccount, amount: Decimal) -> None:
        """Both balances, the account with the smaller key first."""
        rows = LedgerAccount.objects.everywhere(reason=WHY)
        for account, change in sorted(((into, amount), (out, -amount)), key=lambda one: one[0].pk):
            rows.filter(pk=account.pk).update(balance=F("balance") + change)

    def undo(self, entry: Entry, move: Move, key: str, memo: str = "") -> Entry:
        """The same sum back, by a row that points at the one it undoes."""
        kinds = {account.pk: Kind(kind) for kind, account in self.accounts.items()}
        return self.move(
            move,
            key,
            entry.amount,
            debit=kinds[entry.credit_id],
            credit=kinds[entry.debit_id],
            person_id=entry.person_id,
            household_key=entry.household_key,
            payment=entry.payment,
            reverses=entry,
            memo=memo,
        )


def open_books(budget_ids: Iterable[int]) -> dict[int, Book]:
    """Lock budgets in the order of their keys and read their accounts. Refused while today's month is closed."""
    wanted = sorted(set(budget_ids))
    rows = Budget.objects.everywhere(reason=WHY).select_for_update(of=("self",), no_key=True)
    budgets = list(rows.select_related("organisation").filter(pk__in=wanted).order_by("pk"))
    _require_open_month({budget.organisation_id for budget in budgets}, timezone.localdate())
    books = {budget.pk: Book(budget, {}) for budget in budgets}
    for account in LedgerAccount.objects.everywhere(reason=WHY).filter(budget__in=wanted):
        books[account.budget_id].accounts[account.kind] = account
    return books


def open_book(budget_id: int) -> Book:
    return open_books([budget_id])[budget_id]


def _require_open_month(organisations: set[int], day: date) -> None:
    closed = MonthClose.objects.everywhere(reason=WHY)
    if closed.filter(organisation__in=organisations, month__gte=day.replace(day=1)).exists():
        raise Refused(f"{day:%Y 年 %m 月}已经月结，不能再记账。请核对服务器日期，或联系财务人员。")


def entry_key(letter: str, pk: int, step: str) -> str:
    """The name of an entry: B budget, C commitment, P payment, R recovery; the number in fixed width; the step."""
    return f"{letter}{pk:012d}.{step}"


def require_enough(book: Book, amount: Decimal) -> None:
    """Refused, naming what is there, when the available money does not cover the sum."""
    available = book.balance(Kind.AVAILABLE)
    if available < amount:
        raise Refused(
            f"“{book.budget}”可用余额 {yuan(available)} 元，不够支付 {yuan(amount)} 元。"
            "请先调增预算，或者按先后顺序排队等待。"
        )
