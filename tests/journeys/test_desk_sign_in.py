"""The desk's door: password given by an administrator, a password of one's own, an authenticator, recovery codes."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import expect

from tests.world import World

from .conftest import Visit

pytestmark = pytest.mark.browser
GIVEN, OWN = "handed-over-by-office", "a-word-of-my-own-11"


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.TOTP_REQUIRED = True  # type: ignore[attr-defined]


def shown_by_the_app(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_first_and_second_sign_in(visit: Callable[..., Visit], standing: World, size: str) -> None:
    account = standing.accounts["chair_alpha"]
    account.set_password(GIVEN)
    account.must_change_password = True
    account.save()
    window = visit(size)
    page = window.go("/desk/reviews/")
    page.get_by_label("账号").fill("chair_alpha")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录", exact=True).click()
    window.check("desk-sign-in-wrong")
    page.get_by_label("密码").fill(GIVEN)
    page.get_by_role("button", name="登录", exact=True).click()
    window.check("desk-initial-password")
    page.get_by_label("新密码", exact=False).first.fill(OWN)
    page.get_by_label("再输一次新密码").fill(OWN)
    page.get_by_role("button", name="保存并继续").click()
    window.check("desk-enrol")
    secret = page.locator(".qr-box b.num").inner_text().replace(" ", "")
    page.get_by_label("验证器上的动态码").fill(shown_by_the_app(secret))
    page.get_by_role("button", name="开通并登录").click()
    window.check("desk-recovery")
    codes = page.locator("li.num").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="已保存，进入工作台").click()
    expect(page).to_have_url(re.compile(r"/desk/reviews/$"))

    again = visit(size)
    page = again.go("/sign-in/")
    page.get_by_label("账号").fill("chair_alpha")
    page.get_by_label("密码").fill(OWN)
    page.get_by_role("button", name="登录", exact=True).click()
    again.check("desk-second")
    page.get_by_label("动态码或恢复码").fill(codes[0])
    page.get_by_role("button", name="验证并登录").click()
    expect(page).to_have_url(re.compile("/desk/"))
