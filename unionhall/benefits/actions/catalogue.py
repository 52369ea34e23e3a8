"""Keeping the catalogue: merchants under agreement, their outlets and tills, services, whole catalogues from a file."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.dates import LATEST, is_of_our_time
from unionhall.ledger.actions import register_payee
from unionhall.network import opening
from unionhall.network.models import Node
from unionhall.network.rules.opening import week_text
from unionhall.organisations.models import Organisation
from unionhall.records.actions import digest_of, journal

from ..models import CatalogueImport, Merchant, Outlet, Service, ServiceOutlet, Teller

EDIT = "benefits.services_edit"
_WHY = "catalogue rows of the actor's own union; who may is asked here"


def _journal(actor: Actor, action: str, subject: Any, union: Organisation, **detail: Any) -> None:
    journal(actor, action, subject=subject, paths=union.paths, detail=detail)


@transaction.atomic
def save_merchant(
    actor: Actor, *, organisation: Organisation, merchant: Merchant | None, begins: date, ends: date | None,
    given: dict[str, Any], bank: str = "", number: str = "",
) -> Merchant:  # fmt: skip
    """Enter or change a merchant. `ends` is the agreement's last day. A bank account given takes the former's place.

    What is not given stays as it is by now.
    """
    actor.require(EDIT, *organisation.paths)
    if merchant is not None:
        actor.require(EDIT, *merchant.organisation.paths)
    if ends is not None and ends < begins:
        raise Refused("协议的截止日期不能早于开始日期。", "ends")
    if ends is not None and not is_of_our_time(ends):
        raise Refused(f"长期有效的协议不填截止日期；有约定的，不晚于 {LATEST:%Y-%m-%d}。", "ends")
    found = Merchant(organisation=organisation)
    if merchant is not None:
        rows = Merchant.objects.everywhere(reason=_WHY).select_for_update(of=("self",), no_key=True)
        found = rows.get(pk=merchant.pk)
    for name, value in given.items():
        setattr(found, name, value)
    found.agreement = DateRange(begins, ends, "[]")
    if bank.strip() or number.strip():
        found.payee = register_payee(
            actor, person=None, bank=bank, number=number, holder=found.name, relation="服务商户"
        )
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("已有同名的商户，请在原商户上修改。", "name") from None
    found.refresh_from_db()
    _journal(actor, "benefits.merchant_saved", found, organisation, suspended=found.suspended)
    return found


@transaction.atomic
def save_outlet(actor: Actor, *, merchant: Merchant, outlet: Outlet | None, given: dict[str, Any]) -> Outlet:
    """Enter or change an outlet. Coordinates come together or not at all."""
    actor.require(EDIT, *merchant.organisation.paths)
    if (given.get("latitude") is None) != (given.get("longitude") is None):
        raise Refused("经度和纬度要一起填写；都不填则不按距离显示。", "latitude")
    found = outlet or Outlet(merchant=merchant)
    for name, value in given.items():
        setattr(found, name, value)
    if found.node is not None:
        _stand_at(found, found.node)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个商户已有同名的网点。", "name") from None
    _journal(actor, "benefits.outlet_saved", found, merchant.organisation, merchant=merchant.pk)
    return found


def _stand_at(outlet: Outlet, node: Node) -> None:
    outlet.address, outlet.division, outlet.telephone = node.address, node.division, node.telephone
    outlet.latitude, outlet.longitude = node.latitude, node.longitude
    outlet.opening = week_text(opening.weeks([node], timezone.localdate())[node.pk].hours)[:100]


def follow_node(node: Node) -> None:
    """A station moved or keeps other hours: the counters in it go along (network.following)."""
    rows = list(Outlet.objects.everywhere(reason=_WHY).filter(node=node))
    for outlet in rows:
        _stand_at(outlet, node)
    fields = ["address", "division", "telephone", "latitude", "longitude", "opening"]
    Outlet.objects.everywhere(reason=_WHY).bulk_update(rows, fields)


@transaction.atomic
def add_teller(actor: Actor, *, merchant: Merchant, account: Account, outlet: Outlet | None) -> Teller:
    """Tie an account that holds the merchant's role to a merchant, and to one of its outlets if named."""
    actor.require(EDIT, *merchant.organisation.paths)
    if outlet is not None and outlet.merchant_id != merchant.pk:
        raise Refused("网点不属于这个商户。", "outlet")
    try:
        with transaction.atomic():
            found = Teller.objects.create(merchant=merchant, account=account, outlet=outlet)
    except IntegrityError:
        raise Refused("这个账号已绑定商户。请先在原商户停用。", "username") from None
    _journal(actor, "benefits.teller_added", found, merchant.organisation, account=account.pk)
    return found


