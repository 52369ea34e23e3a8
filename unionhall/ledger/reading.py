"""What other rooms ask the ledger: what somebody got, what a household got, how a budget and a month stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from .models import Budget, Commitment, Kind, LedgerAccount, MonthBalance, Payment, Recovery
from .models.accounts import ZERO
from .models.payments import PaymentQuerySet

_WHY = "sums for a rule or a page that has asked who may; no row leaves the ledger"
#: Payments that count as given: reversed ones too, of which what comes back is subtracted.
_GIVEN = (*Payment.LIVE, Payment.State.REVERSED)
_COMES_BACK = (Recovery.State.OPEN, Recovery.State.RECEIVED)
_CLAIMS = (Commitment.State.WAITING, Commitment.State.HELD)


def paid_to_date(person: Person | int, programme: str, year: int) -> Decimal:
    """What a person was granted out of a programme's budgets of a year: paid, on its way or held; less recoveries.

    A recovery that was given up is not subtracted: the money stays with him.
    """
    pk = person if isinstance(person, int) else person.pk
    return paid_by_person([pk], programme, year).get(pk, ZERO)


def among(keys: Iterable[int]) -> RawSQL:
    """For `…__in`: keys as one array, so that tens of thousands are one value of a statement."""
    return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, keys)) + "}"])


def paid_by_person(person_ids: Iterable[int], programme: str, year: int) -> dict[int, Decimal]:
    """The same for many, in three statements; persons who got nothing are left out."""
    people = among(person_ids)
    found: dict[int, Decimal] = {}
    payments = Payment.objects.everywhere(reason=_WHY).filter(state__in=_GIVEN, person__in=people)
    promises = Commitment.objects.everywhere(reason=_WHY).filter(state__in=_CLAIMS, person__in=people)
    for rows in (payments, promises):
        rows = rows.filter(budget__programme=programme, budget__year=year)
        for pk, total in rows.values_list("person").annotate(total=Sum("amount")).order_by():
            found[pk] = found.get(pk, ZERO) + total
    back = Recovery.objects.everywhere(reason=_WHY).filter(
        state__in=_COMES_BACK,
        payment__person__in=people,
        payment__budget__programme=programme,
        payment__budget__year=year,
    )
    for pk, total in back.values_list("payment__person").annotate(total=Sum("amount")).order_by():
        found[pk] = found.get(pk, ZERO) - total
    return found


def _with_left(rows: PaymentQuerySet) -> Any:
    """Those given, each with `left`: its sum less what was received back of it."""
    back = Recovery.objects.everywhere(reason=_WHY).filter(
        payment=OuterRef("pk"), state=Recovery.State.RECEIVED
    )
    received = back.order_by().values("payment").annotate(total=Sum("amount")).values("total")
    return rows.filter(state__in=_GIVEN).annotate(left=F("amount") - Coalesce(Subquery(received), ZERO))


def kept(payment_ids: Iterable[int]) -> dict[int, Decimal]:
    """What of each payment, with what was paid in addition to it, has not come back: with the person or on its way.

    Money that is to come back, and money nobody asks for any more, counts until it was received. In yuan; 0 for a
    payment that was cancelled or came back whole.
    """
    found = dict.fromkeys(payment_ids, ZERO)
    rows = Payment.objects.everywhere(reason=_WHY).filter(Q(pk__in=found) | Q(root__in=found))
    for pk, root, left in _with_left(rows).values_list("pk", "root", "left"):
        found[root or pk] = found.get(root or pk, ZERO) + left
    return found


def given_up_but_out() -> PaymentQuerySet:
    """Payments given up after the bank had paid them, of which something has not come back; to filter by."""
    rows = Payment.objects.everywhere(reason=_WHY).filter(state=Payment.State.REVERSED)
    found: PaymentQuerySet = _with_left(rows).filter(left__gt=0)
    return found


@dataclass(frozen=True)
class Funding:
    """Money that somebody got or is promised: under which programme, since when, how much, where it stands.

    `amount` of a payment is what did not come back of it.
    """

    programme: str
    person_id: int | None
    household_key: str
    amount: Decimal
    at: datetime
    state: str
    key: str


def funded(
    *,
    person_ids: Iterable[int] = (),
    household_key: str = "",
    programmes: Iterable[str] | None = None,
    since: date | None = None,
) -> list[Funding]:
    """What persons, or a household under its key, got or were promised, latest first: against funding twice.

    A payment that was taken back is among it until its money has come back, also when nobody asks for it any more.
    """
    who = Q(person__in=list(person_ids))
    if household_key:
        who |= Q(household_key=household_key)
    payments = _with_left(Payment.objects.everywhere(reason=_WHY).filter(who)).filter(left__gt=0)
    promises = Commitment.objects.everywhere(reason=_WHY).filter(who, state__in=_CLAIMS)
    if programmes is not None:
        wanted = list(programmes)
        payments = payments.filter(budget__programme__in=wanted)
        promises = promises.filter(budget__programme__in=wanted)
    if since is not None:
        payments = payments.filter(due_at__date__gte=since)
        promises = promises.filter(submitted_at__date__gte=since)
    columns = ("budget__programme", "person_id", "household_key", "left", "at", "state", "key")
    rows = [
        *payments.annotate(at=F("due_at")).values_list(*columns),
        *promises.annotate(at=F("submitted_at"), left=F("amount")).values_list(*columns),
    ]
    return sorted((Funding(*row) for row in rows), key=lambda one: one.at, reverse=True)


def budget_for(programme: str, year: int, path: str) -> Budget | None:
    """The budget that pays at a place: of the nearest union above it (or itself) that has one."""
    rows = Budget.objects.everywhere(reason=_WHY).select_related("organisation")
    rows = rows.filter(programme=programme, year=year, organisation__path__in=[*above(path), path])
    return rows.order_by("-organisation__path").first()


@dataclass(frozen=True)
class BudgetState:
    """Where a budget's money stands, and who waits: all sums in yuan."""

    amount: Decimal
    available: Decimal
    committed: Decimal
    payable: Decimal
    paid: Decimal
    recoverable: Decimal
    waiting: int
    waiting_amount: Decimal

    @property
    def used(self) -> Decimal:
        return self.amount - self.available


