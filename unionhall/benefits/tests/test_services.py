"""会员服务: quotas that two presses cannot exceed, one redemption, offline rows, statements, pages by persona."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits import catalogue, catalogue_file, voucher_codes
from unionhall.benefits.actions import catalogue as actions
from unionhall.benefits.actions import redeeming, settling, vouchers
from unionhall.benefits.actions.redeeming import OfflineRow
from unionhall.benefits.models import Outlet, Redemption, Service, ServiceOutlet, Teller, Voucher
from unionhall.benefits.rules.member_services import free_slots
from unionhall.benefits.views import services_partner
from unionhall.benefits.views.services_partner import offline_rows
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit import vouchers as codes
from unionhall.ledger.actions import open_budget, register_payee
from unionhall.ledger.models import Payment
from unionhall.members.tests.test_races import at_once
from unionhall.network.rules.distance import distance_m
from unionhall.records.models import JournalEntry
from unionhall.rulebook.decisions import replay

WHY = "test reads what was written"
SignIn = Callable[[str], Client]


def taken(world: World, service: Service) -> Voucher:
    return vouchers.take(world.actor("worker_alpha"), service=service, person=world.people["alpha_1"])


@given(number=st.integers(0, 2**45 - 1), place=st.integers(0, 8), other=st.integers(1, 30))
def test_a_wrong_character_is_noticed(number: int, place: int, other: int) -> None:
    code = codes.short_of(number)
    assert codes.normalise(f" {codes.spaced(code).lower()} ") == code
    at = codes.ALPHABET.index(code[place])
    wrong = codes.ALPHABET[(at + other) % 32]
    if (codes.ALPHABET.index(wrong) - at) % 31:  # characters 31 apart weigh the same
        with pytest.raises(codes.VoucherCodeError):
            codes.normalise(code[:place] + wrong + code[place + 1 :])


@given(quota=st.integers(1, 6), held=st.sets(st.integers(1, 9)))
def test_places_of_a_quota_never_add_up_to_more(quota: int, held: set[int]) -> None:
    free = free_slots(quota, held)
    assert len(free) + len(held) <= max(quota, len(held))
    assert not set(free) & held


def test_a_quota_holds_and_a_returned_voucher_frees_its_place(world: World) -> None:
    service = scene.service(world)
    first, _ = taken(world, service), taken(world, service)
    with pytest.raises(Refused, match="次数已用完"):
        taken(world, service)
    vouchers.cancel(world.actor("worker_alpha"), voucher=first)
    assert taken(world, service).slot == first.slot


def test_who_may_take(world: World) -> None:
    service = scene.service(world)
    with pytest.raises(Refused, match="本人"):
        vouchers.take(world.actor("worker_beta"), service=service, person=world.people["alpha_1"])
    with pytest.raises(Refused, match="所属会员"):  # another union's member
        vouchers.take(world.actor("worker_beta"), service=service, person=world.people["beta_1"])
    with pytest.raises(Refused, match="是工会会员"):
        vouchers.take(world.actor("worker_outside"), service=service, person=world.people["outsider"])
    Service.objects.everywhere(reason=WHY).update(audience=Service.EVERYBODY)
    assert vouchers.take(world.actor("worker_outside"), service=service, person=world.people["outsider"]).pk


def test_the_stock_is_never_exceeded(world: World) -> None:
    service = scene.service(world)
    Service.objects.everywhere(reason=WHY).filter(pk=service.pk).update(stock=1)
    first = taken(world, service)
    with pytest.raises(Refused, match="领完"):
        taken(world, service)
    vouchers.cancel(world.actor("worker_alpha"), voucher=first)
    assert taken(world, service).pk
    late = timezone.localdate() + timedelta(days=40)
    assert vouchers.expire_due(late) == 1
    service.refresh_from_db()
    assert (service.taken, vouchers.expire_due(late)) == (0, 0)


def test_one_scan_redeems_and_the_second_is_told_where(world: World) -> None:
    voucher = taken(world, scene.service(world))
    till = scene.teller(world, voucher.service.merchant)
    actor = world.actor("merchant")
    done = redeeming.redeem(actor, teller=till, code=voucher_codes.address_of(voucher))
    assert (done.done, done.masked_name) == (True, "张*")
    again = redeeming.redeem(actor, teller=till, code=voucher.spaced_code)
    assert not again.done
    assert again.again
    assert "核销，不能再用" in again.words
    (row,) = Redemption.objects.everywhere(reason=WHY)
    assert (row.voucher_id, int(row.reimbursed), row.channel) == (voucher.pk, 10, "online")
    assert (redeeming.note_redemptions(), redeeming.note_redemptions()) == (1, 0)
    (entry,) = JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.redeemed")
    assert (entry.detail["count"], entry.path) == (1, voucher.service.merchant.organisation.path)


def test_what_a_counter_may_not_redeem(world: World) -> None:
    voucher = taken(world, scene.service(world))
    merchant = voucher.service.merchant
    other = scene.merchant(world, "beta")
    till = scene.teller(world, other)
    actor = world.actor("merchant")
    told = redeeming.redeem(actor, teller=till, code=voucher.code)
    assert not told.done
    assert "不是本商户" in told.words
    assert not told.title
    assert not told.masked_name
    till.merchant = merchant
    later = timezone.now() + timedelta(days=45)
    assert "已过期" in redeeming.redeem(actor, teller=till, code=voucher.code, now=later).words
    forged = voucher_codes.signed(voucher)
    forged = forged[:-8] + ("A" if forged[-8] != "A" else "B") + forged[-7:]
    assert "签名不对" in redeeming.redeem(actor, teller=till, code=forged).words
    merchant.suspended = True
    with pytest.raises(Refused, match="暂停合作"):
        redeeming.redeem(actor, teller=till, code=voucher.code)
    with pytest.raises(Refused, match="没有绑定"):
        redeeming.redeem(world.actor("merchant"), teller=_of_another(till), code=voucher.code)
    voucher.refresh_from_db()
    assert voucher.state == "issued"


def _of_another(till: Teller) -> Teller:
    till.merchant.suspended, till.account_id = False, 0
    return till


def test_offline_rows_are_answered_one_by_one_and_once(world: World) -> None:
    service = scene.service(world)
    first, second = taken(world, service), taken(world, service)
    till, actor, now = scene.teller(world, service.merchant), world.actor("merchant"), timezone.now()
    later = now + timedelta(hours=5)
    rows = [
        OfflineRow(1, voucher_codes.signed(first), now + timedelta(hours=1)),
        OfflineRow(2, first.code, now + timedelta(hours=2)),
        OfflineRow(3, second.code, now - timedelta(hours=100)),
        OfflineRow(4, second.code, now + timedelta(days=3)),
        OfflineRow(5, "0000000000", None),
        OfflineRow(6, second.code, None, "核销时间看不懂"),
    ]
    found = redeeming.take_offline(actor, teller=till, rows=rows, now=later)
    assert (found.accepted, found.refused) == (1, 5)
    words = [one["words"] for one in found.answers]
    assert [part in text for part, text in zip(
        ("成功", "不能再用", "超过 72 小时", "在将来", "没有这张券", "看不懂"), words, strict=True
    )] == [True] * 6  # fmt: skip
    assert redeeming.take_offline(actor, teller=till, rows=rows, now=later).pk == found.pk
    first.refresh_from_db()
    assert first.redeemed_at == now + timedelta(hours=1)
    vouchers.cancel(world.actor("worker_alpha"), voucher=second)
    (answer,) = redeeming.take_offline(
        actor, teller=till, rows=[OfflineRow(1, second.code, now)], now=later
    ).answers  # fmt: skip
    assert "退券" in answer["words"]


def test_lines_as_merchants_write_them() -> None:
    rows = offline_rows("券码,时间\n4F7K9 2QDXT，2026-05-04 12:30\n\nABCDE\t2026/5/4 12:30\nX,昨天\nY")
    assert [(one.number, bool(one.at), bool(one.fault)) for one in rows] == [
        (2, True, False), (4, True, False), (5, False, True), (6, False, False)
    ]  # fmt: skip


def test_a_statement_is_agreed_confirmed_and_paid_once(world: World) -> None:
    service = scene.service(world)
    merchant, union = service.merchant, world.unions["alpha"]
    till, counter, keeper = scene.teller(world, merchant), world.actor("merchant"), system_actor()
    for _ in range(2):
        redeeming.redeem(counter, teller=till, code=taken(world, service).code)
    month = timezone.localdate().replace(day=1)
    with pytest.raises(Refused, match="还没有过完"):
        settling.make_reconciliation(keeper, merchant=merchant, month=month)
    soon = month + timedelta(days=40)
    found = settling.make_reconciliation(keeper, merchant=merchant, month=month, today=soon)
    assert (found.count, found.free, int(found.amount)) == (2, 2, 20)
    with pytest.raises(Refused, match="已经生成"):
        settling.make_reconciliation(keeper, merchant=merchant, month=month, today=soon)
    with pytest.raises(Refused, match="等商户确认"):
        settling.confirm(keeper, reconciliation=found)
    settling.dispute(counter, teller=till, reconciliation=found, words="少了一次")
    settling.answer(keeper, reconciliation=found, words="已核对，共两次")
    settling.agree(counter, teller=till, reconciliation=found)
    with pytest.raises(Refused, match="收款账户"):
        settling.confirm(keeper, reconciliation=found)
    merchant.payee = register_payee(
        keeper,
        person=None,
        bank="江城银行",
        number="6222020000000000000",
        holder="江城体育中心",
        relation="服务商户",
    )
    merchant.save(update_fields=["payee"])
    with pytest.raises(Refused, match="预算"):
        settling.confirm(keeper, reconciliation=found)
    open_budget(keeper, organisation=union, programme="member_services", year=soon.year, amount=1000)
    if timezone.localdate().year != soon.year:
        open_budget(keeper, organisation=union, programme="member_services", year=soon.year - 1, amount=1000)
    payment = settling.confirm(keeper, reconciliation=found).payment
    assert payment is not None
    assert payment.decision is not None
    assert (int(payment.amount), replay(payment.decision).same) == (20, True)
    with pytest.raises(Refused, match="已确认"):
        settling.confirm(keeper, reconciliation=found)
    assert Payment.objects.everywhere(reason=WHY).count() == 1


def test_rating_once_after_use(world: World) -> None:
    voucher = taken(world, scene.service(world))
    me = world.actor("worker_alpha")
    with pytest.raises(Refused, match="用过之后"):
        vouchers.rate(me, voucher=voucher, grade=5)
    redeeming.redeem(
        world.actor("merchant"), teller=scene.teller(world, voucher.service.merchant), code=voucher.code
    )
    voucher.refresh_from_db()
    said = vouchers.rate(me, voucher=voucher, grade=4, words="很好，打 13800001234 找我")
    assert "13800001234" not in said.words
    with pytest.raises(Refused, match="已经评价"):
        vouchers.rate(me, voucher=voucher, grade=1)
    voucher.service.refresh_from_db()
    assert (voucher.service.rating_count, voucher.service.rating_sum) == (1, 4)


def test_the_nearest_come_first(world: World) -> None:
    service = scene.service(world)
    far = Outlet.objects.create(
        merchant=service.merchant,
        name="分馆",
        address="x",
        division="420103",
        latitude=30.65,
        longitude=114.3,
    )
    ServiceOutlet.objects.create(service=service, outlet=far)
    rows = Service.objects.everywhere(reason=WHY)
    (found,) = catalogue.near(rows, 30.64, 114.3, 10, to="places__outlet__")
    assert found.metres == distance_m(30.64, 114.3, 30.65, 114.3)
    assert not catalogue.near(rows, 30.9, 114.3, 5, to="places__outlet__")


@pytest.mark.parametrize("shown", [1, 3])
def test_pages_take_as_many_statements_for_three_as_for_one(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Callable[..., object], shown: int
) -> None:
    service = scene.service(world)
    for number in range(2, shown + 1):
        service.pk, service.code = None, f"FW00{number}"
        service.save(force_insert=True)
    client = signed_in("worker_alpha")
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        page = client.get(reverse("m_services"), {"category": "culture"})
    assert page.content.decode().count("羽毛球馆白天场") == shown


def test_a_press_takes_a_voucher_and_the_page_shows_its_code(world: World, signed_in: SignIn) -> None:
    service = scene.service(world)
    client = signed_in("worker_alpha")
    page = client.get(reverse("m_service", args=[service.pk]))
    assert "领取" in page.content.decode()
    answer = client.post(reverse("m_service", args=[service.pk]), follow=True)
    (voucher,) = Voucher.objects.everywhere(reason=WHY)
    html = answer.content.decode()
    assert voucher.spaced_code in html
    assert "<svg" in html
    assert "geolocation=(self)" in client.get(reverse("m_services"))["Permissions-Policy"]
    assert "geolocation=()" in page["Permissions-Policy"]


def test_the_counter_page_in_one_press(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = taken(world, scene.service(world))
    scene.teller(world, voucher.service.merchant)
    client, url = signed_in("merchant"), reverse("partner_redeem")
    token = voucher_codes.signed(voucher)
    assert token in client.get(url, {"code": token}).content.decode()
    assert "核销成功" in client.post(url, {"code": token}).content.decode()
    assert "已经核销过" in client.post(url, {"code": token}).content.decode()
    monkeypatch.setattr(services_partner, "BAD_CODES", 2)
    for _ in range(2):
        client.post(url, {"code": "4F7K92QDXX"})
    assert client.post(url, {"code": token}).status_code == 429


def test_a_till_without_a_merchant_says_so(world: World, signed_in: SignIn) -> None:
    client = signed_in("merchant")
    assert "没有绑定商户" in client.get(reverse("partner_redeem")).content.decode()
    assert "没有绑定商户" in client.post(reverse("partner_redeem"), {"code": "4F7K92QDXT"}).content.decode()


@pytest.mark.django_db(transaction=True)
def test_at_the_same_instant_a_quota_and_a_voucher_hold(world: World) -> None:
    service = scene.service(world)
    found = at_once(*(lambda: taken(world, service) for _ in range(5)))
    assert sorted(one.slot for one in found if isinstance(one, Voucher)) == [1, 2]
    assert all("次数已用完" in str(one) for one in found if not isinstance(one, Voucher))
    till, code = scene.teller(world, service.merchant), Voucher.objects.everywhere(reason=WHY)[0].code
    counter = world.actor("merchant")
    told = at_once(*(lambda: redeeming.redeem(counter, teller=till, code=code) for _ in range(8)))
    answers = [one for one in told if isinstance(one, redeeming.Redeemed)]
    assert [sum(one.done for one in answers), sum(one.again for one in answers)] == [1, 7]
    assert Redemption.objects.everywhere(reason=WHY).count() == 1


def test_a_catalogue_of_366_is_taken_over_once(world: World, tmp_path: Path) -> None:
    """Beijing's number: read, taken over, exported, and read back without a change."""
    merchant = scene.service(world).merchant
    Service.objects.everywhere(reason=WHY).all().delete()
    union, scheme = merchant.organisation, catalogue.version_in("", timezone.localdate()).parameters
    heading = "服务编号,类别,名称,商户,免费或优惠,价格说明,每人次数,次数周期,开始日期"
    rows = [f"FW{n:04d},文体,第{n}项服务,{merchant.name},免费,免费,1,每月,2026-01-01" for n in range(366)]
    path = tmp_path / "目录.csv"
    path.write_text("\n".join([heading, *rows]) + "\n")
    found = catalogue_file.read(path, path.name, union, scheme)
    assert (len(found.rows), found.faults) == (366, [])
    officer = system_actor()

    def taken_over(rows: list[dict[str, Any]]) -> tuple[int, int, int]:
        made = actions.keep_reading(officer, organisation=union, name="目录.csv", rows=rows, faults=[])
        actions.import_catalogue(officer, reading=made)
        return made.added, made.changed, made.same

    assert taken_over(found.rows) == (366, 0, 0)
    assert taken_over(found.rows) == (0, 0, 366)
    kept = list(Service.objects.everywhere(reason=WHY).select_related("merchant").order_by("pk"))
    back = tmp_path / "导出.xlsx"
    back.write_bytes(catalogue_file.export(kept, scheme, {}))
    again = catalogue_file.read(back, back.name, union, scheme)
    assert (len(again.rows), again.faults) == (366, [])
    assert taken_over(again.rows) == (0, 0, 366)