@transaction.atomic
def end_teller(actor: Actor, *, teller: Teller) -> None:
    """From now on the account redeems no more; what it redeemed stays."""
    union = teller.merchant.organisation
    actor.require(EDIT, *union.paths)
    rows = Teller.objects.everywhere(reason=_WHY).filter(pk=teller.pk, until=None)
    if not rows.update(until=timezone.now()):
        raise Refused("这个账号已经停用。")
    _journal(actor, "benefits.teller_ended", teller, union, account=teller.account_id)


@transaction.atomic
def save_service(
    actor: Actor, *, merchant: Merchant, service: Service | None, given: dict[str, Any], outlets: list[Outlet]
) -> Service:
    """Enter or change a service. Vouchers that were taken keep what they promised: only what is taken later changes.

    What the catalogue counts by itself (taken, ratings) is left alone.
    """
    actor.require(EDIT, *merchant.organisation.paths)
    found = Service(merchant=merchant) if service is None else _locked(service)
    for name, value in given.items():
        setattr(found, name, value)
    if found.valid_until is not None and found.valid_until < found.valid_from:
        raise Refused("截止日期不能早于开始日期。", "valid_until")
    if found.stock is not None and found.stock < found.taken:
        raise Refused(f"已领 {found.taken} 张，总量不能更少。", "stock")
    if any(one.merchant_id != merchant.pk for one in outlets):
        raise Refused("网点不属于这个商户。", "outlets")
    try:
        with transaction.atomic():
            found.save(update_fields=None if service is None else list(given))
    except IntegrityError:
        others = Service.objects.everywhere(reason=_WHY).filter(merchant=merchant, code=found.code)
        if others.exclude(pk=found.pk).exists():
            raise Refused("这个商户已有相同编号的服务。", "code") from None
        raise
    _place(found, [one.pk for one in outlets])
    _journal(actor, "benefits.service_saved", found, merchant.organisation, code=found.code)
    return found


def _locked(service: Service) -> Service:
    """As it is now: nobody takes a voucher of it, or gives one back, until the transaction ends."""
    rows = Service.objects.everywhere(reason=_WHY).select_for_update(of=("self",), no_key=True)
    return rows.get(pk=service.pk)


def _place(service: Service, outlets: list[int]) -> None:
    rows = ServiceOutlet.objects.everywhere(reason=_WHY).filter(service=service)
    rows.exclude(outlet__in=outlets).delete()
    ServiceOutlet.objects.bulk_create(
        [ServiceOutlet(service=service, outlet_id=pk) for pk in outlets], ignore_conflicts=True
    )


@transaction.atomic
def set_state(actor: Actor, *, services: list[Service], state: str) -> int:
    """Put services into the catalogue, pause or end them. Vouchers already taken stay good until their last day."""
    for one in services:
        actor.require(EDIT, *one.merchant.organisation.paths)
    rows = Service.objects.everywhere(reason=_WHY).filter(pk__in=[one.pk for one in services])
    changed = rows.exclude(state=state).update(state=state)
    for one in services:
        _journal(actor, "benefits.service_state", one, one.merchant.organisation, state=state)
    return changed


