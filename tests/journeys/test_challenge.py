"""A stranger's browser works before a name that is being guessed is tried again; then the devices are shown."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.world import World
from unionhall.access import attempts
from unionhall.access.tests.test_attempts import use_up

from .conftest import Visit

pytestmark = pytest.mark.browser
OWN = "a-word-of-my-own-11"


def test_the_browser_does_the_work_and_devices_are_listed(
    visit: Callable[..., Visit], standing: World, settings: object
) -> None:
    settings.TOTP_REQUIRED = False  # type: ignore[attr-defined]
    account = standing.accounts["chair_alpha"]
    account.set_password(OWN)
    account.save()
    use_up(attempts.NAME, "chair_alpha")
    window = visit("desk")
    page = window.go("/sign-in/?next=/account/sessions/")
    for _ in range(2):
        page.get_by_label("账号").fill("chair_alpha")
        page.get_by_label("密码").fill(OWN)
        page.get_by_role("button", name="登录", exact=True).click()
        window.settle()
        if page.locator("#challenge").count():
            page.get_by_text("安全检查完成").wait_for(timeout=30_000)
            window.check("desk-challenge")
    expect(page).to_have_url(re.compile(r"/account/sessions/$"))
    assert page.get_by_text("当前设备").count() == 1
    window.check("desk-sessions")
    small = visit("phone", "worker_alpha")
    small.go("/m/sessions/")
    small.picture("worker-sessions")
