"""An officer keeps the register: find, reveal, message, export, transfer; who may see what, and why; the journal."""

from collections.abc import Callable

import pytest

from tests.world import World
from unionhall.members.models import Export

from .conftest import Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_find_reveal_and_be_seen(visit: Open, standing: World, size: str) -> None:
    window = visit(size, "chair_alpha")
    person = standing.people["alpha_1"]
    page = window.go("/desk/members/")
    window.check("members-list")
    page.get_by_role("textbox", name="按号码查找").fill(person.id_number.reveal())
    page.get_by_role("button", name="查找", exact=True).first.click()
    window.check("members-found")
    assert person.id_number.reveal() not in page.url
    page.get_by_role("link", name=person.name, exact=True).click()
    window.check("member-detail")
    page.locator("#reveal-phone a").click()
    page.get_by_label("查看原因").select_option("联系本人")
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_text(person.phone.reveal()).wait_for()
    page.get_by_text("秒后隐藏").wait_for()
    window.check("member-revealed")
    worker = visit("phone", "worker_alpha")
    worker.go("/m/who-saw/").get_by_text("联系本人").wait_for()
    worker.check("who-saw")
    auditor = visit(size, "auditor")
    auditor.go("/desk/journal/").get_by_role("cell", name="查看完整号码").first.wait_for()
    auditor.check("journal")


def test_reveal_without_script(visit: Open, standing: World) -> None:
    window = visit("desk", "chair_alpha", scripts=False)
    person = standing.people["alpha_1"]
    page = window.go(f"/desk/members/{person.pk}/")
    page.locator("#reveal-id-number a").click()
    page.get_by_label("查看原因").select_option("本人到场查询")
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_text(person.id_number.reveal()).wait_for()
    assert page.locator('meta[http-equiv="refresh"]').count() == 1


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_filters_live_in_the_address_and_survive_back(visit: Open, size: str) -> None:
    window = visit(size, "pier_officer")
    page = window.go("/desk/members/")
    page.get_by_text("更多条件").click()
    page.get_by_label("性别").select_option("2")
    page.wait_for_url("**sex=2**")
    page.get_by_text("共 3 名会员").wait_for()
    page.locator("#list tbody a").first.click()
    window.settle()
    page.go_back()
    window.check("members-filtered")
    assert "sex=2" in page.url
    page.get_by_text("共 3 名会员").wait_for()


def test_ticking_everything_and_writing_to_them(visit: Open) -> None:
    window = visit("desk", "pier_officer")
    page = window.go("/desk/members/?sex=2")
    page.get_by_label("选择本页").check(force=True)
    page.get_by_text("已选本页").first.wait_for()
    page.get_by_label("选择全部").check()
    page.get_by_role("button", name="发消息").click()
    window.check("message-new")
    page.get_by_label("标题").fill("女职工体检")
    page.get_by_label("内容").fill("请于周五前报名。")
    page.get_by_role("button", name="发送", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    page.get_by_text("未成功 3").wait_for()
    window.check("message-result")


def test_an_export_from_asking_to_downloading(visit: Open, work: Callable[[], None]) -> None:
    window = visit("desk", "chair_alpha")
    page = window.go("/desk/members/")
    page.get_by_role("link", name="导出 Excel").click()
    window.check("export-new")
    page.get_by_label("用途").fill("报区总工会年度统计")
    page.get_by_role("button", name="开始导出").click()
    window.check("export-waiting")
    work()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Export.objects.everywhere(reason="test").get().rows == 3
    window.go("/desk/exports/")
    window.check("exports")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_forms_of_the_register(visit: Open, standing: World, size: str) -> None:
    window, person = visit(size, "chair_alpha"), standing.people["alpha_2"]
    window.go("/desk/members/new/").get_by_role("button", name="登记", exact=True).click()
    window.check("register-errors")
    for name, path in (
        ("member-edit", f"/desk/members/{person.pk}/edit/"),
        ("member-employment", f"/desk/members/{person.pk}/employment/"),
        ("transfer-new", f"/desk/transfers/out/{standing.memberships['alpha_2'].pk}/"),
        ("transfer-in", "/desk/transfers/in/"),
        ("standing-new", f"/desk/standing/new/{standing.memberships['alpha_2'].pk}/deemed/"),
        ("transfers", "/desk/transfers/"),
        ("standing", "/desk/standing/"),
        ("messages", "/desk/messages/"),
        ("search", "/desk/search/?q=张"),
    ):
        window.go(path)
        window.check(name)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_accounts_and_why(visit: Open, standing: World, size: str) -> None:
    window = visit(size, "east_officer")
    page = window.go("/desk/settings/accounts/")
    window.check("accounts")
    page.get_by_role("link", name="基层工会主席·chair_beta").click()
    window.check("account")
    page.get_by_role("link", name="授权", exact=True).click()
    window.check("grant")
    page = window.go("/desk/settings/explain/")
    page.get_by_label("账号", exact=False).first.fill("chair_alpha")
    page.get_by_label("会员", exact=False).last.fill(standing.people["beta_1"].id_number.reveal())
    page.get_by_role("button", name="查询").click()
    page.get_by_text("不在这个工会的范围内").first.wait_for()
    window.check("explained")
