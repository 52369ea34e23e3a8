"""Samples of member services: a merchant of the union `alpha`, its service, a voucher of its worker, a statement."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import (
    CatalogueImport,
    Merchant,
    OfflineUpload,
    Outlet,
    Reconciliation,
    Redemption,
    Service,
    ServiceOutlet,
    Teller,
    Voucher,
)

UNION, PERSON, OWNER, TILL = "alpha", "alpha_1", "worker_alpha", "merchant"


def merchant(world: World, union: str = UNION) -> Merchant:
    found = Merchant.objects.create(
        organisation=world.unions[union], name="江城体育中心", agreement=DateRange(date(2020, 1, 1), None)
    )
    found.refresh_from_db()
    return found


def outlet(world: World) -> Outlet:
    return Outlet.objects.create(
        merchant=merchant(world), name="主馆", address="江东区体育路 1 号", division="420103",
        latitude=30.6, longitude=114.3,
    )  # fmt: skip


def service(world: World) -> Service:
    place = outlet(world)
    found = Service.objects.create(
        merchant=place.merchant, code="FW001", category="culture", title="羽毛球馆白天场", kind="free",
        price_words="免费", reimbursed=10, quota=2, valid_from=date(2020, 1, 1), state="offered",
    )  # fmt: skip
    ServiceOutlet.objects.create(service=found, outlet=place)
    return found


def teller(world: World, of: Merchant | None = None) -> Teller:
    return Teller.objects.create(merchant=of or merchant(world), account=world.accounts[TILL])


def voucher(world: World, state: str = "issued") -> Voucher:
    now, of = timezone.now(), service(world)
    of.taken = 1
    of.save(update_fields=["taken"])
    return Voucher.objects.create(
        service=of, person=world.people[PERSON], period_key=f"{now:%Y-%m}", slot=1, reimbursed=of.reimbursed,
        expires_on=timezone.localdate(), state=state, redeemed_at=now if state == "redeemed" else None,
    )  # fmt: skip


def upload(world: World) -> OfflineUpload:
    till = teller(world)
    return OfflineUpload.objects.create(
        merchant=till.merchant, teller=till, digest="0" * 64, rows=1, accepted=0, refused=1,
        answers=[{"row": 1, "code": "4F7K9 2QDXT", "done": False, "words": "没有这张券", "again": False}],
    )  # fmt: skip


def statement(world: World) -> Reconciliation:
    used = voucher(world, "redeemed")
    owner = used.service.merchant
    found = Reconciliation.objects.create(merchant=owner, month=date(2026, 4, 1), count=1, free=1, amount=10)
    Redemption.objects.create(
        voucher=used, service=used.service, merchant=owner, teller=teller(world, owner), at=timezone.now(),
        channel="online", reimbursed=10, reconciliation=found,
    )  # fmt: skip
    return found


def reading(world: World) -> CatalogueImport:
    return CatalogueImport.objects.create(
        organisation=world.unions[UNION], name="目录.xlsx", uploaded_by="示例",
        faults=[{"row": 3, "label": "瑜伽", "wrong": "类别没有填写", "cells": {"title": "瑜伽"}}],
    )  # fmt: skip


def by_pk(make: Callable[[World], Any], **more: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk, **more}


#: Address → what makes its arguments. The worker's belong to him, the counter's to its till, the others to the union.
SERVICES: dict[str, Callable[[World], dict[str, Any]]] = {
    "m_service": by_pk(service),
    **dict.fromkeys(("m_voucher", "m_voucher_cancel", "m_voucher_rate"), by_pk(voucher)),
    "partner_upload": by_pk(upload),
    **dict.fromkeys(
        (f"partner_statement{verb}" for verb in ("", "_agree", "_dispute", "_file")), by_pk(statement)
    ),
    **dict.fromkeys(("desk_catalogue_import", "desk_catalogue_errors"), by_pk(reading)),
    **dict.fromkeys(("desk_service", "desk_service_edit"), by_pk(service)),
    "desk_service_state": by_pk(service, state="paused"),
    **dict.fromkeys(
        ("desk_merchant", "desk_merchant_edit", "desk_service_new", "desk_outlet_new", "desk_teller_new"),
        by_pk(merchant),
    ),
    "desk_outlet": by_pk(outlet),
    "desk_teller_end": by_pk(teller),
    **dict.fromkeys(
        (f"desk_statement{verb}" for verb in ("", "_file", "_answer", "_confirm")), by_pk(statement)
    ),
}
OWNERS = {"m_voucher": OWNER, "m_voucher_cancel": OWNER, "m_voucher_rate": OWNER} | {
    name: TILL for name in SERVICES if name.startswith("partner_")
}
