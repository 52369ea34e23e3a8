"""Batches: made by one, let go by another; the bank's file, its answer, and what comes back."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.sm import sm3_hex
from unionhall.ledger import actions, rules
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Budget, PaymentBatch, Recovery, ReturnMismatch
from unionhall.members.models import DeskIdentity
from unionhall.records.models import Message

from .banking import all_paid, answer, batch_of, card, file_of, payee, payments, sent, take
from .money import SYSTEM, WHY, Trial, balances, fresh, pay

pytestmark = pytest.mark.django_db


def test_what_is_due_goes_into_a_batch_and_who_has_no_account_stays(budget: Budget, world: World) -> None:
    maker = world.actor("river_officer")
    with pytest.raises(Refused, match="没有待付的款"):
        actions.make_batch(maker, organisation=world.unions["river_city"])
    without = pay(world, budget, "no-account", 50, who="gamma_1")
    with pytest.raises(Refused, match="有 1 笔还没有登记收款账户"):
        actions.make_batch(maker, organisation=world.unions["river_city"])
    batch = batch_of(world, budget, "alpha_1", "beta_1")
    assert (batch.count, batch.total) == (2, Decimal(201))
    assert [one.payee.tail for one in payments(batch) if one.payee] == [
        card(world.people["alpha_1"].pk)[-4:], card(world.people["beta_1"].pk)[-4:],
    ]  # fmt: skip
    assert fresh(without).state == "due"
    with pytest.raises(NotAllowed):
        actions.make_batch(world.actor("river_rights"), organisation=world.unions["river_city"])
    with pytest.raises(NotAllowed):
        actions.make_batch(world.actor("gorge_officer"), organisation=world.unions["river_city"])


def test_nobody_checks_his_own_batch(budget: Budget, world: World) -> None:
    maker, leader = world.actor("river_officer"), world.actor("leader")
    batch = batch_of(world, budget, "alpha_1")
    with pytest.raises(Refused, match="制单中"):
        actions.check_batch(leader, batch=batch, approve=True)
    actions.submit_batch(maker, batch=batch)
    with pytest.raises(Refused, match="制单人不能复核"):
        actions.check_batch(maker, batch=batch, approve=True)
    row = PaymentBatch.objects.everywhere(reason=WHY).filter(pk=batch.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(checker_id=batch.maker_id)
    with pytest.raises(NotAllowed):
        actions.check_batch(world.actor("auditor"), batch=batch, approve=True)
    with pytest.raises(Refused, match="写明原因"):
        actions.check_batch(leader, batch=batch, approve=False)
    actions.check_batch(leader, batch=batch, approve=False, opinion="少一笔")
    actions.submit_batch(maker, batch=batch)
    assert actions.check_batch(leader, batch=batch, approve=True).state == "approved"


@pytest.mark.parametrize("who", ["maker under another account", "who is paid"])
def test_nobody_checks_what_is_his(budget: Budget, world: World, who: str) -> None:
    """Two accounts of one person are one person; and nobody lets go a payment to himself."""
    batch = batch_of(world, budget, "alpha_1")
    actions.submit_batch(world.actor("river_officer"), batch=batch)
    person = world.people["alpha_1" if who == "who is paid" else "alpha_2"]
    DeskIdentity.objects.create(account=world.accounts["leader"], person=person, named_by="test")
    if who != "who is paid":
        DeskIdentity.objects.create(account=world.accounts["river_officer"], person=person, named_by="test")
    with pytest.raises(Refused, match="制单人不能复核" if who != "who is paid" else "付给您本人"):
        actions.check_batch(world.actor("leader"), batch=batch, approve=True)


def test_the_bank_file_has_its_control_totals(budget: Budget, world: World) -> None:
    batch = batch_of(world, budget, "alpha_1", "delta_1")
    with pytest.raises(Refused, match="制单中"):
        actions.bank_file(world.actor("river_officer"), batch=batch)
    batch = sent(world, batch)
    text = file_of(batch)
    head, first, second, trailer = text.splitlines()
    one, two = payments(batch)
    assert (
        head
        == f"H,UNIONHALL-PAY,1,{batch.number},{batch.organisation.code},{timezone.localdate():%Y%m%d},2,201.00"
    )
    assert first == f"D,1,{one.number},张海林,江城银行,{card(world.people['alpha_1'].pk)},100.00,试验补助"
    assert second.startswith(f"D,2,{two.number},买买提·艾力,")
    before = text[: text.index("T,2,")].encode()
    assert trailer == f"T,2,201.00,{sm3_hex(before)}" == f"T,2,201.00,{batch.file_digest}"
    assert {fresh(one).state, fresh(two).state} == {"sent"}
    again = actions.bank_file(world.actor("river_officer"), batch=batch)
    assert again.file_id == batch.file_id, "asked again it is the same file"
    assert audit() == []


def test_a_batch_that_was_altered_is_not_let_go(budget: Budget, world: World) -> None:
    batch = batch_of(world, budget, "alpha_1")
    actions.submit_batch(world.actor("river_officer"), batch=batch)
    PaymentBatch.objects.everywhere(reason=WHY).filter(pk=batch.pk).update(total=99)
    with pytest.raises(Refused, match="与批次不符"):
        actions.check_batch(world.actor("leader"), batch=batch, approve=True)


def test_payments_leave_a_batch_only_while_it_is_made(budget: Budget, world: World) -> None:
    maker = world.actor("river_officer")
    batch = batch_of(world, budget, "alpha_1", "beta_1")
    one, two = payments(batch)
    with pytest.raises(Refused, match="先把它移出批次"):
        actions.reverse(maker, payment=one, reason="误")
    actions.drop_payment(maker, payment=one, reason="账号待核")
    batch.refresh_from_db(from_queryset=PaymentBatch.objects.everywhere(reason=WHY))
    assert (batch.count, batch.total, fresh(one).state, fresh(one).payee_id) == (1, 101, "due", None)
    actions.submit_batch(maker, batch=batch)
    with pytest.raises(Refused, match="待复核"):
        actions.drop_payment(maker, payment=two, reason="误")
    actions.dissolve_batch(maker, batch=batch, reason="重做")
    assert (fresh(two).state, fresh(two).batch_id) == ("due", None)
    assert actions.make_batch(maker, organisation=world.unions["river_city"]).count == 2


def test_paid_returned_and_told(budget: Budget, world: World, trial: Trial) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1", "beta_1"))
    one, two = payments(batch)
    with pytest.raises(Refused, match="银行正在处理"):
        actions.reverse(world.actor("river_officer"), payment=one, reason="误")
    rows = [(one.number, "100.00", "成功", ""), (two.number, "101.00", "失败", "户名不符")]
    taken = take(world, batch, answer(batch, rows)).bank_return
    assert (taken.rows, taken.paid, taken.returned, taken.unchanged, taken.mismatched) == (2, 1, 1, 0, 0)
    assert (fresh(one).state, fresh(two).state, fresh(two).reason) == ("paid", "returned", "户名不符")
    assert balances(budget) == {"granted": -10_000, "paid": 100, "payable": 101, "available": 9799}
    assert trial.told == [("paid", [one.key]), ("returned", [two.key])]
    told = {
        row.recipient_id: row
        for row in Message.objects.everywhere(reason=WHY).filter(url__contains="/payments/")
    }
    message = told[world.accounts["worker_alpha"].pk]
    tail = card(world.people["alpha_1"].pk)[-4:]
    assert (message.title, message.url) == ("试验补助已发放", f"/m/payments/{one.pk}/")
    assert message.body.startswith(f"100.00 元已发放到尾号 {tail} 的银行卡")
    assert "被银行退回" in told[world.accounts["worker_beta"].pk].title
    batch.refresh_from_db(from_queryset=PaymentBatch.objects.everywhere(reason=WHY))
    assert (batch.state, audit()) == ("closed", [])


def test_the_same_file_twice_changes_nothing(budget: Budget, world: World, trial: Trial) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    content = all_paid(batch)
    first = take(world, batch, content)
    again = take(world, batch, content)
    assert (again.known, again.bank_return.pk) == (True, first.bank_return.pk)
    other = take(
        world, batch, content.replace(b"20261122", b"20261123").split(b"\nT,")[0] + b"\nT,1,100.00\r\n"
    )
    assert (other.known, other.bank_return.paid, other.bank_return.unchanged) == (False, 0, 1)
    assert trial.told == [("paid", [payments(batch)[0].key])]
    assert balances(budget)["paid"] == 100
    assert audit() == []


def test_rows_that_do_not_fit_are_answered_one_by_one(budget: Budget, world: World) -> None:
    other = batch_of(world, budget, "gamma_1", amount=30)
    batch = sent(world, batch_of(world, budget, "alpha_1", "beta_1", "delta_1"))
    one, two, three = payments(batch)
    elsewhere = payments(other)[0]
    rows = [
        (one.number, "100.00", "成功", ""),
        (one.number, "100.00", "成功", ""),
        (two.number, "101.01", "成功", ""),
        ("FK999999999999", "5.00", "成功", ""),
        ("12345", "5.00", "成功", ""),
        (elsewhere.number, "30.00", "成功", ""),
        (three.number, "102.00", "处理中", ""),
    ]
    taken = take(world, batch, answer(batch, rows)).bank_return
    assert (taken.rows, taken.paid, taken.mismatched) == (7, 1, 6)
    found = ReturnMismatch.objects.everywhere(reason=WHY).filter(bank_return=taken)
    words = {row.row: row.message for row in found}
    assert sorted(words) == [3, 4, 5, 6, 7, 8], "numbered as in the file, the header being line 1"
    for row, text in zip(sorted(words), ["已有这笔付款", "金额不符：付款是 101.00", "没有这个编号", "FK 加 12 位数字",
                                         "不在这个批次", "“处理中”看不懂"], strict=True):  # fmt: skip
        assert text in words[row]
    assert [fresh(one).state for one in (one, two, three, elsewhere)] == ["paid", "sent", "sent", "batched"]
    assert balances(budget)["paid"] == 100
    assert audit() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("UNIONHALL-RESULT", "OTHER"), "不是银行回盘文件"),
        (lambda text: text.replace("H,", "H,UNIONHALL-RESULT,1,ZF0,x\r\nH,", 1), "ZF0"),
        (lambda text: text[: text.index("\nT,") + 1], "没有结尾行"),
        (lambda text: text.replace("T,1,100.00", "T,2,200.00"), "结尾行写明 2 笔"),
        (lambda text: text.replace("T,1,100.00", "T,1,1OO.OO"), "不一致"),
        (lambda text: text.replace(",100.00,成功", ",-100.00,成功"), "第 2 行的金额看不懂"),
        (lambda text: text.replace("成功", "付款成功"), "被改动过"),
        (lambda text: text + "D,2,FK000000000001,1.00,成功,\r\n", "结尾行之后"),
        (lambda text: text.splitlines(keepends=True)[0] + "T,0,0.00\r\n", "没有明细行"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_as_a_whole_books_nothing(
    budget: Budget, world: World, change: object, words: str
) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    content = change(all_paid(batch).decode()).encode()  # type: ignore[operator]
    with pytest.raises(Refused, match=words):
        take(world, batch, content)
    assert payments(batch)[0].state == "sent"
    assert audit() == []


def test_older_banks_write_gb18030(budget: Budget, world: World) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    one = payments(batch)[0]
    content = answer(batch, [(one.number, "100.00", "失败", "账户已销户")]).decode().encode("gb18030")
    assert take(world, batch, content).bank_return.returned == 1
    assert fresh(one).reason == "账户已销户"


def test_what_came_back_is_tried_again_at_another_account(budget: Budget, world: World) -> None:
    maker = world.actor("river_officer")
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    (one,) = payments(batch)
    with pytest.raises(Refused, match="不是银行退回"):
        actions.retry(maker, payment=one)
    take(world, batch, answer(batch, [(one.number, "100.00", "失败", "账户已销户")]))
    with pytest.raises(Refused, match="还是被退回的"):
        actions.retry(maker, payment=one)
    payee(world.people["alpha_1"], 777)
    actions.retry(maker, payment=one)
    second = sent(world, actions.make_batch(maker, organisation=world.unions["river_city"]))
    assert card(777) in file_of(second)
    late = take(world, batch, answer(batch, [(one.number, "100.00", "成功", "")]))
    assert late.bank_return.mismatched == 1, "an answer to the first attempt pays nothing"
    take(world, second, all_paid(second))
    assert (fresh(one).state, fresh(one).attempt, balances(budget)["paid"]) == ("paid", 2, Decimal(100))
    assert audit() == []


def test_money_that_bounces_later_is_reversed_and_can_be_given_up(
    budget: Budget, world: World, trial: Trial
) -> None:
    maker = world.actor("river_officer")
    batch = sent(world, batch_of(world, budget, "alpha_1", "beta_1"))
    take(world, batch, all_paid(batch))
    one, two = payments(batch)
    bounce = answer(batch, [(one.number, "100.00", "退汇", "长期不动户")])
    assert take(world, batch, bounce).bank_return.returned == 1
    assert balances(budget) == {"granted": -10_000, "paid": 101, "payable": 100, "available": 9799}
    actions.reverse(maker, payment=one, reason="本人放弃")
    assert balances(budget) == {"granted": -10_000, "paid": 101, "available": 9899}
    assert ("reversed", [one.key]) in trial.told
    actions.adjust(SYSTEM, payment=two, amount=1, decision=None)
    both = answer(batch, [(one.number, "100.00", "退汇", ""), (two.number, "101.00", "退汇", "")])
    taken = take(world, batch, both).bank_return
    words = (
        ReturnMismatch.objects.everywhere(reason=WHY)
        .filter(bank_return=taken)
        .values_list("message", flat=True)
    )
    assert [text[:12] for text in words] == ["这笔付款已撤销或追回，请", "这笔付款另有应收回款，请"]
    assert Recovery.objects.everywhere(reason=WHY).get().amount == 100
    assert audit() == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("6217 abcd", "只能是数字"),
        ("1234567", "8 至 32 位"),
        ("6217990000000000001", "校验位"),
        ("6" * 40, "8 至 32"),
    ],
)
def test_account_numbers_that_cannot_be(world: World, number: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        actions.register_payee(SYSTEM, person=world.people["alpha_1"], bank="江城银行", number=number)


def test_a_payee_is_the_person_or_says_who(world: World) -> None:
    person = world.people["alpha_1"]
    first = payee(person, 5)
    assert payee(person, 5).pk == first.pk
    with pytest.raises(Refused, match="户名应与姓名一致"):
        actions.register_payee(SYSTEM, person=person, bank="银行", number=card(6), holder="李四")
    kin = actions.register_payee(
        SYSTEM, person=person, bank="银行", number=card(6), holder="李四", relation="配偶"
    )
    assert (kin.masked, kin.masked_holder, str(kin.number)) == (f"**** {card(6)[-4:]}", "李*", "<sealed>")
    with pytest.raises(Refused, match="开户银行"):
        actions.register_payee(SYSTEM, person=person, bank=" ", number=card(6))


def test_luhn_by_its_published_example() -> None:
    """79927398713, the example in common use for ISO/IEC 7812-1; any single digit wrong fails."""
    assert rules.luhn("79927398713")
    assert not any(rules.luhn(f"7992739871{digit}") for digit in "012456789")


@pytest.mark.parametrize(
    ("text", "value"), [("12.3", "12.30"), ("0.01", "0.01"), ("1,000", None), ("-1", None), ("1.234", None),
                        ("", None), (".5", None), ("1e3", None), ("١٢", None)],
)  # fmt: skip
def test_sums_in_files(text: str, value: str | None) -> None:
    assert rules.read_amount(text) == (Decimal(value) if value else None)
