"""What the union owes to merchants, as the ledger names it."""

from django.urls import reverse

from unionhall.ledger import purposes
from unionhall.ledger.models import Payment

from ..actions.settling import PURPOSE
from ..models import Reconciliation


def _page(payment: Payment) -> str:
    rows = Reconciliation.objects.everywhere(reason="the statement behind a payment; its page asks who may")
    found = rows.filter(payment=payment).first()
    return reverse("desk_statement", args=[found.pk]) if found is not None else ""


purposes.register(purposes.Purpose(PURPOSE, "会员服务商户结算", url=_page))
