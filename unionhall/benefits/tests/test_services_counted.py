"""会员服务: what is counted as taken, whoever changes the catalogue meanwhile; what a voucher promised stays."""

import time
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits.actions import catalogue, redeeming, vouchers
from unionhall.benefits.models import Merchant, Redemption, Service, Voucher
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.tests.test_races import at_once

from .test_services import WHY, SignIn, taken

SYSTEM = system_actor()


def now(service: Service) -> Service:
    rows = Service.objects.everywhere(reason=WHY).select_related("merchant__organisation")
    return rows.get(pk=service.pk)


def saved(service: Service, **given: object) -> Service:
    return catalogue.save_service(SYSTEM, merchant=service.merchant, service=service, given=given, outlets=[])


def test_a_stock_that_is_set_later_knows_what_was_taken_before(world: World) -> None:
    service = now(scene.service(world))
    first, _ = taken(world, service), taken(world, service)
    with pytest.raises(Refused, match="已领 2 张"):
        saved(service, stock=1)
    assert saved(service, stock=10).left == 8
    vouchers.cancel(world.actor("worker_alpha"), voucher=first)
    assert now(service).left == 9
    assert vouchers.expire_due(timezone.localdate() + timedelta(days=400)) == 1
    assert (now(service).taken, now(service).left) == (0, 10)


def test_an_import_knows_what_was_taken_before(world: World) -> None:
    service = now(scene.service(world))
    taken(world, service), taken(world, service)
    row = {name: getattr(service, name) for name in catalogue._OWN} | {
        "row": 2, "merchant": service.merchant_id, "code": service.code, "outlets": [], "reimbursed": "10.00",
        "valid_from": "2020-01-01", "stock": 1,
    }  # fmt: skip
    reading = catalogue.keep_reading(
        SYSTEM, organisation=service.merchant.organisation, name="目录.csv", rows=[row], faults=[]
    )
    with pytest.raises(Refused, match="已领 2 张"):
        catalogue.import_catalogue(SYSTEM, reading=reading)


def test_a_code_is_a_services_own_and_nothing_else_is_called_so(world: World) -> None:
    service = now(scene.service(world))
    given = {name: getattr(service, name) for name in ("code", "title", "category", "valid_from")}
    with pytest.raises(Refused, match="相同编号"):
        catalogue.save_service(SYSTEM, merchant=service.merchant, service=None, given=given, outlets=[])
    with pytest.raises(IntegrityError):
        saved(service, quota=-1)


def test_saving_a_service_leaves_what_is_counted_alone(world: World) -> None:
    """The form was opened before a voucher was taken and rated."""
    opened = now(scene.service(world))
    Service.objects.everywhere(reason=WHY).filter(pk=opened.pk).update(rating_count=3, rating_sum=12)
    taken(world, opened)
    saved(opened, title="羽毛球馆晚场")
    found = now(opened)
    assert (found.title, found.taken, found.rating_count, found.rating_sum) == ("羽毛球馆晚场", 1, 3, 12)


