"""Batches: what is due is put together by a maker, and let go by a checker who is another person."""

from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.members.hands import hands
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import Budget, Payment, PaymentBatch
from ..models.accounts import ZERO
from ..models.payments import PaymentQuerySet
from ..purposes import purpose as purpose_of
from .paying import note
from .posting import WHY, open_book, open_books

State = PaymentBatch.State

_DUE = "state = 'due' AND budget_id = ANY(%(budgets)s) AND (%(purpose)s = '' OR purpose = %(purpose)s)"
_OWN = (
    "SELECT y.id FROM ledger_payee y WHERE y.person_id = p.person_id AND y.until IS NULL AND y.relation = ''"
)
# One look-up by key for each payment, whatever the planner knows of tables that were just filled.
_COLLECT = f"""
WITH taken AS (
    UPDATE ledger_payment p SET state = 'batched', batch_id = %(batch)s, payee_id = COALESCE(payee_id, ({_OWN}))
    WHERE {_DUE} AND (payee_id IS NOT NULL OR EXISTS ({_OWN})) RETURNING amount
)
SELECT count(*), COALESCE(sum(amount), 0) FROM taken
"""  # noqa: S608 — put together from the text above
_LEFT = f"SELECT count(*) FROM ledger_payment p WHERE {_DUE}"  # noqa: S608


@transaction.atomic
def make_batch(
    actor: Actor, *, organisation: Organisation, purpose: str = "", title: str = ""
) -> PaymentBatch:
    """Put all that is due out of an organisation's budgets (of one purpose, if named) into a new batch.

    Payments to people without a bank account stay due. Refused when nothing is left to pay.
    """
    actor.require("ledger.make", *organisation.paths)
    if actor.account_id is None:
        raise Refused("付款批次要由登录的财务人员制作。")
    words = purpose_of(purpose).title if purpose else "全部用途"
    rows = Budget.objects.everywhere(reason=WHY).filter(organisation=organisation)
    budgets = sorted(open_books(rows.values_list("pk", flat=True)))
    batch = PaymentBatch(
        pk=_next_key(), organisation=organisation, maker_id=actor.account_id, maker=actor.name[:80],
        title=title.strip()[:120] or f"{words} {timezone.localdate():%Y-%m-%d}",
    )  # fmt: skip
    batch.number = f"ZF{timezone.localdate():%Y%m%d}{batch.pk:06d}"
    batch.save(force_insert=True)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"budgets": budgets, "purpose": purpose, "batch": batch.pk}
        cursor.execute(_COLLECT, values)
        batch.count, batch.total = cursor.fetchone()
        cursor.execute(_LEFT, values)
        (without,) = cursor.fetchone()
    if not batch.count:
        raise Refused(
            f"没有可以付的款。有 {without} 笔还没有登记收款账户，登记后再制单。"
            if without
            else "没有待付的款。"
        )
    batch.save(update_fields=["count", "total"])
    _note(actor, "ledger.batch_made", batch, without=without)
    return batch


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_paymentbatch', 'id'))")
        (key,) = cursor.fetchone()
    return int(key)


def lock(batch: PaymentBatch) -> PaymentBatch:
    """The batch as it is now, locked until the transaction ends. Taken before any budget."""
    rows = PaymentBatch.objects.everywhere(reason=WHY).select_related("organisation")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)


def require_state(batch: PaymentBatch, *states: State) -> None:
    """Refused, naming the state, unless it is one of these."""
    if batch.state not in states:
        raise Refused(
            f"批次{batch.number}{State(batch.state).label}，本次操作没有生效。请刷新页面查看最新状态。"
        )


def recount(batch: PaymentBatch) -> tuple[int, Decimal]:
    """Count and sum of its payments as they stand."""
    rows = Payment.objects.everywhere(reason=WHY).filter(batch=batch)
    found = rows.aggregate(count=Count("pk"), total=Sum("amount"))
    return found["count"], found["total"] or ZERO


