"""The code on the slip that a visit leaves behind: with it a firm or a worker without an account rates the answer."""

import secrets
from decimal import Decimal

from unionhall.access.devices import Device
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import CODE, ring
from unionhall.kit import vouchers
from unionhall.members.hands import hands

from . import cadres
from .models import Visit, VisitItem, Visitor, VisitStop

WHY = "whoever holds the slip's unguessable code was visited"


def index_of(code: str) -> bytes:
    return ring().index(CODE, code)


def stop_of(text: str) -> VisitStop | None:
    """The stop whose slip bears this code, of a visit that was made. Raises Refused for what is no code."""
    try:
        code = vouchers.normalise(text)
    except vouchers.VoucherCodeError:
        raise Refused(
            "这不是评价码，或有一位不对。评价码是走访回执上的 10 位字母和数字。", field="code"
        ) from None
    rows = VisitStop.objects.everywhere(reason=WHY).filter(visit__state__in=Visit.MADE)
    return rows.filter(code_index=index_of(code)).select_related("visit__organisation", "person").first()


def by_account_only(stop: VisitStop) -> bool:
    """Whoever can sign in as himself rates so: a slip that a cadre printed does not speak for him."""
    person = stop.person
    return person is not None and (person.account_id is not None or person.phone_index is not None)


def has_part(item: VisitItem, account_ids: frozenset[int]) -> bool:
    """Whether one of the accounts went on the visit, registered it or owes the answer."""
    visit = item.visit
    if not account_ids.isdisjoint({item.owner_id, visit.made_by_id}):
        return True
    rows = Visitor.objects.everywhere(reason="who went on the visit that is rated")
    return rows.filter(visit=visit, account__in=account_ids).exists()


def require_stranger(actor: Actor, item: VisitItem, device: Device | None) -> None:
    """A slip is for whoever was visited: no desk account rates with it, nor a browser on which a cadre signed in.

    Raises Refused. Cadres are those who went, the owner of the problem and all of the visiting union.
    """
    if getattr(actor.access, "grants", ()) or has_part(item, hands(actor.access).accounts):
        raise Refused("回执留给被走访的人评价，工会干部不能用它评价。")
    if device is None:
        return
    went = Account.objects.filter(visits__visit=item.visit_id)
    known = [item.owner, item.visit.made_by, *went]
    known += [one.account for one in cadres.colleagues(item.visit.organisation)]
    if any(device.knows(one) for one in known):
        raise Refused("这台设备登录过走访干部的账号，不能在上面评价。请用自己的手机扫回执上的二维码。")


def draw() -> Decimal:
    """A number from 0 up to 1 that nobody can foresee."""
    return Decimal(secrets.randbelow(10_000)) / 10_000
