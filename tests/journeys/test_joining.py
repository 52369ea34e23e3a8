"""Journey 3: a worker joins on a phone, the chair approves at the desk, the card is shown and checked."""

import re
import time
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.world import World, phone_of, resident_id
from unionhall.access.models import SentText
from unionhall.foundation.sealing import phone_index
from unionhall.members import cards
from unionhall.members.models import Card

from .conftest import Visit

pytestmark = pytest.mark.browser

NAME, PHONE = "买合木提·阿不都热依木", phone_of(7777)
IDENTITY = resident_id(date(1994, 2, 3), "1", 21)


@pytest.fixture(autouse=True)
def _texts_go_to_the_demo_outbox(settings: Any) -> None:
    settings.SMS_BACKEND = "demo"


def code_sent_to(phone: str) -> str:
    """What the last text to a phone says, read from the outbox that stands in for the gateway."""
    text = SentText.objects.filter(phone_index=phone_index(phone)).latest("pk").text
    found = re.search(r"\d{6}", text)
    assert found is not None
    return found[0]


def sign_in_by_code(window: Visit, phone: str) -> None:
    """At the worker's door: the phone number, then the six digits."""
    page = window.go("/m/")
    assert "/m/sign-in/" in page.url
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="获取验证码").click()
    window.check("join-2-code")
    page.get_by_label("验证码").fill(code_sent_to(phone))
    window.press("登录")
    assert page.url.endswith("/m/")