@transaction.atomic
def keep_reading(
    actor: Actor, *, organisation: Organisation, name: str, rows: list[dict[str, Any]], faults: list[dict[str, Any]]
) -> CatalogueImport:  # fmt: skip
    """Keep what a file says until somebody takes it over or throws it away; nothing of the catalogue changes yet."""
    actor.require(EDIT, *organisation.paths)
    kinds = _compared(rows)
    found = CatalogueImport.objects.create(
        organisation=organisation, name=name[:200], rows=rows, faults=faults, added=len(kinds["added"]),
        changed=len(kinds["changed"]), same=len(kinds["same"]), uploaded_by=actor.name,
    )  # fmt: skip
    _journal(actor, "benefits.catalogue_read", found, organisation, rows=len(rows), faults=len(faults))
    return found


#: Columns of a row that are the service's own.
_OWN = (
    "category", "title", "summary", "kind", "price_words", "reimbursed", "audience", "quota", "period", "stock",
    "valid_from", "valid_until", "state",
)  # fmt: skip


def _text(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, date)
        else f"{value:.2f}"
        if hasattr(value, "as_tuple")
        else value
    )


def _compared(rows: list[dict[str, Any]], *, to_change: bool = False) -> dict[str, list[Any]]:
    """Rows by what they would do: `added` rows, `changed` (row, service), `same`. Locks the services `to_change`."""
    merchants = {row["merchant"] for row in rows}
    services = Service.objects.everywhere(reason=_WHY).filter(merchant__in=merchants)
    if to_change:
        services = services.select_for_update(of=("self",), no_key=True).order_by("pk")
    known = {(one.merchant_id, one.code): one for one in services}
    places: dict[int, set[int]] = {}
    links = ServiceOutlet.objects.everywhere(reason=_WHY).filter(service__merchant__in=merchants)
    for service, outlet in links.values_list("service_id", "outlet_id"):
        places.setdefault(service, set()).add(outlet)
    found: dict[str, list[Any]] = {"added": [], "changed": [], "same": []}
    for row in rows:
        one = known.get((row["merchant"], row["code"]))
        if one is None:
            found["added"].append(row)
        elif all(_text(getattr(one, name)) == row[name] for name in _OWN) and places.get(
            one.pk, set()
        ) == set(row["outlets"]):
            found["same"].append(row)
        else:
            found["changed"].append((row, one))
    return found


@transaction.atomic
def import_catalogue(actor: Actor, *, reading: CatalogueImport) -> CatalogueImport:
    """Take the sound rows over: new ones come in, changed ones are changed, the others stay. Again changes nothing."""
    actor.require(EDIT, *reading.organisation.paths)
    rows = CatalogueImport.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found = rows.select_related("organisation").get(pk=reading.pk)
    if found.committed_at is not None:
        raise Refused("这个文件已经入库。")
    kinds = _compared(found.rows, to_change=True)
    fresh = [Service(merchant_id=row["merchant"], code=row["code"], **_values(row)) for row in kinds["added"]]
    Service.objects.bulk_create(fresh)
    changed = []
    for row, one in kinds["changed"]:
        values = _values(row)
        if values["stock"] is not None and values["stock"] < one.taken:
            raise Refused(f"第 {row['row']} 行：已领 {one.taken} 张，总量不能更少。请改正后重新上传。")
        for name, value in values.items():
            setattr(one, name, value)
        changed.append(one)
    Service.objects.everywhere(reason=_WHY).bulk_update(changed, list(_OWN))
    for service, row in [
        *zip(fresh, kinds["added"], strict=True),
        *((one, row) for row, one in kinds["changed"]),
    ]:
        _place(service, row["outlets"])
    found.added, found.changed, found.same = len(fresh), len(changed), len(kinds["same"])
    found.committed_at = timezone.now()
    found.save(update_fields=["added", "changed", "same", "committed_at"])
    journal(
        actor, "benefits.catalogue_imported", subject=found, paths=found.organisation.paths,
        digest=digest_of([(row["merchant"], row["code"]) for row in found.rows]),
        detail={"added": found.added, "changed": found.changed, "same": found.same},
    )  # fmt: skip
    return found


def _values(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: row[name] for name in _OWN}
    for name in ("valid_from", "valid_until"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return values
