"""Taking the bank's answer: every line is matched by its key, booked set by set, and nothing is booked twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.sm import sm3_hex_of
from unionhall.records import attachments
from unionhall.records.actions import journal

from .. import bank_return as reader
from ..models import BankReturn, LedgerAccount, Payment, PaymentBatch
from ..purposes import purpose as purpose_of
from ..purposes import title_of
from .batches import State, lock, require_state
from .posting import WHY, Book, open_books

PURPOSE = "ledger.bank_return"
_PIECE = 1 << 20

_STAGE = """
CREATE TEMPORARY TABLE ledger_answer (
    number integer PRIMARY KEY, reference text, payment_id bigint, amount numeric(14, 2), result text, reason text,
    message text
) ON COMMIT DROP
"""
# The first thing that is wrong with a line is what it is told; lines that can't be read have theirs already.
_COMPARE = """
UPDATE ledger_answer a SET message = CASE
    WHEN t.again THEN '文件里前面已有这笔付款，本行没有入账。'
    WHEN p.id IS NULL THEN '没有这个编号的付款。'
    WHEN p.batch_id IS DISTINCT FROM %(batch)s THEN '这笔付款不在这个批次里，可能已重新付款或撤销。'
    WHEN p.amount <> a.amount THEN '金额不符：付款是 ' || p.amount || ' 元，银行回盘是 ' || a.amount || ' 元。'
    WHEN p.state IN ('reversed', 'cancelled') THEN '这笔付款已撤销或追回，请人工核对。'
    WHEN a.result = 'paid' AND p.state = 'returned' THEN '银行先前答复退回，这次答复成功。请与银行核对。'
    WHEN a.result = 'returned' AND p.state = 'paid' AND EXISTS (
        SELECT FROM ledger_recovery r WHERE r.payment_id = p.id AND r.state <> 'cancelled'
    ) THEN '这笔付款另有应收回款，请先核对应收回款再办理退汇。'
    ELSE '' END
FROM (SELECT number, row_number() OVER (PARTITION BY payment_id ORDER BY number) > 1 AS again
      FROM ledger_answer WHERE message = '') t
LEFT JOIN ledger_answer l ON l.number = t.number LEFT JOIN ledger_payment p ON p.id = l.payment_id
WHERE a.number = t.number
"""
_UNCHANGED = """
SELECT count(*) FROM ledger_answer a JOIN ledger_payment p ON p.id = a.payment_id
WHERE a.message = '' AND p.state = a.result
"""
_ENTRY = """
INSERT INTO ledger_entry (key, move, day, debit_id, credit_id, amount, person_id, household_key, programme,
                          payment_id, reverses_id, memo, at)