@transaction.atomic
def drop_payment(actor: Actor, *, payment: Payment, reason: str) -> Payment:
    """Take a payment out of a batch that is still being made; it is due again."""
    if payment.batch is None:
        raise Refused("这笔付款不在批次里。")
    batch = lock(payment.batch)
    actor.require("ledger.make", *batch.organisation.paths)
    require_state(batch, State.DRAFTING)
    book = open_book(payment.budget_id)
    fresh = Payment.objects.everywhere(reason=WHY).get(pk=payment.pk)
    if fresh.batch_id != batch.pk:
        raise Refused("这笔付款已经不在这个批次里。")
    _free(Payment.objects.everywhere(reason=WHY).filter(pk=fresh.pk))
    batch.count, batch.total = recount(batch)
    if not batch.count:
        batch.state = State.DISSOLVED
    batch.save(update_fields=["count", "total", "state"])
    note(actor, "ledger.batch_changed", book, fresh, reason, batch=batch.number)
    return fresh


def _free(rows: PaymentQuerySet) -> None:
    """Due again; an account of the person's own is looked up anew, one that the payment named stays."""
    rows.filter(payee__relation="").update(payee=None)
    rows.update(state=Payment.State.DUE, batch=None)


@transaction.atomic
def submit_batch(actor: Actor, *, batch: PaymentBatch) -> PaymentBatch:
    """Hand the batch to a checker."""
    fresh = lock(batch)
    actor.require("ledger.make", *fresh.organisation.paths)
    require_state(fresh, State.DRAFTING)
    fresh.state = State.CHECKING
    fresh.save(update_fields=["state"])
    _note(actor, "ledger.batch_submitted", fresh)
    return fresh


@transaction.atomic
def check_batch(actor: Actor, *, batch: PaymentBatch, approve: bool, opinion: str = "") -> PaymentBatch:
    """Let the batch go, or send it back with a reason. Refused to its maker, under any account, and to who is paid."""
    fresh = lock(batch)
    actor.require("ledger.check", *fresh.organisation.paths)
    require_state(fresh, State.CHECKING)
    mine = hands(actor.access)
    if actor.account_id is None or actor.account_id == fresh.maker_id or mine.touch(fresh.maker_id):
        raise Refused("制单人不能复核自己的批次，请由另一位复核人办理。")
    rows = Payment.objects.everywhere(reason=WHY).filter(batch=fresh)
    if mine.person_id is not None and rows.filter(person=mine.person_id).exists():
        raise Refused("批次里有付给您本人的款，请由另一位复核人办理。")
    opinion = opinion.strip()[:200]
    if not approve and not opinion:
        raise Refused("退回时请写明原因，制单人会看到。", "opinion")
    if approve and (counted := recount(fresh)) != (fresh.count, fresh.total):
        raise Refused(f"批次明细合计 {counted[0]} 笔 {yuan(counted[1])} 元，与批次不符。请退回重做。")
    fresh.state = State.APPROVED if approve else State.DRAFTING
    fresh.checker_id, fresh.checker = actor.account_id, actor.name[:80]
    fresh.checked_at, fresh.opinion = timezone.now(), opinion
    fresh.save(update_fields=["state", "checker_id", "checker", "checked_at", "opinion"])
    _note(actor, f"ledger.batch_{'approved' if approve else 'rejected'}", fresh, opinion)
    return fresh


@transaction.atomic
def dissolve_batch(actor: Actor, *, batch: PaymentBatch, reason: str) -> PaymentBatch:
    """Give up a batch that was not sent; its payments are due again."""
    fresh = lock(batch)
    actor.require("ledger.make", *fresh.organisation.paths)
    require_state(fresh, State.DRAFTING, State.CHECKING, State.APPROVED)
    if not reason.strip():
        raise Refused("请写明原因。", "reason")
    rows = Payment.objects.everywhere(reason=WHY).filter(batch=fresh)
    open_books(rows.order_by().values_list("budget", flat=True).distinct())
    _free(rows)
    fresh.state = State.DISSOLVED
    fresh.save(update_fields=["state"])
    _note(actor, "ledger.batch_dissolved", fresh, reason)
    return fresh


def _note(actor: Actor, action: str, batch: PaymentBatch, reason: str = "", **detail: object) -> None:
    journal(
        actor,
        action,
        subject=batch,
        label=batch.number,
        paths=batch.organisation.paths,
        reason=reason,
        detail={"count": batch.count, "total": str(batch.total), **detail},
    )
