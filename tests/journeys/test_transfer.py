"""会籍转接: a union starts it, the worker agrees on the phone, both unions consent; or the worker declines."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.world import World
from unionhall.members.models import Card, Membership

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"
NUMBER = re.compile(r"[A-Z]{2}\d{13}")


def home_of(world: World) -> Membership:
    rows = Membership.objects.everywhere(reason=WHY).current().select_related("organisation")
    return rows.get(person=world.people["alpha_1"])


def start(window: Visit, world: World) -> str:
    """The chair sends a member to another union; the answer carries a number."""
    page = window.go(f"/desk/members/{world.people['alpha_1'].pk}/")
    window.picture("member")
    page.locator("main").get_by_role("link", name=re.compile("转接|转出")).first.click()
    page = window.check("transfer-new")
    page.get_by_label("转入工会").fill(world.unions["beta"].name)
    page.get_by_label("转接原因").fill("到博远电子工作")
    page = window.press("提交", "transfer-started")
    assert "等待本人同意" in page.locator("main").inner_text()
    return str(NUMBER.findall(page.locator("main").inner_text())[0])


def decide(window: Visit, number: str, decision: str = "通过", opinion: str = "") -> None:
    page = window.go(f"/desk/reviews/{number}/")
    window.picture("transfer-review")
    page.get_by_label(decision, exact=True).check()
    page.get_by_label("意见").fill(opinion)
    window.press("提交办理意见")


def answer(window: Visit, button: str) -> None:
    """From the message about it to the button."""
    page = window.go("/m/messages/")
    page.locator("main").get_by_role("link", name=re.compile("转接")).first.click()
    page = window.check("transfer-message")
    page.locator("main").get_by_role("link").first.click()
    window.check("transfer-answer")
    page.get_by_role("button", name=button, exact=True).click()
    if button == "不同意":
        window.check("transfer-sure")
        with page.expect_navigation():
            page.locator("#confirm").get_by_role("button", name="确定").click()
        expect(page.get_by_text("会籍不变", exact=False).first).to_be_visible()
    window.check("transfer-answered")


def test_a_worker_moves_with_the_consent_of_both_unions(visit: Callable[..., Visit], standing: World) -> None:
    """He asks on the phone, which is his own consent; each union decides its step."""
    card = Card.objects.everywhere(reason=WHY).get(person=standing.people["alpha_1"])
    worker = visit("phone", "worker_alpha")
    page = worker.go("/m/consents/")  # one who came in by a roster has agreed to nothing yet
    for _ in range(2):
        page.locator("main").get_by_role("button", name=re.compile("同意")).first.click()
        worker.check("consents")
    page = worker.go("/m/transfer/")
    page.get_by_label("新单位或新工会的名称").fill("博远")
    worker.press("查找", "transfer-ask")
    page.get_by_role("radio").first.check()
    page.get_by_label("转接原因").fill("到博远电子工作")
    worker.press("提交转接申请", "transfer-asked")
    number = NUMBER.findall(page.locator("main").inner_text())[0]
    origin, destination = visit("desk", "chair_alpha"), visit("desk", "chair_beta")
    decide(origin, number)
    assert home_of(standing).organisation == standing.unions["alpha"]  # one consent is still missing
    decide(destination, number)
    moved = home_of(standing)
    assert moved.organisation == standing.unions["beta"]
    assert moved.joined_on == standing.memberships["alpha_1"].joined_on
    page = worker.go("/m/card/")
    assert card.spaced_number in page.locator("main").inner_text()  # the card stays the same
    assert "博远电子" in page.locator("main").inner_text()
    worker.go("/m/profile/history/")
    worker.picture("transfer-history")
    page = origin.go("/desk/transfers/")
    origin.picture("transfers")
    assert "已通过" in page.locator("main").inner_text()


def test_a_union_asks_and_the_worker_agrees_or_declines(visit: Callable[..., Visit], standing: World) -> None:
    origin, worker = visit("desk", "chair_alpha"), visit("phone", "worker_alpha")
    start(origin, standing)
    answer(worker, "不同意")
    assert home_of(standing).organisation == standing.unions["alpha"]
    number = start(origin, standing)
    destination = visit("desk", "chair_beta")
    page = destination.go(f"/desk/reviews/{number}/")
    page.get_by_label("通过", exact=True).check()
    page = destination.press("提交办理意见", "transfer-too-early")
    assert "本人" in page.get_by_role("alert").inner_text()  # not before the worker has agreed
    answer(worker, "同意转接")
    decide(destination, number)
    assert home_of(standing).organisation == standing.unions["beta"]