@pytest.mark.django_db(transaction=True)
def test_a_stock_and_takers_at_the_same_instant(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes first holds the service: takers wait for a stock being set, a stock for a voucher being taken."""
    service = now(scene.service(world))
    real, met, taking = catalogue._locked, Barrier(3), Event()

    def meet() -> None:
        with suppress(BrokenBarrierError):
            met.wait(timeout=1)

    def read_first(held: Service) -> Service:
        found = real(held)
        taking.set()
        meet()
        return found

    def take_then() -> Voucher:
        taking.wait(timeout=5)
        voucher = taken(world, service)
        meet()
        return voucher

    monkeypatch.setattr(catalogue, "_locked", read_first)
    saver, *takers = at_once(lambda: saved(service, stock=1), take_then, take_then)
    assert isinstance(saver, Service), saver
    assert (now(service).stock, now(service).taken) == (1, 1)
    assert sorted(isinstance(one, Voucher) for one in takers) == [False, True]

    monkeypatch.setattr(catalogue, "_locked", real)
    saved(service, stock=None)
    taking.clear()

    def take_slowly() -> None:
        with transaction.atomic():
            taken(world, service)
            taking.set()
            time.sleep(0.5)

    def save_then() -> Service:
        taking.wait(timeout=5)
        return saved(service, stock=1)

    _, saver = at_once(take_slowly, save_then)
    assert isinstance(saver, Refused), saver
    assert "已领 2 张" in str(saver)


def test_a_voucher_is_settled_at_the_sum_of_the_day_it_was_taken(world: World) -> None:
    service = now(scene.service(world))
    till, counter = scene.teller(world, service.merchant), world.actor("merchant")
    before = taken(world, service)
    saved(service, reimbursed=Decimal(99))
    after = taken(world, service)
    for voucher in (before, after):
        assert redeeming.redeem(counter, teller=till, code=voucher.code).done
    paid = Redemption.objects.everywhere(reason=WHY).order_by("pk").values_list("reimbursed", flat=True)
    assert list(paid) == [10, 99]


def test_a_voucher_from_before_sums_were_kept_is_settled_at_the_services(world: World) -> None:
    service = now(scene.service(world))
    voucher = taken(world, service)
    Voucher.objects.everywhere(reason=WHY).update(reimbursed=None)
    till = scene.teller(world, service.merchant)
    redeeming.redeem(world.actor("merchant"), teller=till, code=voucher.code)
    assert Redemption.objects.everywhere(reason=WHY).get().reimbursed == 10


def test_the_migration_counts_what_nobody_had_counted(world: World) -> None:
    """What is left stays what the page showed."""
    service = now(scene.service(world))
    taken(world, service), taken(world, service)
    rows = Service.objects.everywhere(reason=WHY).filter(pk=service.pk)
    recount = import_module("unionhall.benefits.migrations.0015_vouchers_counted").RECOUNT
    for before, after in (((0, None), (2, None)), ((0, 1), (2, 3)), ((1, 5), (2, 6)), ((7, None), (2, None))):
        rows.update(taken=before[0], stock=before[1])
        with connection.cursor() as cursor:
            cursor.execute(recount)
        assert rows.values_list("taken", "stock").get() == after


def test_saving_a_merchant_leaves_alone_what_another_changed_meanwhile(world: World) -> None:
    """The form was opened before another entered the account."""
    opened = scene.merchant(world)
    asked: dict[str, Any] = {"organisation": opened.organisation, "begins": date(2026, 1, 1), "ends": None}
    catalogue.save_merchant(
        SYSTEM, merchant=Merchant.objects.everywhere(reason=WHY).get(pk=opened.pk), bank="江城银行",
        number="6222020000000000000", given={}, **asked,
    )  # fmt: skip
    catalogue.save_merchant(SYSTEM, merchant=opened, given={"suspended": True}, **asked)
    found = Merchant.objects.everywhere(reason=WHY).get(pk=opened.pk)
    assert (found.payee is not None, found.suspended) == (True, True)


def test_an_agreement_for_ever_has_no_last_day(world: World, signed_in: SignIn) -> None:
    merchant = scene.merchant(world)
    asked = {"organisation": merchant.organisation, "merchant": merchant, "given": {}}
    with pytest.raises(Refused, match="不填截止日期") as refusal:
        catalogue.save_merchant(SYSTEM, begins=date(2026, 1, 1), ends=date(9999, 12, 31), **asked)  # type: ignore[arg-type]
    assert refusal.value.field == "ends"
    catalogue.save_merchant(SYSTEM, begins=date(2026, 1, 1), ends=None, **asked)  # type: ignore[arg-type]
    assert Merchant.objects.everywhere(reason=WHY).get(pk=merchant.pk).agreement.upper is None
    page = signed_in("river_officer").get(reverse("desk_merchant", args=[merchant.pk]))
    assert "没有约定" in page.content.decode()
