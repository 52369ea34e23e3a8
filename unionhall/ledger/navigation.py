"""Money in the desk's navigation, with the batches that wait for the reader's check."""

from functools import lru_cache

from django.db.models import Count
from django.http import HttpRequest

from unionhall.foundation.compiled import Compiled, Reader
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
        own = tuple(sorted(hands(access).accounts))
        known = sum(_checking(access.prefixes("ledger.check"), own)())
        request._batches_to_check = known  # type: ignore[attr-defined]
    return known


@lru_cache(maxsize=500)
def _checking(scope: tuple[str, ...], own: tuple[int, ...]) -> Compiled[int]:
    """The statement for who holds just this; a grant more or less is another statement."""
    rows = PaymentBatch.objects.all().visible_to(Reader(*scope), to="ledger.check")
    rows = rows.filter(state=PaymentBatch.State.CHECKING).exclude(maker_id__in=own).order_by()
    return Compiled(lambda: rows.values("state").values_list(Count("pk"), flat=True))


declare(
    Entry("desk", "办理", "资金发放", "desk_payments", "cash-banknote", "ledger.view", 60, batches_to_check)
)
