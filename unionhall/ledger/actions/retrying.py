"""A payment that came back is tried again, to another account or, said on purpose, to the same."""

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

from ..models import Payee, Payment
from .paying import note, require_others
from .posting import WHY, open_book

State = Payment.State


@transaction.atomic
def retry(actor: Actor, *, payment: Payment, same_account: bool = False) -> Payment:
    """Due again, for the next batch.

    Refused while the person's account is still the one the bank refused, and to the person himself.
    """
    book = open_book(payment.budget_id)
    actor.require("ledger.make", *book.budget.organisation.paths)
    fresh = Payment.objects.everywhere(reason=WHY).select_related("payee").get(pk=payment.pk)
    require_others(actor, fresh)
    if fresh.state != State.RETURNED:
        raise Refused(f"这笔付款{fresh.get_state_display()}，不是银行退回的，不能重新付款。")
    payee = fresh.payee
    own = payee is None or payee.relation == ""
    if own and not same_account and payee is not None and _current(fresh) == payee.pk:
        raise Refused(
            f"收款账户还是被退回的 {payee.masked}。请职工先更换收款账户；确认是银行原因的，请勾选“仍付到原账户”。",
            "same_account",
        )
    fresh.state, fresh.batch, fresh.attempt = State.DUE, None, fresh.attempt + 1
    if own:
        fresh.payee = None
    fresh.save(update_fields=["state", "batch", "attempt", "payee"])
    note(actor, "ledger.retried", book, fresh, attempt=fresh.attempt)
    return fresh


def _current(payment: Payment) -> int | None:
    rows = Payee.objects.everywhere(reason=WHY).filter(person=payment.person_id, relation="", until=None)
    return rows.values_list("pk", flat=True).first()
