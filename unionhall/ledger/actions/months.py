"""Month end: the balances of a month are written down, and nothing is booked into it any more."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import digest_of, journal

from ..checking import audit
from ..models import Budget, Entry, MonthBalance, MonthClose
from ..reading import next_month, trial_balance
from .posting import WHY, open_books


@transaction.atomic
def close_month(actor: Actor, *, organisation: Organisation, month: date) -> MonthClose:
    """Close a past month of an organisation, after those before it. Refused when the books do not agree."""
    actor.require("ledger.budget", *organisation.paths)
    first = month.replace(day=1)
    if first >= timezone.localdate().replace(day=1):
        raise Refused(f"{first:%Y 年 %m 月}还没有结束，不能月结。", "month")
    budgets = Budget.objects.everywhere(reason=WHY).filter(organisation=organisation)
    # Whoever is booking finishes first; who comes later finds today's month open, never this one.
    open_books(budgets.values_list("pk", flat=True))
    due = first_open_month(organisation)
    if due is None:
        raise Refused(f"{organisation.name}还没有账目，不需要月结。", "month")
    if first != due:
        words = "已经月结" if first < due else f"之前还有月份没有月结，请先办理 {due:%Y 年 %m 月}"
        raise Refused(f"{first:%Y 年 %m 月}{words}。", "month")
    if faults := audit():
        raise Refused(
            f"账目不平：{faults[0].account} 余额与{faults[0].source}不符。请联系运维人员核对后再月结。"
        )
    lines = trial_balance(organisation, first)
    rows = [(line.code, line.opening, line.debit, line.credit, line.closing) for line in lines]
    close = MonthClose.objects.create(
        organisation=organisation, month=first, closed_by=actor.name[:80], digest=digest_of(rows)
    )
    MonthBalance.objects.bulk_create(
        MonthBalance(
            close=close,
            account_id=line.account_id,
            opening=line.opening,
            debit=line.debit,
            credit=line.credit,
            closing=line.closing,
        )
        for line in lines
    )
    journal(
        actor,
        "ledger.month_closed",
        subject=close,
        paths=organisation.paths,
        detail={"month": f"{first:%Y-%m}", "accounts": len(lines)},
        digest=close.digest,
    )
    return close


def first_open_month(organisation: Organisation) -> date | None:
    """The month to be closed next: after the last closed one, else that of the first entry; None without entries."""
    closed = MonthClose.objects.everywhere(reason=WHY).filter(organisation=organisation)
    if (last := closed.order_by("-month").first()) is not None:
        return next_month(last.month)
    entries = Entry.objects.everywhere(reason=WHY).filter(debit__budget__organisation=organisation)
    day = entries.order_by("day").values_list("day", flat=True).first()
    return day.replace(day=1) if day is not None else None
