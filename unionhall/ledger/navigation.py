"""Money in the desk's navigation, with the batches that wait for the reader's check."""

from django.http import HttpRequest

from unionhall.foundation.navigation import Entry, declare
from unionhall.members.hands import hands

from .models import PaymentBatch


def batches_to_check(request: HttpRequest) -> int | None:
    """Batches that this account may check and did not make; one query, none for those who check nothing."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("ledger.check"):
        return None
    known: int | None = getattr(request, "_batches_to_check", None)
    if known is None:
        rows = PaymentBatch.objects.all().visible_to(access, to="ledger.check")
        rows = rows.filter(state=PaymentBatch.State.CHECKING).exclude(maker_id__in=hands(access).accounts)
        known = rows.count()
        request._batches_to_check = known  # type: ignore[attr-defined]
    return known


declare(
    Entry("desk", "办理", "资金发放", "desk_payments", "cash-banknote", "ledger.view", 60, batches_to_check)
)
