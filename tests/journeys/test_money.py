"""Journey 8, money: a budget, a batch by two people, the bank's file and answer; the worker reads the arithmetic."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import World
from unionhall.ledger import actions, purposes
from unionhall.ledger.checking import audit
from unionhall.ledger.models import Budget, Payment, PaymentBatch
from unionhall.ledger.tests.banking import answer, payee
from unionhall.ledger.tests.deciding import decided, scheme
from unionhall.ledger.tests.money import SYSTEM, Trial, commit, trial_purpose

from .conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def purpose() -> object:
    purposes.register(trial_purpose(Trial()))
    yield
    del purposes._purposes["trial"]


@pytest.mark.usefixtures("purpose")
def test_from_a_budget_to_the_bank_and_back(
    standing: World, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    maker, checker = visit("desk", "river_officer"), visit("desk", "leader")
    with scheme(tmp_path) as version:
        page = maker.go("/desk/payments/budgets/")
        maker.press("设立预算")
        page.get_by_label("付款单位").fill(standing.unions["river_city"].code)
        page.get_by_label("方案").select_option("trial_aid")
        page.get_by_label("预算金额").fill("10000")
        maker.check("money-budget-new")
        page.get_by_role("button", name="设立预算").click()
        maker.check("money-budget")
        budget = Budget.objects.everywhere(reason="test").get()

        for name, selfpay in (("alpha_1", 8000), ("beta_1", 3000)):
            decision = decided(standing, version, f"medical:{name}", selfpay, name)
            actions.pay(
                SYSTEM, key=f"medical:{name}", purpose="trial", budget=budget, person=standing.people[name],
                amount=decision.amount, decision=decision,
            )  # fmt: skip
        payee(standing.people["beta_1"])
        worker = visit("phone", "worker_alpha")
        worker.go("/m/payments/")
        worker.check("money-my-before")
        page = worker.press("登记收款账户")
        page.get_by_label("开户银行").fill("江城银行")
        page.get_by_role("textbox", name="银行卡号").fill("6217 9900 0000 0000 001")
        worker.press("登记")
        assert page.get_by_text("校验位不对").count() > 0
        page.get_by_role("textbox", name="银行卡号").fill("6217 9900 0000 0000 014")
        page.get_by_label("我单独同意").check()
        worker.check("money-account")
        worker.press("登记", "money-my-account")

        maker.go("/desk/payments/")
        maker.check("money-payments")
        page = maker.go("/desk/payments/batches/")
        maker.check("money-batches-empty")
        maker.press("制作批次", "money-batch-new")
        maker.press("制单", "money-batch")
        maker.press("提交复核")
        maker.press("提交复核")
        batch = PaymentBatch.objects.everywhere(reason="test").get()
        assert (batch.state, str(batch.total)) == ("checking", "4200.00")

        page = checker.go(f"/desk/payments/batches/{batch.number}/")
        checker.press("复核")
        page.get_by_label("复核通过").check()
        checker.check("money-check")
        checker.press("提交复核结论", "money-checked")

        page = maker.go(f"/desk/payments/batches/{batch.number}/")
        maker.press("生成银行文件")
        maker.press("生成银行文件", "money-sent")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载银行文件").click()
        text = Path(download.value.path()).read_text()
        assert "6217990000000000014" in text
        first, second = Payment.objects.everywhere(reason="test").order_by("pk")
        file = tmp_path / "回盘.csv"
        rows = [(first.number, "3350.00", "成功", ""), (second.number, "850.00", "失败", "账户已销户"),
                ("FK999999999999", "1.00", "成功", "")]  # fmt: skip
        file.write_bytes(answer(batch, rows))
        maker.press("导入银行回盘")
        page.set_input_files("input[type=file]", str(file))
        maker.check("money-returns")
        maker.press("导入", "money-return")
        assert page.get_by_text("没有这个编号的付款").count() == 1

        maker.go(f"/desk/payments/{second.pk}/")
        maker.check("money-payment-returned")
        maker.press("撤销付款")
        page.get_by_label("原因").fill("本人放弃")
        maker.press("确认撤销")
        maker.go(f"/desk/payments/{first.pk}/")
        maker.check("money-payment")
        page = worker.go("/m/payments/")
        worker.check("money-my")
        worker.press("看看怎么算出来的", "money-my-payment")
        assert page.get_by_text("(8,000.00 − 1,300.00) × 50%").count() == 1

        commit(budget, "career:1", 6000)
        commit(budget, "career:2", 5000, 1, person=standing.people["gamma_1"])
        maker.go(f"/desk/payments/budgets/{budget.pk}/")
        maker.check("money-budget-line")
        maker.go("/desk/payments/budgets/")
        maker.check("money-budgets")
        maker.go("/desk/payments/books/")
        maker.check("money-books")
        maker.go("/desk/payments/batches/")
        maker.check("money-batches")
    assert audit() == []
