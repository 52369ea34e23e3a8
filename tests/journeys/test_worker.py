"""A worker on a phone in large type: signs in, joins, the chair approves; then every page of the site."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.world import resident_id

from .conftest import Visit

pytestmark = pytest.mark.browser
PHONE, WORKER = "13800000001", resident_id(date(1990, 2, 3), "1", 40)


@pytest.fixture(autouse=True)
def _demo_outbox(settings: object) -> None:
    settings.SMS_BACKEND = "demo"  # type: ignore[attr-defined]


def sign_in(window: Visit, phone: str = PHONE) -> None:
    page = window.go("/m/sign-in/")
    window.picture("sign-in")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="获取验证码").click()
    window.check("sign-in-code")
    text = page.locator(".notice").inner_text()
    code = re.search(r"验证码 (\d{6})", text)
    assert code
    page.get_by_label("验证码").fill(code[1])
    page.get_by_role("button", name="登录", exact=True).click()


def larger(window: Visit) -> None:
    window.go("/m/sign-in/")
    window.page.get_by_role("button", name="大字版").click()
    window.check()


def test_joining_and_every_page_in_large_type(visit: Callable[..., Visit]) -> None:
    window = visit("phone")
    name = "elder-"
    larger(window)
    sign_in(window)
    page = window.check(f"{name}home-stranger")
    page.get_by_role("link", name="申请入会").first.click()
    window.check(f"{name}join-start")
    page.get_by_role("link", name="开始申请").click()
    window.check(f"{name}join-consent")
    for box in page.get_by_role("checkbox").all():
        assert not box.is_checked()
        box.check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("姓名").fill("钱多多")
    page.get_by_label("证件号码").fill("11010119900101")
    page.get_by_role("button", name="下一步").click()
    window.check(f"{name}join-identity-wrong")
    assert page.evaluate("document.activeElement.matches('.alert')")
    page.get_by_label("证件号码").fill(WORKER)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("单位名称").fill("安达")
    page.get_by_role("button", name="查找单位").click()
    window.check(f"{name}join-employer")
    page.get_by_label("江城安达快递有限公司").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("做什么工作").fill("快递员")
    page.get_by_label("合同制").check()
    page.get_by_label("不是", exact=True).check()
    window.check(f"{name}join-job")
    page.get_by_role("button", name="下一步").click()
    window.check(f"{name}join-check")
    page.get_by_role("button", name="提交申请").click()
    window.check(f"{name}join-done")
    number = page.locator(".result b.num").inner_text()
    page.get_by_role("link", name="打印回执").click()
    window.check(f"{name}join-receipt")

    desk = visit("desk", "chair_alpha")
    office = desk.go(f"/desk/reviews/{number}/")
    office.get_by_label("通过", exact=True).check()
    office.get_by_role("button", name="提交办理意见").click()
    desk.settle()
    assert number in office.get_by_role("status").first.inner_text()

    window.go("/m/")
    window.picture(f"{name}home-member")
    page.get_by_role("link", name="会员码").click()
    window.check(f"{name}card")
    first = page.locator(".qr svg").inner_html()
    assert first
    window.go("/m/messages/")
    window.picture(f"{name}messages")
    page.get_by_text("您已成为工会会员").click()
    window.check()
    for path, shot in (
        ("/m/matters/", "matters"),
        ("/m/profile/", "profile"),
        ("/m/consents/", "consents"),
        ("/m/consents/identity/withdraw/", "consent-withdraw"),
        ("/m/profile/history/", "history"),
        ("/m/profile/edit/", "profile-edit"),
        ("/m/profile/phone/", "phone"),
        ("/m/profile/data/", "data"),
        ("/m/help/", "help"),
        ("/m/card/paper/", "paper"),
        ("/m/card/loss/", "loss"),
        ("/m/transfer/?q=博远", "transfer"),
        ("/m/withdraw/", "withdraw"),
        ("/m/retain/", "retain"),
    ):
        window.go(path)
        window.picture(f"{name}{shot}")


def test_my_number_hides_again(visit: Callable[..., Visit]) -> None:
    window = visit("phone", "worker_alpha")
    page = window.go("/m/profile/")
    page.get_by_role("link", name=re.compile(r"查看\s*证件号码")).click()
    page.locator("#dialog").get_by_role("button", name="查看").click()
    expect(page.locator("#id_number b.num")).to_have_text(re.compile(r"^\d{17}[\dX]$"))
    window.check("profile-revealed")


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_nothing_scrolls_sideways_at_360(visit: Callable[..., Visit], elder: bool) -> None:
    window = visit("narrow", "worker_alpha")
    if elder:
        larger_on_help(window)
    for path in ("/m/", "/m/join/", "/m/card/", "/m/profile/", "/m/matters/", "/m/transfer/?q=博远"):
        window.go(path)
        assert window.page.locator("html[data-large]").count() == int(elder)


def larger_on_help(window: Visit) -> None:
    window.go("/m/help/")
    window.page.get_by_role("button", name="大字版").click()
    window.check()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_public_pages(visit: Callable[..., Visit], size: str) -> None:
    window = visit(size)
    for path in ("/", "/privacy/", "/accessibility/", "/verify/", "/verify/ABCDEF"):
        window.go(path)
        window.picture(f"public{path.replace('/', '-')}")
