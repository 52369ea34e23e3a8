"""Money in the one to-do list: batches to check, payments that came back, sums to be recovered."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.todo import Steps, Todo, ask, register

from .models import Payment
from .navigation import batches_to_check


def to_check(request: HttpRequest) -> Iterable[Todo]:
    """Batches that others made and the reader may let go."""
    if count := batches_to_check(request):
        yield Todo("付款批次待复核", count, f"{reverse('desk_batches')}?state=checking", order=20)


def came_back(request: HttpRequest) -> Steps:
    """Payments that the bank returned, for who makes batches."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("ledger.make"):
        return
    rows = Payment.objects.all().visible_to(access, to="ledger.make").filter(state=Payment.State.RETURNED)
    found = yield ask(rows)
    yield Todo("银行退回的付款", found["all"], f"{reverse('desk_payments')}?state=returned", order=21)


register(to_check, came_back)