"""
_PAID = f"""
WITH changed AS (
    UPDATE ledger_payment p SET state = 'paid', settled_at = %(now)s, reason = ''
    FROM ledger_answer a WHERE a.payment_id = p.id AND a.message = '' AND a.result = 'paid' AND p.state = 'sent'
    RETURNING p.id, p.budget_id, p.amount, p.person_id, p.household_key, p.attempt
), booked AS (
    {_ENTRY}
    SELECT 'P' || lpad(c.id::text, 12, '0') || '.paid.' || c.attempt, 'paid', %(today)s, i.id, o.id, c.amount,
           c.person_id, c.household_key, b.programme, c.id, NULL, '', %(now)s
    FROM changed c JOIN ledger_budget b ON b.id = c.budget_id
    JOIN ledger_ledgeraccount i ON i.budget_id = b.id AND i.kind = 'paid'
    JOIN ledger_ledgeraccount o ON o.budget_id = b.id AND o.kind = 'payable'
    RETURNING debit_id, credit_id, amount
)
SELECT debit_id, credit_id, count(*), sum(amount) FROM booked GROUP BY 1, 2
"""  # noqa: S608 — put together from the text above
_BOUNCED = f"""
WITH changed AS (
    UPDATE ledger_payment p SET state = 'returned', settled_at = %(now)s, reason = a.reason
    FROM ledger_answer a
    WHERE a.payment_id = p.id AND a.message = '' AND a.result = 'returned' AND p.state = 'paid'
      AND p.settled_at < %(now)s
    RETURNING p.id, p.attempt, a.reason
), booked AS (
    {_ENTRY}
    SELECT 'P' || lpad(c.id::text, 12, '0') || '.bounced.' || c.attempt, 'bounced', %(today)s, e.credit_id, e.debit_id,
           e.amount, e.person_id, e.household_key, e.programme, c.id, e.id, left(c.reason, 200), %(now)s
    FROM changed c
    JOIN ledger_entry e ON e.key = 'P' || lpad(c.id::text, 12, '0') || '.paid.' || c.attempt
    RETURNING debit_id, credit_id, amount
)
SELECT debit_id, credit_id, count(*), sum(amount) FROM booked GROUP BY 1, 2
"""  # noqa: S608 — put together from the text above
_FAILED = """
UPDATE ledger_payment p SET state = 'returned', settled_at = %(now)s, reason = a.reason
FROM ledger_answer a
WHERE a.payment_id = p.id AND a.message = '' AND a.result = 'returned' AND p.state = 'sent'
"""
_MISMATCHES = """
INSERT INTO ledger_returnmismatch (bank_return_id, row, reference, message)
SELECT %(taken)s, number, reference, message FROM ledger_answer WHERE message <> '' ORDER BY number
"""
# Told on the phone, by set: the sum and the last four digits, nothing more.
_TELL = """
INSERT INTO records_message (recipient_id, title, body, url, path, created_at)
SELECT s.account_id, %(title)s || %(what)s,
       to_char(p.amount, 'FM999,999,999,990.00') || %(body)s || y.tail || %(rest)s, %(before)s || p.id || %(after)s,
       p.path, %(now)s
FROM ledger_payment p JOIN members_person s ON s.id = p.person_id JOIN ledger_payee y ON y.id = p.payee_id
WHERE p.batch_id = %(batch)s AND p.settled_at = %(now)s AND p.state = %(state)s AND p.purpose = %(purpose)s
  AND s.account_id IS NOT NULL
