"""What member services bring: how the ledger names what is owed to merchants, and their place in 我能享受什么."""

from datetime import date

from django.urls import reverse

from unionhall.ledger import purposes
from unionhall.ledger.models import Payment

from ..actions.settling import PURPOSE, root_of, taken_back
from ..models import Voucher
from ..offering import Category, Offering, Use, offer
from ..rules.member_services import PROGRAMME


def page_of(payment: Payment) -> str:
    """The statement that a payment is for, also where a later payment took its place."""
    return reverse("desk_statement", args=[root_of(payment.key)])


def _used(person_id: int, on: date) -> list[Use]:
    """Vouchers at hand, and those used this year; one statement."""
    rows = Voucher.objects.everywhere(reason="a person's own vouchers, for the person")
    states = list(
        rows.filter(person=person_id, issued_at__year=on.year, state__in=Voucher.LIVE).values_list(
            "state", "expires_on"
        )
    )
    good = sum(state == Voucher.State.ISSUED and last >= on for state, last in states)
    used = sum(state == Voucher.State.REDEEMED for state, _ in states)
    found = [Use(f"有 {good} 张券还没用", reverse("m_vouchers"), under_way=True)] if good else []
    return [*found, Use(f"今年用过 {used} 次", reverse("m_vouchers"))] if used else found


purposes.register(purposes.Purpose(PURPOSE, "会员服务商户结算", on_reversed=taken_back, url=page_of))
offer(
    Offering(
        PROGRAMME, Category.SERVICES, "ticket", apply="m_services", used=_used, desk="desk_services",
    )
)  # fmt: skip
