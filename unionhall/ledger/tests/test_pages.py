"""Pages of money: who sees what, what is masked, what a page costs, what a stale or wrong form says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World
from unionhall.ledger import actions
from unionhall.ledger.models import Budget, Payee, Payment
from unionhall.members.models import DeskIdentity
from unionhall.portal.own_data import gather
from unionhall.records.models import JournalEntry

from .banking import all_paid, batch_of, card, payee, payments, sent
from .deciding import decided, scheme
from .money import SYSTEM, WHY, commit, fresh, pay
from .test_books import settled

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_names_are_whole_only_for_who_sees_the_register(
    budget: Budget, world: World, signed_in: SignIn
) -> None:
    pay(world, budget, "one", 300)
    assert "张海林" in text_of(signed_in("river_officer"), "/desk/payments/")
    masked = text_of(signed_in("leader"), "/desk/payments/")
    assert "张海林" not in masked
    assert "张*" in masked


def test_a_reviewer_below_sees_what_his_people_got_and_nothing_else(
    budget: Budget, world: World, signed_in: SignIn
) -> None:
    near = pay(world, budget, "near", 300, path=world.unions["alpha"].path)
    far = pay(world, budget, "far", 300, who="gamma_1", path=world.unions["gamma"].path)
    client = signed_in("reviewer")
    assert client.get(f"/desk/payments/{near.pk}/").status_code == 200
    assert client.get(f"/desk/payments/{far.pk}/").status_code == 404
    assert client.get(f"/desk/payments/budgets/{budget.pk}/").status_code == 404
    assert client.get(f"/desk/payments/{near.pk}/reverse/").status_code == 403


def test_what_one_may_not_do_to_money_of_his_own_is_not_offered(
    budget: Budget, world: World, signed_in: SignIn
) -> None:
    payment = settled(pay(world, budget, "one", 300))
    actions.adjust(SYSTEM, payment=payment, amount=100, decision=None)
    client, offered = signed_in("river_officer"), ("撤销付款", "了结")
    address = f"/desk/payments/{payment.pk}/"
    assert [word for word in offered if word in text_of(client, address)] == list(offered)
    DeskIdentity.objects.create(
        account=world.accounts["river_officer"], person=world.people["alpha_1"], named_by="test"
    )
    assert [word for word in offered if word in text_of(client, address)] == []


def test_lists_cost_the_same_for_one_and_three(budget: Budget, world: World, signed_in: SignIn) -> None:
    client = signed_in("river_officer")
    addresses = ["/desk/payments/", "/desk/payments/budgets/", f"/desk/payments/budgets/{budget.pk}/"]
    counts: list[list[int]] = []
    for round_ in range(2):
        for number in range(1 if round_ == 0 else 2):
            pay(world, budget, f"p{round_}{number}", 10, who=("alpha_1", "beta_1")[number])
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            found.append(len(seen))
        counts.append(found)
    assert counts[0] == counts[1]


def test_search_by_number_name_and_state(budget: Budget, world: World, signed_in: SignIn) -> None:
    client = signed_in("river_officer")
    one, two = pay(world, budget, "one", 300), pay(world, budget, "two", 400, who="beta_1")
    settled(two)
    for query, shown, hidden in (
        (f"q={one.number.lower()}", one, two),
        ("q=李建国", two, one),
        ("state=paid", two, one),
        ("purpose=trial&state=due", one, two),
    ):
        text = text_of(client, f"/desk/payments/?{query}")
        assert shown.number in text
        assert hidden.number not in text
    assert "没有符合条件的付款" in text_of(client, "/desk/payments/?budget=999999")


def test_the_bank_file_is_opened_by_makers_and_journalled(
    budget: Budget, world: World, signed_in: SignIn
) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    address = f"/desk/payments/batches/{batch.number}/download/"
    assert signed_in("leader").post(address).status_code == 403
    client = signed_in("river_officer")
    assert client.get(address).status_code == 405
    response = client.post(address)
    body = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert card(world.people["alpha_1"].pk) in body
    assert response["Cache-Control"] == "no-store"
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="ledger.bank_file_opened").count() == 1
    page = text_of(client, f"/desk/payments/batches/{batch.number}/")
    assert card(world.people["alpha_1"].pk) not in page
    assert batch.file is not None
    assert client.get(f"/desk/attachments/{batch.file.pk}/").status_code == 404, "only the batch hands it out"


def test_the_same_answer_uploaded_twice_says_so(budget: Budget, world: World, signed_in: SignIn) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    client, content = signed_in("river_officer"), all_paid(batch)
    for words in ("已导入。", "没有重复入账"):
        file = SimpleUploadedFile("回盘.csv", content)
        response = client.post("/desk/payments/returns/", {"file": file}, follow=True)
        assert words in response.content.decode()
    assert fresh(payments(batch)[0]).state == "paid"
    unknown = SimpleUploadedFile("x.csv", content.replace(batch.number.encode(), b"ZF1"))
    response = client.post("/desk/payments/returns/", {"file": unknown})
    assert response.status_code == 422
    assert "没有编号是“ZF1”的批次" in response.content.decode()


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        ((b"\r\n", b"\r"), "以 LF 或 CR LF 结束"),
        ((b"RESULT,1,", b"RESULT,1,\0"), "空字符"),
        ((b"D,1,FK", b"D,1,FK\0"), "空字符"),
    ],
)
def test_a_damaged_answer_is_refused_in_words(
    budget: Budget, world: World, signed_in: SignIn, breaks: tuple[bytes, bytes], words: str
) -> None:
    batch = sent(world, batch_of(world, budget, "alpha_1"))
    file = SimpleUploadedFile("回盘.csv", all_paid(batch).replace(*breaks))
    response = signed_in("river_officer").post("/desk/payments/returns/", {"file": file})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert fresh(payments(batch)[0]).state == "sent"


def test_books_are_asked_for_years_that_there_are(budget: Budget, world: World, signed_in: SignIn) -> None:
    client, union = signed_in("river_officer"), world.unions["river_city"]
    for month in ("9999-12", "0001-01", "2026-13"):
        page = text_of(client, f"/desk/payments/books/?organisation={union.code}&month={month}")
        assert ("年份应在 2000 到 2099 之间" in page) == (month != "2026-13")
    assert (
        client.post(f"/desk/payments/books/{union.code}/close/", {"month": "9999-12-01"}).status_code == 422
    )


def test_verbs_on_a_payment(budget: Budget, world: World, signed_in: SignIn) -> None:
    client = signed_in("river_officer")
    one = pay(world, budget, "one", 300)
    response = client.post(f"/desk/payments/{one.pk}/retry/", {})
    assert response.status_code == 422
    assert "不是银行退回的" in response.content.decode()
    client.post(f"/desk/payments/{one.pk}/reverse/", {"reason": "误发"})
    assert fresh(one).state == "cancelled"
    two = settled(pay(world, budget, "two", 300))
    (recovery,) = actions.adjust(SYSTEM, payment=two, amount=100, decision=None)
    assert "应收回款" in text_of(client, f"/desk/payments/{two.pk}/")
    client.post(f"/desk/payments/recoveries/{recovery.pk}/", {"outcome": "received"})
    assert "已收回" in text_of(client, f"/desk/payments/{two.pk}/")


def test_a_worker_reads_his_own_and_registers_his_account(
    budget: Budget, world: World, signed_in: SignIn, tmp_path: Path
) -> None:
    commit(budget, "waits", 9000, person=world.people["beta_1"])
    commit(budget, "mine", 5000, 1, person=world.people["alpha_1"])
    with scheme(tmp_path) as version:
        decision = decided(world, version, "medical:1")
        actions.change_budget(SYSTEM, budget=budget, amount=90_000, reason="追加")
        mine = pay(world, budget, "medical:1", decision.amount, decision=decision)
        other = pay(world, budget, "other", 70, who="beta_1")
        client = signed_in("worker_alpha")
        home = text_of(client, "/m/payments/")
        assert "3,350.00" in home
        assert "5,000.00" in home
        assert "9,000.00" not in home
        assert "(8,000.00 − 1,300.00) × 50% ＝ 3,350.00 元" in text_of(client, f"/m/payments/{mine.pk}/")
        assert client.get(f"/m/payments/{other.pk}/").status_code == 404
    form = {"bank": "江城银行", "number": card(9), "consent": "on"}
    assert client.post("/m/payments/account/", {**form, "consent": ""}).status_code == 422
    assert client.post("/m/payments/account/", {**form, "number": card(9)[:-1] + "x"}).status_code == 422
    assert client.post("/m/payments/account/", form).status_code == 302
    own = Payee.objects.everywhere(reason=WHY).get()
    copy = gather(world.accounts["worker_alpha"], world.people["alpha_1"])
    assert copy["收款账户"][0]["账号"] == card(9), "his own copy of his data has it whole"
    assert [row["编号"] for row in copy["待遇发放"]] == [mine.number]
    assert (own.person, own.holder, own.tail) == (world.people["alpha_1"], "张海林", card(9)[-4:])
    assert own.masked in text_of(client, "/m/payments/")


def test_a_batch_page_offers_each_what_he_may_do(budget: Budget, world: World, signed_in: SignIn) -> None:
    batch = batch_of(world, budget, "alpha_1")
    actions.submit_batch(world.actor("river_officer"), batch=batch)
    address = f"/desk/payments/batches/{batch.number}/"
    assert f"{address}check/" not in text_of(signed_in("river_officer"), address), "not his own"
    assert f"{address}check/" in text_of(signed_in("leader"), address)
    assert f"{address}dissolve/" not in text_of(signed_in("auditor"), address)


def test_a_new_budget_begins_with_the_readers_own_union(world: World, signed_in: SignIn) -> None:
    text = text_of(signed_in("river_officer"), "/desk/payments/budgets/new/")
    assert f'value="{world.unions["river_city"].code}"' in text


def test_payees_of_others_stay_out_of_sight(world: World, signed_in: SignIn) -> None:
    payee(world.people["beta_1"], 12)
    text = text_of(signed_in("worker_alpha"), "/m/payments/")
    assert card(12)[-4:] not in text
    assert "还没有登记收款账户" in text
    assert Payment.objects.everywhere(reason=WHY).count() == 0