"""
_TOLD = {
    "paid": ("已发放", " 元已发放到尾号 ", " 的银行卡。点开可以看到计算过程。"),
    "returned": ("被银行退回", " 元付到尾号 ", " 的银行卡时被银行退回。请核对收款账户，更换后会重新发放。"),
}


@dataclass(frozen=True)
class Taken:
    """A return file and whether this very file had been taken before (then nothing was changed)."""

    bank_return: BankReturn
    known: bool


@transaction.atomic
def take_return_file(actor: Actor, *, batch: PaymentBatch, source: BinaryIO, name: str) -> Taken:
    """Book what the bank answers. The same file again changes nothing; a line that does not fit is noted, not booked.

    Refused as a whole when the file is of another batch, cut off, or disagrees with its own trailer. One transaction:
    killed half-way, nothing of it is booked, and the file can be taken again.
    """
    fresh = lock(batch)
    actor.require("ledger.make", *fresh.organisation.paths)
    require_state(fresh, State.SENT, State.CLOSED)
    if (number := reader.batch_number(source)) != fresh.number:
        raise Refused(f"这是批次“{number[:40]}”的回盘文件，不是{fresh.number}的。请选择对应的批次。", "file")
    digest = sm3_hex_of(iter(lambda: source.read(_PIECE), b""))
    known = BankReturn.objects.everywhere(reason=WHY).filter(batch=fresh, digest=digest).first()
    if known is not None:
        return Taken(known, True)
    rows = _stage(source)
    payments = Payment.objects.everywhere(reason=WHY).filter(batch=fresh)
    books = open_books(payments.order_by().values_list("budget", flat=True).distinct())
    now = timezone.now()
    values: dict[str, Any] = {"batch": fresh.pk, "now": now, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, values)
        cursor.execute(_UNCHANGED)
        (unchanged,) = cursor.fetchone()
        cursor.execute(_PAID, values)
        paid = _shift(books, cursor.fetchall())
        cursor.execute(_BOUNCED, values)
        bounced = _shift(books, cursor.fetchall())
        cursor.execute(_FAILED, values)
        returned = bounced + cursor.rowcount
    taken = _keep(
        actor, fresh, source, name, digest=digest, rows=rows, paid=paid, returned=returned, unchanged=unchanged,
        mismatched=rows - paid - returned - unchanged,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MISMATCHES, {"taken": taken.pk})
        cursor.execute("DROP TABLE pg_temp.ledger_answer")
    _close(fresh)
    _tell(actor, fresh, now)
    return Taken(taken, False)


def _stage(source: BinaryIO) -> int:
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ledger_answer")
        cursor.execute(_STAGE)
        with cursor.copy("COPY ledger_answer FROM STDIN") as copy:
            for one in reader.answers(source):
                copy.write_row(
                    (one.row, one.reference, one.payment_id, one.amount, one.result, one.reason, one.message)
                )
                count += 1
        cursor.execute("ANALYZE ledger_answer")
    if not count:
        raise Refused("文件里没有明细行，没有入账。", "file")
    return count


def _shift(books: dict[int, Book], sums: Sequence[tuple[Any, ...]]) -> int:
    """Balances follow the entries just written; answers how many these were."""
    accounts: dict[int, tuple[Book, LedgerAccount]] = {
        account.pk: (book, account) for book in books.values() for account in book.accounts.values()
    }
    count = 0
    for debit, credit, some, total in sorted(sums):
        book, into = accounts[debit]
        book.shift(into, accounts[credit][1], total)
        count += some
    return count


def _keep(
    actor: Actor, batch: PaymentBatch, source: BinaryIO, name: str, *, digest: str, **counts: int
) -> BankReturn:
    size = source.seek(0, 2)
    source.seek(0)
    file = attachments.store(
        actor, source, name=name, content_type="text/csv", purpose=PURPOSE, paths=batch.organisation.paths, size=size
    )  # fmt: skip
    taken = BankReturn.objects.create(
        batch=batch, file=file, digest=digest, taken_by=actor.name[:80], **counts
    )
    journal(
        actor, "ledger.return_taken", subject=batch, label=batch.number, paths=batch.organisation.paths,
        detail=dict(counts), digest=digest,
    )  # fmt: skip
    return taken


def _close(batch: PaymentBatch) -> None:
    under_way = Payment.objects.everywhere(reason=WHY).filter(batch=batch, state=Payment.State.SENT)
    if batch.state == State.SENT and not under_way.exists():
        batch.state = State.CLOSED
        batch.save(update_fields=["state"])


def _tell(actor: Actor, batch: PaymentBatch, now: datetime) -> None:
    """Domains by their hooks, people by a message."""
    rows = Payment.objects.everywhere(reason="payments that the bank has just answered, for their purposes")
    changed = rows.filter(batch=batch, settled_at=now)
    before, after = reverse("m_payment", args=[0]).split("0")
    for code, state in sorted(set(changed.order_by().values_list("purpose", "state").distinct())):
        purpose = purpose_of(code)
        hook = purpose.on_paid if state == Payment.State.PAID else purpose.on_returned
        hook(actor, changed.filter(purpose=code, state=state))
        what, body, rest = _TOLD[state]
        with connection.cursor() as cursor:
            cursor.execute(
                _TELL,
                {
                    "title": title_of(code), "what": what, "body": body, "rest": rest, "before": before,
                    "after": after, "batch": batch.pk, "now": now, "state": state, "purpose": code,
                },
            )  # fmt: skip