def budget_state(budget: Budget) -> BudgetState:
    """Two statements, whatever the number of payments."""
    return budget_states([budget])[budget.pk]


def budget_states(budgets: Iterable[Budget]) -> dict[int, BudgetState]:
    """The same for many."""
    held = {one.pk: one for one in budgets}
    balances: dict[int, dict[str, Decimal]] = {pk: {} for pk in held}
    for account in LedgerAccount.objects.everywhere(reason=_WHY).filter(budget__in=held):
        balances[account.budget_id][account.kind] = account.balance
    rows: QuerySet[Any, Any] = Commitment.objects.everywhere(reason=_WHY).filter(
        budget__in=held, state=Commitment.State.WAITING
    )
    waiting = {
        row["budget"]: row
        for row in rows.values("budget").annotate(total=Sum("amount"), count=Count("pk")).order_by()
    }
    found = {}
    for pk, kinds in balances.items():
        line = waiting.get(pk, {"count": 0, "total": ZERO})
        found[pk] = BudgetState(
            amount=-kinds.get(Kind.GRANTED, ZERO),
            available=kinds.get(Kind.AVAILABLE, ZERO),
            committed=kinds.get(Kind.COMMITTED, ZERO),
            payable=kinds.get(Kind.PAYABLE, ZERO),
            paid=kinds.get(Kind.PAID, ZERO),
            recoverable=kinds.get(Kind.RECOVERABLE, ZERO),
            waiting=line["count"],
            waiting_amount=line["total"],
        )
    return found


@dataclass(frozen=True)
class Line:
    """One account in a trial balance."""

    account_id: int
    code: str
    title: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


_TRIAL = """
WITH own AS (
    SELECT a.id, a.code, a.title FROM ledger_ledgeraccount a JOIN ledger_budget b ON b.id = a.budget_id
    WHERE b.organisation_id = %(organisation)s
), moved AS (
    SELECT debit_id AS account, day < %(first)s AS before, amount AS debit, 0 AS credit FROM ledger_entry
    WHERE day < %(next)s AND debit_id IN (SELECT id FROM own)
    UNION ALL
    SELECT credit_id, day < %(first)s, 0, amount FROM ledger_entry
    WHERE day < %(next)s AND credit_id IN (SELECT id FROM own)
)
SELECT own.id, own.code, own.title, COALESCE(sum(debit - credit) FILTER (WHERE before), 0),
       COALESCE(sum(debit) FILTER (WHERE NOT before), 0), COALESCE(sum(credit) FILTER (WHERE NOT before), 0)
FROM own LEFT JOIN moved ON moved.account = own.id GROUP BY 1, 2, 3 ORDER BY own.code
"""


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def trial_balance(organisation: Organisation, month: date) -> list[Line]:
    """Opening, debit, credit and closing of each account in a month (any day of it). A closed month reads as closed."""
    first = month.replace(day=1)
    kept = MonthBalance.objects.everywhere(reason=_WHY).filter(
        close__organisation=organisation, close__month=first
    )
    columns = ("account_id", "account__code", "account__title", "opening", "debit", "credit")
    if lines := [Line(*row) for row in kept.order_by("account__code").values_list(*columns)]:
        return lines
    values: dict[str, Any] = {"organisation": organisation.pk, "first": first, "next": next_month(first)}
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL, values)
        return [Line(*row) for row in cursor.fetchall()]