def answer_until_check(window: Visit, *, wrong_first: bool) -> None:
    """Consents, identity, employer, job: to the page that shows all answers."""
    page = window.page
    window.press("开始申请", "join-4-consent")
    assert page.locator("input[type=checkbox]:checked").count() == 0  # consent is never given beforehand
    if wrong_first:
        page = window.press("下一步", "join-5-consent-missing")
        assert page.get_by_role("alert").locator("li").count() == 3
    for box in page.locator("input[type=checkbox]").all():
        box.check()
    window.press("下一步", "join-6-identity")
    page.get_by_label("姓名").fill(NAME.replace("·", "•"))  # another of the dots that keyboards offer
    if wrong_first:
        page.get_by_label("证件号码").fill(IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2"))
        page = window.press("下一步", "join-7-identity-wrong")
        assert "校验" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("姓名").input_value()  # what was typed stays
    page.get_by_label("证件号码").fill(IDENTITY)
    window.press("下一步", "join-8-employer")
    page.get_by_label("单位名称").fill("安达")
    page = window.press("查找单位", "join-9-employers")
    page.get_by_label(re.compile("江城安达快递有限公司")).check()
    window.press("下一步", "join-10-job")
    page.get_by_label("做什么工作").fill("分拣员")
    page.get_by_role("radio").first.check()
    page.get_by_role("group", name=re.compile("农民工")).get_by_label("是", exact=True).check()
    page = window.press("下一步", "join-11-check")
    text = page.locator("main").inner_text()
    assert NAME in text
    assert "江城安达快递有限公司工会委员会" in text
    assert IDENTITY not in text


def submit_and_read_the_answer(window: Visit) -> str:
    """Every submission answers with a number, who handles it, by when and what next."""
    page = window.press("提交申请", "join-12-done")
    text = page.locator("main").inner_text()
    number = re.search(r"RH\d{13}", text)
    assert number is not None
    assert "江城安达快递有限公司工会委员会（基层工会主席）" in text
    assert re.search(r"20\d\d-\d\d-\d\d", text)
    window.press("查看办理进度", "join-13-progress")
    return number[0]


def approve(chair: Visit, number: str) -> None:
    """The chair finds it in the queue and approves."""
    page = chair.go("/desk/reviews/")
    chair.picture("desk-reviews")
    page.get_by_role("link", name=re.compile(number)).or_(
        page.get_by_role("row", name=re.compile(number)).get_by_role("link")
    ).first.click()
    chair.check("desk-review")
    text = page.locator("main").inner_text()
    assert NAME in text
    assert IDENTITY not in text
    page.get_by_label("通过", exact=True).check()
    page = chair.press("提交办理意见")
    assert number in page.get_by_role("status").first.inner_text()


def test_a_worker_joins_and_shows_the_card(
    visit: Callable[..., Visit], standing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = visit("phone")
    window.go("/m/sign-in/")
    window.picture("join-1-phone")
    sign_in_by_code(window, PHONE)
    window.picture("join-3-home-stranger")
    window.page.locator("main").get_by_role("link", name="申请入会").first.click()
    window.check()
    answer_until_check(window, wrong_first=True)
    number = submit_and_read_the_answer(window)

    approve(visit("desk", "chair_alpha"), number)

    page = window.go("/m/")
    window.picture("join-14-home-member")
    assert "入会" in page.locator("main").inner_text()
    page = window.go("/m/messages/")
    window.picture("join-15-messages")
    page.locator("main").get_by_role("link").first.click()
    window.check("join-16-message")

    card = Card.objects.everywhere(reason="the card that was just issued").get(person__name=NAME)
    window.page.add_init_script(QUICK)
    shown = card_shows(window, card)
    checked = visit("phone")
    page = checked.go(f"/verify/{cards.current_code(card)}")
    checked.picture("verify-valid")
    text = page.locator("main").inner_text()
    assert "会员卡有效" in text
    assert "买*" in text
    for secret in (NAME, IDENTITY, PHONE, card.number, "安达"):
        assert secret not in page.content()

    # Half a minute later by both clocks the page has fetched another code by itself; the old one is refused.
    old, later = cards.current_code(card), time.time() + 121
    monkeypatch.setattr(cards, "time", SimpleNamespace(time=lambda: later))
    expect(window.page.locator("#qr-box path.qrline")).not_to_have_attribute("d", shown, timeout=15_000)
    window.check()
    assert qr_of(window) == drawing(cards.current_code(card))
    page = checked.go(f"/verify/{old}")
    checked.picture("verify-old")
    assert "未通过核验" in page.locator("h1").inner_text()

    window.press("打印纸质会员卡", "join-18-paper")
    page = window.press("生成并打印", "join-19-paper-sheet")
    card.refresh_from_db()
    assert "180" not in page.locator("h1").inner_text()
    page = checked.go(f"/verify/{cards.paper_code(card)}")
    assert "纸质会员卡" in page.locator("main").inner_text()


def drawing(token: str) -> str:
    """The line that draws the QR code of a token."""
    found = re.search(r'class="qrline"[^>]* d="([^"]+)"|d="([^"]+)"[^>]*class="qrline"', cards.picture(token))
    assert found is not None
    return found[1] or found[2]


def qr_of(window: Visit) -> str:
    line = window.page.locator("#qr-box path.qrline").get_attribute("d")
    assert line is not None
    return line


#: The card page waits half a minute before it asks for the next code; here a minute lasts ten seconds.
QUICK = """const real = window.setTimeout;
window.setTimeout = (call, wait, ...rest) => real(call, wait >= 30000 ? wait / 6 : wait, ...rest)"""


def card_shows(window: Visit, card: Card) -> str:
    """The card page draws the code of this half minute (or of the one that ended while it was fetched)."""
    before = cards.current_code(card)
    page = window.go("/m/card/")
    window.picture("join-17-card")
    line = qr_of(window)
    assert line in {drawing(before), drawing(cards.current_code(card))}
    assert card.spaced_number in page.locator("main").inner_text()
    return line


def test_someone_who_is_no_member_signs_in_and_asks(visit: Callable[..., Visit], standing: World) -> None:
    window = visit("narrow")
    sign_in_by_code(window, phone_of(8))  # 周平 stands in the register and belongs to no union
    for path in ("/m/matters/", "/m/messages/", "/m/profile/", "/m/card/", "/m/applications/", "/m/help/"):
        page = window.go(path)
        assert page.locator("h1").count() == 1
        window.picture(f"stranger{path.replace('/', '-')}")
    assert "12351" in window.page.content()


def test_large_letters_for_elders(visit: Callable[..., Visit], standing: World) -> None:
    window = visit("phone", "worker_alpha")
    page = window.go("/m/")
    page.get_by_role("button", name="大字版").click()
    window.settle()
    for path in ("/m/", "/m/card/", "/m/profile/", "/m/messages/", "/m/join/"):
        page = window.go(path)
        window.picture(f"elder{path.replace('/', '-')}")
        small = page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter(one => {
                const own = [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
                return own && one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 18;
            }).map(one => one.outerHTML.slice(0, 90))"""
        )
        assert small == [], f"{path}: text below 18px"
        low = page.evaluate(
            """() => [...document.querySelectorAll('button, a.btn, .tabbar a, .row-links a')].filter(one =>
                one.offsetParent && one.getBoundingClientRect().height < 59.5
            ).map(one => one.outerHTML.slice(0, 90))"""
        )
        assert low == [], f"{path}: targets below 60px"


def test_joining_without_javascript(visit: Callable[..., Visit], standing: World) -> None:
    window = visit("phone", scripts=False)
    sign_in_by_code(window, PHONE)
    window.page.locator("main").get_by_role("link", name="申请入会").first.click()
    window.check()
    answer_until_check(window, wrong_first=False)
    assert submit_and_read_the_answer(window).startswith("RH")
