"""The money of settlements: due at once while the budget lasts, in line after that; and what people are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

import polars as pl
from django.db.models import Count, Max, Q, Sum

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger import purposes
from unionhall.ledger.actions import Due, available, dues_of, pay, pay_many, queue_many, total_of
from unionhall.ledger.models import Budget, Commitment, Payment, Recovery
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.ledger.reading import among
from unionhall.members.following import facts_changed_of
from unionhall.records.actions import journal, notify, notify_many
from unionhall.records.models import Message

from ...entitlements import reconsider
from ...models import SettlementFile, SettlementLine
from ...models.medical import payment_key
from ...schemes.medical import PROGRAMME

__all__ = ["PURPOSE", "file_settled", "pay_or_queue", "root_of", "tell_results", "waived_of"]

PURPOSE = PROGRAMME
_WHY = "payments of settlements, for the purpose that the ledger calls"
_TITLE = "医疗互助金"
_ASK = "有疑问请联系所在工会。"


def pay_or_queue(
    actor: Actor,
    budget: Budget,
    rows: Sequence[Due] | pl.DataFrame,
    *,
    submitted_at: datetime,
    again: str = "",
) -> int:
    """Make sums due in their order as far as the budget reaches, put the rest in line; answers how many wait.

    `again` ends the name of a promise whose settlement had one before; payments keep their one name. Refused where a
    sum would get neither money nor a place in line.
    """
    if not len(rows):
        return 0
    left = available(budget)
    if isinstance(rows, pl.DataFrame):
        if total_of(rows) <= left:
            pay_many(actor, budget=budget, purpose=PURPOSE, rows=rows)
            return 0
        rows = dues_of(rows)
    fits = sum(1 for total in accumulate(row.amount for row in rows) if total <= left)
    if fits:
        pay_many(actor, budget=budget, purpose=PURPOSE, rows=list(rows[:fits]))
    if fits == len(rows):
        return 0
    rest = [row._replace(key=row.key + again) for row in rows[fits:]]
    if queue_many(actor, budget=budget, purpose=PURPOSE, rows=rest, submitted_at=submitted_at) < len(rest):
        _require_places(rest)
    return len(rest)


def _require_places(rows: Sequence[Due]) -> None:
    """Refused where one of these keys stands for a promise that was given up: the line would pass it over."""
    known = Commitment.objects.everywhere(reason=_WHY).filter(key__in=[row.key for row in rows])
    gone = known.filter(state=Commitment.State.RELEASED).order_by("pk").values_list("key", flat=True).first()
    if gone is not None:
        raise Refused(f"{gone} 先前的排队已经释放，这一次没有排上队，没有理算。请联系运维人员核对。")


def root_of(key: str) -> int:
    """The first line behind a payment's or commitment's key: medical:000000000017, with or without an ending."""
    return int(key.removeprefix("medical:").partition(".")[0].partition("+")[0])


def tell_results(granted_lines: Sequence[int]) -> int:
    """Tell those with an account what their settlements came to; one message a person, with the sum.

    What they qualify for with it is looked at too.
    """
    lines = SettlementLine.objects.everywhere(reason="the person's own results, told to him")
    granted = lines.filter(pk__in=among(granted_lines), person__account__isnull=False)
    rows = granted.values("person_id", "person__account_id", "path").annotate(
        total=Sum("amount"), count=Count("pk"), last=Max("pk")
    )
    letters, told = [], set()
    for row in rows.order_by():
        told.add(row["person_id"])
        count = f"{row['count']} 笔医保结算" if row["count"] > 1 else "1 笔医保结算"
        letters.append(
            Message(
                recipient_id=row["person__account_id"],
                title=f"{_TITLE} {yuan(row['total'])} 元",
                body=f"您的 {count}已自动理赔，互助金 {yuan(row['total'])} 元将付到您登记的账户。点开可看计算过程。",
                url=f"/m/benefits/medical/{row['last']}/" if row["count"] == 1 else "/m/benefits/medical/",
                path=row["path"],
            )
        )
    reconsider(told)
    return notify_many(letters)


def on_held(actor: Actor, commitment: Commitment) -> None:
    """Money came free for one who waited: it becomes due, and he is told."""
    root = root_of(commitment.key)
    pay(actor, key=payment_key(root), purpose=PURPOSE, commitment=commitment)
    account = commitment.person.account_id if commitment.person is not None else None
    notify(
        account, f"{_TITLE} {yuan(commitment.amount)} 元", "排队已轮到您，互助金将付到您登记的账户。",
        f"/m/benefits/medical/{root}/", commitment.path,
    )  # fmt: skip
    line = SettlementLine.objects.everywhere(reason=_WHY).select_related("file").filter(pk=root).first()
    if line is not None and line.file is not None:
        file_settled(line.file)


def file_settled(file: SettlementFile) -> None:
    """A file whose last waiting sum became due is paid."""
    State = SettlementFile.State  # noqa: N806 — a class
    if file.state not in (State.ADJUDICATED, State.PAID):
        return
    state = State.ADJUDICATED if waiting_of(file)[0] else State.PAID
    SettlementFile.objects.everywhere(reason=_WHY).filter(pk=file.pk).update(state=state)


def waiting_of(file: SettlementFile) -> tuple[int, Decimal]:
    """How many granted sums of a file wait in line for money, and what they come to."""
    waiting = Commitment.objects.everywhere(reason=_WHY).filter(
        purpose=PURPOSE, state=Commitment.State.WAITING
    )
    decisions = SettlementLine.objects.everywhere(reason=_WHY).filter(file=file, outcome="granted")
    found = waiting.filter(decision__in=decisions.values("decision")).aggregate(
        count=Count("pk"), total=Sum("amount")
    )
    return found["count"], found["total"] or Decimal("0.00")


def _told(payments: PaymentQuerySet, title: str, body: str) -> None:
    rows = payments.filter(person__account__isnull=False)
    columns = ("pk", "person__account_id", "amount", "path")
    notify_many(
        Message(
            recipient_id=account, title=title.format(yuan(amount)), body=body.format(yuan(amount)),
            url=f"/m/payments/{pk}/", path=path,
        )
        for pk, account, amount, path in rows.values_list(*columns).iterator(chunk_size=2_000)
    )  # fmt: skip


def on_paid(actor: Actor, payments: PaymentQuerySet) -> None:
    _told(payments, f"{_TITLE} {{}} 元已到账", "医疗互助金 {} 元已付到您的账户。")


def on_returned(actor: Actor, payments: PaymentQuerySet) -> None:
    _told(
        payments,
        f"{_TITLE}没有付成",
        "银行退回了医疗互助金 {} 元。请核对您登记的收款账户，改好后会重新发放。",
    )


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """Finance gave payments up: their settlements count no more, and a correction leaves them to a person."""
    roots = {root_of(key): why for key, why in payments.values_list("key", "reason")}
    rows = SettlementLine.objects.everywhere(reason=_WHY).counted()
    rows = rows.filter(Q(pk__in=roots) | Q(first__in=roots), person__in=payments.values("person"))
    lines = list(rows.select_for_update().order_by("pk"))
    rows.filter(pk__in=[line.pk for line in lines]).update(outcome=SettlementLine.Outcome.REVOKED)
    for line in lines:
        journal(
            actor, "benefits.settlement_revoked", subject=line, label=line.number, paths=(line.path,),
            reason=roots[line.root],
        )  # fmt: skip
    facts_changed_of(line.person_id for line in lines if line.person_id is not None)
    title, paid = f"{_TITLE} {{}} 元已撤销", payments.filter(state=Payment.State.REVERSED)
    _told(paid, title, f"已经发放的款项需要退回，请按工会通知办理。{_ASK}")
    _told(payments.exclude(pk__in=paid), title, f"款项不再发放。{_ASK}")


def waived_of(person_id: int, year: int) -> dict[int, int]:
    """What a person keeps of a year's settlements though nobody asks for it any more: cents by the first line."""
    rows = Recovery.objects.everywhere(reason=_WHY).filter(
        state=Recovery.State.WAIVED, payment__person=person_id,
        payment__budget__programme=PROGRAMME, payment__budget__year=year,
    )  # fmt: skip
    found: dict[int, int] = {}
    for key, amount in rows.values_list("payment__key", "amount"):
        found[root_of(key)] = found.get(root_of(key), 0) + int(amount * 100)
    return found


def url(payment: Payment) -> str:
    return f"/desk/medical/lines/{root_of(payment.key)}/"


purposes.register(
    purposes.Purpose(
        PURPOSE,
        _TITLE,
        on_held=on_held,
        on_paid=on_paid,
        on_returned=on_returned,
        on_reversed=taken_back,
        url=url,
    )
)
